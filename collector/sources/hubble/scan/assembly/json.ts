/*
 * Passes over JSON (RFC 8259) without white space between its parts and with nothing but ASCII, sixteen bytes at a
 * time. Each `after…` answers the place behind what stands at `at`, or 0 when there is something else. The zeros
 * behind the line end everything.
 */

const QUOTE: u8 = 0x22;
const PLUS: u8 = 0x2b;
const COMMA: u8 = 0x2c;
const MINUS: u8 = 0x2d;
const DOT: u8 = 0x2e;
const ZERO: u8 = 0x30;
const COLON: u8 = 0x3a;
const OPEN_ARRAY: u8 = 0x5b;
const BACKSLASH: u8 = 0x5c;
const CLOSE_ARRAY: u8 = 0x5d;
const OPEN_OBJECT: u8 = 0x7b;
const CLOSE_OBJECT: u8 = 0x7d;
const MAX_DEPTH: i32 = 32;

const TRUE: u32 = 0x65757274;
const NULL: u32 = 0x6c6c756e;
const ALSE: u32 = 0x65736c61;

/** A bit for each byte that does not simply stand for itself in a text. */
function specialsIn(bytes: v128): i32 {
  const marks = v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), i8x16.eq(bytes, i8x16.splat(0x5c)));
  return i8x16.bitmask(v128.or(marks, i8x16.lt_s(bytes, i8x16.splat(0x20))));
}

/** Where the first byte stands that is no plain part of a text: a quote, a backslash, a control byte, not ASCII. */
function plainEnd(from: usize): usize {
  let at = from;
  let found = specialsIn(v128.load(at));
  while (found === 0) {
    at += 16;
    found = specialsIn(v128.load(at));
  }
  return at + ctz(found);
}

/** Behind a text without escapes. */
export function afterPlainText(at: usize): usize {
  if (load<u8>(at) !== QUOTE) return 0;
  const end = plainEnd(at + 1);
  return load<u8>(end) === QUOTE ? end + 1 : 0;
}

function isHexDigit(byte: u8): bool {
  const lower = byte | 0x20;
  return (byte >= ZERO && byte <= 0x39) || (lower >= 0x61 && lower <= 0x66);
}

/** `at` is behind the backslash. */
function afterEscape(at: usize): usize {
  const byte = load<u8>(at);
  if (byte === 0x75) {
    for (let i: usize = 1; i <= 4; i += 1) if (!isHexDigit(load<u8>(at + i))) return 0;
    return at + 5;
  }
  const isOne =
    byte === QUOTE ||
    byte === BACKSLASH ||
    byte === 0x2f ||
    byte === 0x62 ||
    byte === 0x66 ||
    byte === 0x6e ||
    byte === 0x72 ||
    byte === 0x74;
  return isOne ? at + 1 : 0;
}

function afterText(from: usize): usize {
  let at = plainEnd(from + 1);
  while (load<u8>(at) === BACKSLASH) {
    const behind = afterEscape(at + 1);
    if (behind === 0) return 0;
    at = plainEnd(behind);
  }
  return load<u8>(at) === QUOTE ? at + 1 : 0;
}

function isDigit(byte: u8): bool {
  return byte >= ZERO && byte <= 0x39;
}

function afterDigits(from: usize): usize {
  let at = from;
  while (isDigit(load<u8>(at))) at += 1;
  return at === from ? 0 : at;
}

function afterNumber(from: usize): usize {
  let at = load<u8>(from) === MINUS ? from + 1 : from;
  at = load<u8>(at) === ZERO ? at + 1 : afterDigits(at);
  if (at === 0) return 0;
  if (load<u8>(at) === DOT) {
    at = afterDigits(at + 1);
    if (at === 0) return 0;
  }
  if ((load<u8>(at) | 0x20) !== 0x65) return at;
  const sign = load<u8>(at + 1);
  return afterDigits(sign === PLUS || sign === MINUS ? at + 2 : at + 1);
}

/** Behind `true`, `false` or `null`. */
export function afterLiteral(at: usize): usize {
  const four = load<u32>(at);
  if (four === TRUE || four === NULL) return at + 4;
  return load<u8>(at) === 0x66 && load<u32>(at + 1) === ALSE ? at + 5 : 0;
}

function afterScalar(at: usize): usize {
  const byte = load<u8>(at);
  if (byte === QUOTE) return afterText(at);
  return isDigit(byte) || byte === MINUS ? afterNumber(at) : afterLiteral(at);
}

/** Behind a key and its colon. */
function afterKey(at: usize): usize {
  if (load<u8>(at) !== QUOTE) return 0;
  const end = afterText(at);
  return end !== 0 && load<u8>(end) === COLON ? end + 1 : 0;
}

let depth: i32 = 0;
/** One bit for each open object or array: 1 for an array. */
let arrays: u32 = 0;

/** Enters what begins here and has content; passes over anything else. */
function opened(at: usize): usize {
  const byte = load<u8>(at);
  if (byte !== OPEN_OBJECT && byte !== OPEN_ARRAY) return afterScalar(at);
  const isArray = byte === OPEN_ARRAY;
  if (load<u8>(at + 1) === (isArray ? CLOSE_ARRAY : CLOSE_OBJECT)) return at + 2;
  if (depth === MAX_DEPTH) return 0;
  arrays = (arrays << 1) | (isArray ? 1 : 0);
  depth += 1;
  return isArray ? at + 1 : afterKey(at + 1);
}

/** Behind a value: leaves what ends here, up to the next value or to the end of all. */
function closed(from: usize): usize {
  let at = from;
  while (depth > 0) {
    const isArray = (arrays & 1) === 1;
    const byte = load<u8>(at);
    if (byte === COMMA) return isArray ? at + 1 : afterKey(at + 1);
    if (byte !== (isArray ? CLOSE_ARRAY : CLOSE_OBJECT)) return 0;
    at += 1;
    arrays >>= 1;
    depth -= 1;
  }
  return at;
}

/** Behind a value of any kind. Nothing here calls itself: how deep it goes is bounded. */
export function afterValue(from: usize): usize {
  const first = load<u8>(from);
  if (first !== OPEN_OBJECT && first !== OPEN_ARRAY) return afterScalar(from);
  let at = from;
  depth = 0;
  arrays = 0;
  do {
    const before = depth;
    at = opened(at);
    if (at !== 0 && depth <= before) at = closed(at);
  } while (at !== 0 && depth > 0);
  return at;
}

/** What {@link afterWhole} read. */
export let whole: i32 = 0;

/** Behind a whole number of one to nine digits without leading zeros, which is then in {@link whole}. */
export function afterWhole(from: usize): usize {
  let at = from;
  let value: i32 = 0;
  for (;;) {
    const byte = load<u8>(at);
    if (!isDigit(byte)) break;
    if (at - from === 9) return 0;
    value = value * 10 + (byte - ZERO);
    at += 1;
  }
  whole = value;
  const size = at - from;
  const isCanonical = size === 1 || (size > 1 && load<u8>(from) !== ZERO);
  const next = load<u8>(at);
  return isCanonical && next !== DOT && (next | 0x20) !== 0x65 ? at : 0;
}
