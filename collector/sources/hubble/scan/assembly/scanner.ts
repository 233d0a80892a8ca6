import { afterLiteral, afterPlainText, afterValue, afterWhole, whole } from './json.ts';
import {
  AT,
  EFFECT_BYTES,
  END,
  ENDPOINT_ARENA,
  ENDPOINT_BYTES,
  ENDPOINT_ENTRIES,
  ENDPOINT_PLACES,
  ENDPOINT_STARTS,
  FIELD_BYTES,
  FIELD_INNER,
  FIELD_KIND,
  FIELD_MASK,
  FIELD_OTHER,
  FIELD_SIZE,
  FIELD_SLOT,
  FIELDS,
  GUESS_MASK,
  GUESSES,
  LINE,
  MOST_STATES,
  NAMES,
  RESETS,
  SLOT_BYTES,
  UNKNOWN,
  VALUE,
  WORD_ARENA,
  WORD_BYTES,
  WORD_ENTRIES,
  WORD_PLACES,
  WORD_STARTS,
} from './layout.ts';
import { clearBook, numberOf, openBook, sizeIfAt, usedBytes, usedEntries } from './numbers.ts';
import {
  addEffect,
  beginSegment,
  clearSegments,
  effectsFrom,
  effectsTo,
  fieldBehind,
  findSegment,
  finishSegment,
  openIn,
  putBehind,
  sizeOfSegment,
  stateBehind,
  stateOf,
} from './segments.ts';

/** The numbers of `fields.ts`. */
const SKIP: u8 = 0;
const DECLINE: u8 = 1;
const WORD: u8 = 2;
const TEXT: u8 = 3;
const NUMBER: u8 = 4;
const RAW: u8 = 6;
const ENDPOINT: u8 = 7;
const OBJECT: u8 = 8;
const NAME: u8 = 10;
const CODE: u8 = 11;
const PASS: u8 = 13;
const SLOT_SOURCE: u32 = 25;
const SLOT_SOURCE_IP: u32 = 9;
const SLOT_DESTINATION_IP: u32 = 10;

const COMMA: u8 = 0x2c;
const COLON: u8 = 0x3a;
const OPEN_OBJECT: u8 = 0x7b;
const CLOSE_OBJECT: u8 = 0x7d;
const DECLINED: u32 = 256;

/** A line adds fewer words: those of its slots, and of one segment that is declined for what it says twice. */
const MOST_WORDS: u32 = 128;
const MAX_LINE_BYTES: u32 = 8192;
/** What stands behind a segment: nothing, since the line is over. */
const OVER: u32 = 254;
const PAGE: usize = 65536;
const GROWTH_PAGES: i32 = 16;

/** The books of numbers. */
const WORDS: usize = 0x14400;
const ENDPOINTS: usize = 0x14440;

let pos: usize = 0;
/** Which objects are open where a segment is read: their scopes as digits of four bits, the innermost last. */
let open: u32 = 0;
/** The state before a line. */
let start: u32 = 0;

/** Sets everything up; false when there is no memory for it. */
export function begin(): bool {
  const needed = ENDPOINT_ARENA + <usize>GROWTH_PAGES * PAGE;
  const missing = <i32>((needed + PAGE - 1) / PAGE) - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) return false;
  openBook(WORDS, WORD_ENTRIES, WORD_PLACES, WORD_STARTS, WORD_ARENA);
  openBook(ENDPOINTS, ENDPOINT_ENTRIES, ENDPOINT_PLACES, ENDPOINT_STARTS, ENDPOINT_ARENA);
  clearSegments();
  start = stateOf(0, OVER);
  return true;
}

/** True when there is memory behind the endpoints for those of another line. */
function hasMemory(): bool {
  const needed = ENDPOINT_ARENA + usedBytes(ENDPOINTS) + MAX_LINE_BYTES + 64;
  return needed <= <usize>memory.size() * PAGE || memory.grow(GROWTH_PAGES) >= 0;
}

function makeRoom(): void {
  const hasRoom =
    usedEntries(WORDS) + MOST_WORDS <= WORD_ENTRIES &&
    usedBytes(WORDS) + MAX_LINE_BYTES <= WORD_BYTES &&
    usedEntries(ENDPOINTS) + 2 <= ENDPOINT_ENTRIES &&
    usedBytes(ENDPOINTS) + MAX_LINE_BYTES <= ENDPOINT_BYTES;
  if (hasRoom && hasMemory()) return;
  clearBook(WORDS);
  clearBook(ENDPOINTS);
  memory.fill(GUESSES, 0, (GUESS_MASK + 1) * 4);
  clearSegments();
  store<i32>(RESETS, load<i32>(RESETS) + 1);
}

/** Scans the line of this size at {@link LINE}; false when it does not answer for it. */
export function scan(size: u32): bool {
  if (size > MAX_LINE_BYTES) return false;
  const zeros = i32x4.splat(0);
  v128.store(LINE + size, zeros);
  for (let place = AT; place < AT + SLOT_BYTES; place += 16) v128.store(place, zeros);
  makeRoom();
  pos = LINE;
  return readSegments() && pos === LINE + size;
}

/** A line is segments with values between them. */
function readSegments(): bool {
  let state = start;
  let field = UNKNOWN;
  while (field !== OVER) {
    const known = state === MOST_STATES ? 0 : findSegment(state, pos);
    const segment = known === 0 ? learn(state) : known;
    if (segment === 0 || !take(segment)) return false;
    field = fieldBehind(segment);
    if (field !== OVER && !readValue(field)) return false;
    state = stateBehind(segment);
  }
  return true;
}

/** What a segment says is put down; false when something was said before. */
function take(segment: u32): bool {
  const from = <u32>(pos - LINE);
  const last = effectsTo(segment);
  for (let effect = effectsFrom(segment); effect < last; effect += EFFECT_BYTES) {
    const slot = <usize>load<u32>(effect) * 4;
    if (load<u32>(AT + slot) !== 0) return false;
    store<u32>(AT + slot, from + load<u32>(effect, 4));
    store<u32>(END + slot, from + load<u32>(effect, 8));
    store<u32>(VALUE + slot, load<u32>(effect, 12));
  }
  pos += sizeOfSegment(segment);
  return true;
}

/** Reads a segment key by key; 0 when it is none. Where a line is read is back at its beginning then. */
function learn(state: u32): u32 {
  const from = pos;
  beginSegment();
  open = openIn(state);
  const field = state === start ? enter(0, from) : goOn(from);
  if (field === DECLINED) return 0;
  const segment = finishSegment(from, <u32>(pos - from), state);
  putBehind(segment, field, field === OVER ? start : stateOf(open, field));
  pos = from;
  return segment;
}

/** Behind an opening brace: the first field, or what follows an object that is empty. */
function enter(scope: u32, from: usize): u32 {
  if (load<u8>(pos) !== OPEN_OBJECT) return DECLINED;
  pos += 1;
  open = (open << 4) | (scope + 1);
  return load<u8>(pos) === CLOSE_OBJECT ? goOn(from) : readField(from);
}

/** Behind a value: closes what ends here, up to the next field that ends a segment. */
function goOn(from: usize): u32 {
  while (load<u8>(pos) === CLOSE_OBJECT) {
    pos += 1;
    open >>= 4;
    if (open === 0) return OVER;
  }
  if (load<u8>(pos) !== COMMA) return DECLINED;
  pos += 1;
  return readField(from);
}

/** A key and its colon; what belongs to the segment is read on. Calls itself once for each such field: a line is short. */
function readField(from: usize): u32 {
  const field = readKey((open & 15) - 1);
  if (field === DECLINED || field === UNKNOWN) return field;
  const place = fieldAt(field);
  const kind = load<u8>(place, FIELD_KIND);
  if (kind === DECLINE) return DECLINED;
  const slot = <u32>load<u8>(place, FIELD_SLOT);
  if (kind === OBJECT) {
    const at = <u32>(pos - from);
    return addEffect(slot, 0, at, at) ? enter(load<u8>(place, FIELD_INNER), from) : DECLINED;
  }
  if (kind < NAME) return field;
  return readFew(kind, slot, from) ? goOn(from) : DECLINED;
}

/** A value that is part of the segment. */
function readFew(kind: u8, slot: u32, from: usize): bool {
  const at = pos;
  if (kind === PASS) return moveTo(afterValue(at));
  if (kind === CODE) return moveTo(afterWhole(at)) && addEffect(slot, whole, <u32>(at - from), 0);
  if (kind === NAME) {
    if (!moveTo(afterPlainText(at))) return false;
    const number = numberOf(at + 1, <u32>(pos - at - 2), WORDS);
    return number !== 0 && addEffect(slot, number, <u32>(at + 1 - from), <u32>(pos - 1 - from));
  }
  const first = load<u8>(at);
  if (first === 0x6e || !moveTo(afterLiteral(at))) return false;
  return addEffect(slot, first === 0x74 ? 2 : 1, <u32>(at - from), 0);
}

function fieldAt(field: u32): usize {
  return FIELDS + <usize>field * FIELD_BYTES;
}

function isKeyAt(field: u32, at: usize): bool {
  const place = fieldAt(field);
  const first = v128.and(v128.xor(v128.load(at), v128.load(place)), v128.load(place, FIELD_MASK));
  if (load<u8>(place, FIELD_SIZE) <= 16) return !v128.any_true(first);
  const second = v128.and(
    v128.xor(v128.load(at, 16), v128.load(place, 16)),
    v128.load(place, FIELD_MASK + 16),
  );
  return !v128.any_true(v128.or(first, second));
}

/** The field whose name and colon stand here. */
function readKey(scope: u32): u32 {
  const end = afterPlainText(pos);
  if (end === 0 || load<u8>(end) !== COLON) return DECLINED;
  const field = fieldNamed(scope, end - pos - 2);
  pos = end + 1;
  return field;
}

function fieldNamed(scope: u32, size: usize): u32 {
  if (size === 0) return UNKNOWN;
  const bucket = (load<u8>(pos + 1) + 5 * <u32>load<u8>(pos + size) + 11 * <u32>size) & 63;
  let field = <u32>load<u8>(NAMES + scope * 64 + bucket);
  while (field !== UNKNOWN && !isKeyAt(field, pos)) field = load<u8>(fieldAt(field), FIELD_OTHER);
  return field;
}

function readValue(field: u32): bool {
  if (field === UNKNOWN) return moveTo(afterValue(pos));
  const place = fieldAt(field);
  const kind = load<u8>(place, FIELD_KIND);
  if (kind === SKIP) return moveTo(afterValue(pos));
  const slot = <u32>load<u8>(place, FIELD_SLOT);
  if (load<i32>(AT + slot * 4) !== 0) return false;
  const at = pos;
  store<u32>(AT + slot * 4, <u32>(at - LINE));
  switch (kind) {
    case WORD:
      return readText(slot) && putWord(slot, at + 1, pos - 1);
    case TEXT:
      return readText(slot);
    case NUMBER:
      return moveTo(afterWhole(at)) && put(slot, whole);
    case RAW:
      return moveTo(afterValue(at)) && put(slot, <i32>(pos - LINE));
    case ENDPOINT:
      return readEndpoint(slot);
    default:
      return moveTo(afterValue(at)) && putWord(slot, at, pos);
  }
}

function moveTo(at: usize): bool {
  pos = at;
  return at !== 0;
}

function put(slot: u32, value: i32): bool {
  store<i32>(VALUE + slot * 4, value);
  return true;
}

function readText(slot: u32): bool {
  const at = pos;
  if (!moveTo(afterPlainText(at))) return false;
  store<u32>(AT + slot * 4, <u32>(at + 1 - LINE));
  return put(slot, <i32>(pos - 1 - LINE));
}

function putWord(slot: u32, at: usize, end: usize): bool {
  store<u32>(END + slot * 4, <u32>(end - LINE));
  const number = numberOf(at, <u32>(end - at), WORDS);
  store<u32>(VALUE + slot * 4, number);
  return number !== 0;
}

/**
 * An object whose bytes are known needs no reading: no JSON object begins another one. Which one it may be, its
 * address tells, which stands before it.
 */
function readEndpoint(slot: u32): bool {
  const at = pos;
  if (load<u8>(at) !== OPEN_OBJECT) return false;
  const guessed = guessFor(slot, at);
  const guess = load<u32>(guessed);
  if (guess !== 0) {
    const size = sizeIfAt(at, guess, ENDPOINTS);
    if (size !== 0) {
      pos = at + size;
      return putEndpoint(slot, guess);
    }
  }
  if (!moveTo(afterValue(at))) return false;
  const number = numberOf(at, <u32>(pos - at), ENDPOINTS);
  store<u32>(guessed, number);
  return number !== 0 && putEndpoint(slot, number);
}

function putEndpoint(slot: u32, number: u32): bool {
  store<u32>(END + slot * 4, <u32>(pos - LINE));
  store<u32>(VALUE + slot * 4, number);
  return true;
}

function guessFor(slot: u32, at: usize): usize {
  const addressSlot = slot === SLOT_SOURCE ? SLOT_SOURCE_IP : SLOT_DESTINATION_IP;
  const address = load<u32>(AT + addressSlot * 4) === 0 ? 0 : load<u32>(VALUE + addressSlot * 4);
  const begin = load<u32>(at) ^ load<u32>(at + 4);
  const mixed = (address ^ (begin * 0x9e3779b1)) * 0x85ebca6b;
  return GUESSES + <usize>((mixed >> 16) & GUESS_MASK) * 4;
}
