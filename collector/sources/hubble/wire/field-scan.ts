import type { Cursor } from './cursor.ts';

/** What a decoder wants of a field: a small number, one run of bytes, or any number of them. */
export type Want = 'number' | 'bytes' | 'many';

/** Wants in bits: the wire type, halved and plus one; and whether there may be many. */
const SKIP = 0;
const MANY = 4;
const WANTS: Readonly<Record<Want, number>> = { number: 1, bytes: 2, many: 2 + MANY };
const wireTypeOf = (want: number): number => ((want & 3) - 1) * 2;

/** Numbers kept of each. */
const RUN = 4;

/** Bytes of a buffer. */
export interface Run {
  readonly at: number;
  readonly size: number;
}

const FIRST_POLICY_FIELD = 21_001;
const SLOTS = 64;

/** Fields to 47 have the slot of their own number; the few wanted ones above share what is left of 64. */
export function slotOf(field: number): number {
  if (field < 48) return field;
  if (field >= FIRST_POLICY_FIELD)
    return field < FIRST_POLICY_FIELD + 7 ? field - FIRST_POLICY_FIELD + 48 : 63;
  if (field === 1000 || field === 1001) return field - 1000 + 56;
  return field === 100 || field === 101 ? field - 100 + 58 : 63;
}

/**
 * One pass over a message's fields that notes where the wanted ones are and passes over all others. What it found
 * stands until its next pass.
 */
export class FieldScan {
  /** Where the bytes of a field begin, by slot; only for fields that were found. */
  readonly at = new Int32Array(SLOTS);
  /** How many they are; for a number, its value. */
  readonly size = new Int32Array(SLOTS);
  readonly #wants = new Uint8Array(SLOTS);
  /** Slot, begin, size and place of the length of each of what there may be many of. */
  readonly #runs: number[] = [];
  #runsUsed = 0;
  #low = 0;
  #high = 0;

  /** `wants` by field number. */
  constructor(wants: Readonly<Record<number, Want>>) {
    for (const [field, want] of Object.entries(wants)) this.#wants[slotOf(Number(field))] = WANTS[want];
  }

  /** Whether the slot's field was there; a number also when it was zero. */
  has(slot: number): boolean {
    return ((slot < 32 ? this.#low >>> slot : this.#high >>> (slot - 32)) & 1) === 1;
  }

  /** A number's value; 0 when it was absent, as protobuf has it. */
  number(slot: number): number {
    return this.has(slot) ? (this.size[slot] as number) : 0;
  }

  /**
   * Reads the message from `from` up to `to`; false when the cursor stopped, which then knows why. Written for speed:
   * what is usual is read here, by a position of its own, and the rest by the cursor.
   */
  scan(cursor: Cursor, from: number, to: number): boolean {
    const { bytes } = cursor;
    this.#begin(cursor, from, to);
    let pos = from;
    while (pos < to) {
      let tag = bytes[pos] as number;
      pos += 1;
      if (tag > 0x7f) {
        tag = cursor.more(tag, pos);
        pos = cursor.pos;
      }
      const isUsual = tag > 7 && (tag & 5) === 0 && pos < to;
      pos = isUsual ? this.#pass(cursor, tag, pos) : this.#passOdd(cursor, tag, pos);
      if (pos < 0) return false;
    }
    return pos === to || cursor.refuse('truncated');
  }

  /** Behind a number or bytes, noted if wanted; -1 when the cursor stopped. What is read here is there. */
  #pass(cursor: Cursor, tag: number, at: number): number {
    const slot = slotOf(tag >>> 3);
    const want = this.#wants[slot] as number;
    const type = tag & 7;
    let value = cursor.bytes[at] as number;
    let pos = at + 1;
    if (value > 0x7f) {
      value = want === SKIP && type === 0 ? cursor.passNumber(pos) : cursor.more(value, pos);
      pos = cursor.pos;
      if (value < 0) return -1;
    }
    const end = type === 2 ? pos + value : pos;
    if (end > cursor.end) return cursor.stop('truncated');
    if (want === SKIP) return end;
    this.at[slot] = pos;
    this.size[slot] = value;
    if (!this.#mark(cursor, slot, type)) return -1;
    if (want >= MANY) this.#note(slot, at);
    return end;
  }

  #begin(cursor: Cursor, from: number, to: number): void {
    cursor.begin(from, to);
    this.#low = 0;
    this.#high = 0;
    this.#runsUsed = 0;
  }

  /** Behind what is neither number nor bytes, if it is not wanted; -1 when the cursor stopped. */
  #passOdd(cursor: Cursor, tag: number, pos: number): number {
    if (tag < 8) return tag < 0 ? -1 : cursor.stop('malformed');
    if ((tag & 5) === 0) return cursor.stop('truncated');
    if (this.#wants[slotOf(tag >>> 3)] !== SKIP) return cursor.stop('wrong_wire_type');
    cursor.pos = pos;
    return cursor.skip(tag) < 0 ? -1 : cursor.pos;
  }

  #mark(cursor: Cursor, slot: number, wireType: number): boolean {
    const want = this.#wants[slot] as number;
    if (wireTypeOf(want) !== wireType) return cursor.refuse('wrong_wire_type');
    if (want < MANY && this.has(slot)) return cursor.decline();
    if (slot < 32) this.#low |= 1 << slot;
    else this.#high |= 1 << (slot - 32);
    return true;
  }

  /** Notes the run that was just found, whose length stands at `head`. */
  #note(slot: number, head: number): void {
    const runs = this.#runs;
    runs[this.#runsUsed] = slot;
    runs[this.#runsUsed + 1] = this.at[slot] as number;
    runs[this.#runsUsed + 2] = this.size[slot] as number;
    runs[this.#runsUsed + 3] = head;
    this.#runsUsed += RUN;
  }

  /**
   * From the length of a slot's first run to the end of its last, when none of another slot stands between them: what
   * they mean then depends on these bytes alone.
   */
  span(slot: number): Run | undefined {
    const runs = this.#runs;
    let first = -1;
    let last = -1;
    for (let i = 0; i < this.#runsUsed; i += RUN) {
      if (runs[i] !== slot) continue;
      if (first < 0) first = i;
      else if (i !== last + RUN) return undefined;
      last = i;
    }
    if (first < 0) return undefined;
    const at = runs[first + 3] as number;
    return { at, size: (runs[last + 1] as number) + (runs[last + 2] as number) - at };
  }

  /** What `read` makes of each of a slot's runs, in order; what it makes undefined of is left out. */
  each<Item>(slot: number, read: (at: number, size: number) => Item | undefined): Item[] {
    const items: Item[] = [];
    for (let i = 0; i < this.#runsUsed; i += RUN) {
      if (this.#runs[i] !== slot) continue;
      const item = read(this.#runs[i + 1] as number, this.#runs[i + 2] as number);
      if (item !== undefined) items.push(item);
    }
    return items;
  }
}
