import {
  EFFECT_BYTES,
  EFFECTS,
  MOST_EFFECTS,
  MOST_SEGMENTS,
  MOST_STATES,
  SEGMENT_BYTES,
  SEGMENT_EFFECTS,
  SEGMENT_FIELDS,
  SEGMENT_NEXT,
  SEGMENT_STARTS,
  SEGMENT_TEXTS,
  STATE_SEGMENTS,
  STATES,
  WAYS,
} from './layout.ts';
import { isSame } from './numbers.ts';

/*
 * The stretches between the values that differ from line to line: see `segments.ts` of the scanner in TypeScript,
 * which this one follows.
 */

const MOST_IN_SEGMENT: u32 = 64;
const MOST_MISSES: u32 = 65536;

let count: u32 = 0;
let misses: u32 = 0;
let effectCount: u32 = 0;
let states: u32 = 0;

function firstEffect(segment: u32): u32 {
  return load<u32>(SEGMENT_EFFECTS + segment * 4);
}

/** How long a segment is. */
export function sizeOfSegment(segment: u32): u32 {
  const place = SEGMENT_STARTS + segment * 4;
  return load<u32>(place, 4) - load<u32>(place);
}

/** The segment that stands at `at` in a state; 0 when it is none that is known. */
export function findSegment(state: u32, at: usize): u32 {
  const first = STATE_SEGMENTS + state * WAYS * 2;
  const last = first + WAYS * 2;
  for (let way = first; way < last; way += 2) {
    const segment = <u32>load<u16>(way);
    if (segment === 0) return 0;
    const text = SEGMENT_TEXTS + load<u32>(SEGMENT_STARTS + segment * 4);
    if (!isSame(at, text, sizeOfSegment(segment))) continue;
    if (way > first) {
      store<u16>(way, load<u16>(way - 2));
      store<u16>(way - 2, <u16>segment);
    }
    return segment;
  }
  return 0;
}

/** What is read behind a segment. */
export function fieldBehind(segment: u32): u32 {
  return load<u8>(SEGMENT_FIELDS + segment);
}

/** The state after what is read behind a segment. */
export function stateBehind(segment: u32): u32 {
  return load<u8>(SEGMENT_NEXT + segment);
}

/** The first effect of a segment, and the one behind its last. */
export function effectsFrom(segment: u32): usize {
  return EFFECTS + <usize>firstEffect(segment) * EFFECT_BYTES;
}
export function effectsTo(segment: u32): usize {
  return EFFECTS + <usize>firstEffect(segment + 1) * EFFECT_BYTES;
}

/** Forgets all segments; states stay what they are. */
export function clearSegments(): void {
  memory.fill(STATE_SEGMENTS, 0, (MOST_STATES + 1) * WAYS * 2);
  count = 0;
  misses = 0;
  store<u32>(SEGMENT_STARTS, 0, 4);
  store<u32>(SEGMENT_EFFECTS, 0, 4);
}

/** Begins a new segment: its effects follow. */
export function beginSegment(): void {
  misses += 1;
  const isFull = count === MOST_SEGMENTS - 1 || misses > MOST_MISSES;
  if (isFull || firstEffect(count + 1) > MOST_EFFECTS - MOST_IN_SEGMENT) clearSegments();
  effectCount = firstEffect(count + 1);
}

/** Something that a segment says; false when it says too much. */
export function addEffect(slot: u32, value: u32, at: u32, end: u32): bool {
  if (effectCount - firstEffect(count + 1) === MOST_IN_SEGMENT) return false;
  const place = EFFECTS + <usize>effectCount * EFFECT_BYTES;
  store<u32>(place, slot);
  store<u32>(place, at, 4);
  store<u32>(place, end, 8);
  store<u32>(place, value, 12);
  effectCount += 1;
  return true;
}

function freeWay(state: u32): usize {
  const first = STATE_SEGMENTS + state * WAYS * 2;
  for (let way = first; way < first + WAYS * 2; way += 2) if (load<u16>(way) === 0) return way;
  return 0;
}

/** Where the segment's field and next state are put, for the one that was just finished. */
export function putBehind(segment: u32, field: u32, next: u32): void {
  store<u8>(SEGMENT_FIELDS + segment, <u8>field);
  store<u8>(SEGMENT_NEXT + segment, <u8>next);
}

/** Ends the segment whose bytes these are, and keeps it where there is room. Valid until the next one begins. */
export function finishSegment(at: usize, size: u32, state: u32): u32 {
  const segment = count + 1;
  const start = load<u32>(SEGMENT_STARTS + segment * 4);
  store<u32>(SEGMENT_EFFECTS + segment * 4, effectCount, 4);
  store<u32>(SEGMENT_STARTS + segment * 4, start + size, 4);
  const way = freeWay(state);
  if (way === 0 || start + size > SEGMENT_BYTES) return segment;
  memory.copy(SEGMENT_TEXTS + start, at, size);
  store<u16>(way, <u16>segment);
  count = segment;
  return segment;
}

/** Which objects are open in a state, as digits of four bits: their scopes, the innermost last. */
export function openIn(state: u32): u32 {
  return load<u32>(STATES + state * 4) >> 8;
}

/** The number of a state; the last one stands for any beyond, and no segment is looked for there. */
export function stateOf(open: u32, field: u32): u32 {
  const key = (open << 8) | field;
  for (let state: u32 = 0; state < states; state += 1)
    if (load<u32>(STATES + state * 4) === key) return state;
  if (states === MOST_STATES) return MOST_STATES;
  store<u32>(STATES + states * 4, key);
  states += 1;
  return states - 1;
}
