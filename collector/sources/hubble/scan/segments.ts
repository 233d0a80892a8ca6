import { Runs } from './byte-runs.ts';

/** Of one state at most: then what is new is read the slow way. */
const WAYS = 24;
const MOST_STATES = 256;
const MOST_SEGMENTS = 4096;
const MOST_BYTES = 512 * 1024;
const MOST_EFFECTS = 4 * MOST_SEGMENTS;
const MOST_IN_SEGMENT = 64;
/** So many times something new is met before all is learnt anew: what was common once need not be now. */
const MOST_MISSES = 65_536;

/** No segment. */
export const NONE = 0;

/**
 * The stretches between the values that differ from line to line: keys, brackets, and values of which there are few.
 * What a stretch means depends on nothing but the state before it, so that one that was read once needs only to be
 * compared. Bounded: what does not fit is not learnt.
 */
export class Segments {
  readonly #runs = new Runs(new DataView(new ArrayBuffer(MOST_BYTES)), new Int32Array(MOST_SEGMENTS + 2));
  /** By state, its segments; those that are met more often come first. */
  readonly #ways = new Uint16Array(MOST_STATES * WAYS);
  readonly #states = new Map<number, number>();
  #count = 0;
  #misses = 0;
  #effectCount = 0;
  /** By state, which objects are open. */
  readonly open = new Float64Array(MOST_STATES);
  /** By segment: what is read behind it, and the state after that. */
  readonly field = new Int16Array(MOST_SEGMENTS + 1);
  readonly next = new Int16Array(MOST_SEGMENTS + 1);
  /** By segment, its first effect; its last is before that of the next one. */
  readonly effects = new Int32Array(MOST_SEGMENTS + 2);
  /** By effect: a slot, where in the segment its value begins and ends, and the value. */
  readonly slot = new Uint8Array(MOST_EFFECTS);
  readonly at = new Int32Array(MOST_EFFECTS);
  readonly end = new Int32Array(MOST_EFFECTS);
  readonly value = new Int32Array(MOST_EFFECTS);

  /** The segment that stands at `at` in a state, within `limit`; 0 when it is none that is known. */
  find(
    state: number,
    view: DataView,
    { at, limit }: { readonly at: number; readonly limit: number },
  ): number {
    const ways = this.#ways;
    const first = state * WAYS;
    for (let way = first; way < first + WAYS; way += 1) {
      const segment = ways[way] as number;
      if (segment === NONE) return NONE;
      if (at + this.#runs.sizeOf(segment) > limit || !this.#runs.isAt(segment, view, at)) continue;
      if (way > first) {
        ways[way] = ways[way - 1] as number;
        ways[way - 1] = segment;
      }
      return segment;
    }
    return NONE;
  }

  /** How long a segment is. */
  sizeOf(segment: number): number {
    return this.#runs.sizeOf(segment);
  }

  /** Forgets all segments; states stay what they are. */
  clear(): void {
    this.#ways.fill(NONE);
    this.#count = 0;
    this.#misses = 0;
    this.#runs.starts[1] = 0;
    this.effects[1] = 0;
  }

  /** Begins a new segment: its effects follow. */
  begin(): void {
    this.#misses += 1;
    const isFull = this.#count === MOST_SEGMENTS - 1 || this.#misses > MOST_MISSES;
    if (isFull || (this.effects[this.#count + 1] as number) > MOST_EFFECTS - MOST_IN_SEGMENT) this.clear();
    this.#effectCount = this.effects[this.#count + 1] as number;
  }

  /** Something that a segment says; false when it says too much. */
  addEffect(
    slot: number,
    value: number,
    { at, end }: { readonly at: number; readonly end: number },
  ): boolean {
    const effect = this.#effectCount;
    if (effect - (this.effects[this.#count + 1] as number) === MOST_IN_SEGMENT) return false;
    this.slot[effect] = slot;
    this.value[effect] = value;
    this.at[effect] = at;
    this.end[effect] = end;
    this.#effectCount += 1;
    return true;
  }

  /** Ends the segment whose bytes these are, and keeps it where there is room. Valid until the next one begins. */
  finish(bytes: Uint8Array, { state, field, next }: { state: number; field: number; next: number }): number {
    const segment = this.#count + 1;
    const { starts, view } = this.#runs;
    const start = starts[segment] as number;
    this.field[segment] = field;
    this.next[segment] = next;
    this.effects[segment + 1] = this.#effectCount;
    starts[segment + 1] = start + bytes.length;
    const free = this.#ways.subarray(state * WAYS, (state + 1) * WAYS).indexOf(NONE);
    if (free === -1 || start + bytes.length > MOST_BYTES) return segment;
    new Uint8Array(view.buffer).set(bytes, start);
    this.#ways[state * WAYS + free] = segment;
    this.#count = segment;
    return segment;
  }

  /** The number of a state: which objects are open, as a number made of their scopes, and behind which field it is. */
  stateOf(open: number, field: number): number {
    const key = open * 256 + field;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const state = this.#states.size;
    if (state === MOST_STATES) throw new Error('more states than there are fields');
    this.#states.set(key, state);
    this.open[state] = open;
    return state;
  }
}
