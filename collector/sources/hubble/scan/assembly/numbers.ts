/*
 * Gives each run of bytes a number, from 1 on, and the same one whenever it comes again. A book of numbers is known by
 * where its places begin: see the layout.
 */

const MAX_PROBES: u32 = 64;
const FIRST_FACTOR: u64 = ((<u64>0x9e3779b9) << 32) | 0x7f4a7c15;
const FACTOR_STEP: u64 = ((<u64>0x3c6ef372) << 32) | 0xfe94f82a;

/** Any spread will do, since every hit is compared byte by byte; see `byte-runs.ts` of the scanner in TypeScript. */
function hashOf(at: usize, size: u32): u32 {
  let hash: u64 = size;
  if (size < 8) {
    for (let i: usize = 0; i < size; i += 1) hash = (hash ^ load<u8>(at + i)) * 0x100000001b3;
  } else {
    const last = at + size - 8;
    let factor = FIRST_FACTOR;
    for (let place = at; place < last; place += 8) {
      hash += (load<u64>(place) ^ (load<u64>(place) >> 29)) * factor;
      factor += FACTOR_STEP;
    }
    hash += (load<u64>(last) ^ (load<u64>(last) >> 29)) * factor;
  }
  hash = (hash ^ (hash >> 32)) * FIRST_FACTOR;
  return <u32>(hash >> 32);
}

/** True when two runs of this size are equal; what is behind them may be read. */
export function isSame(a: usize, b: usize, size: usize): bool {
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) {
    if (v128.any_true(v128.xor(v128.load(a + i), v128.load(b + i)))) return false;
  }
  const rest = size - i;
  if (rest === 0) return true;
  const equal = <u32>i8x16.bitmask(i8x16.eq(v128.load(a + i), v128.load(b + i)));
  const wanted: u32 = ((<u32>1) << (<u32>rest)) - 1;
  return (equal & wanted) === wanted;
}

/** The number of these bytes, among so many entries at most; 0 when too many others are in the way. */
export function numberOf(at: usize, size: u32, book: usize): u32 {
  const entries = load<u32>(book);
  const places = <usize>load<u32>(book + 4);
  const starts = <usize>load<u32>(book + 8);
  const arena = <usize>load<u32>(book + 12);
  const mask = 2 * entries - 1;
  const hash = hashOf(at, size);
  for (let i: u32 = 0; i < MAX_PROBES; i += 1) {
    const place = places + <usize>((hash + i) & mask) * 8;
    const number = load<u32>(place + 4);
    if (number === 0 && load<u32>(book + 16) === entries) return 0;
    if (number === 0) return add(book, place, hash, at, size);
    if (load<u32>(place) !== hash) continue;
    const start = load<u32>(starts + number * 4);
    if (load<u32>(starts + number * 4, 4) - start === size && isSame(at, arena + start, size)) return number;
  }
  return 0;
}

function add(book: usize, place: usize, hash: u32, at: usize, size: u32): u32 {
  const starts = <usize>load<u32>(book + 8);
  const arena = <usize>load<u32>(book + 12);
  const number = load<u32>(book + 16) + 1;
  store<u32>(book + 16, number);
  const start = load<u32>(starts + number * 4);
  memory.copy(arena + start, at, size);
  store<u32>(starts + number * 4, start + size, 4);
  store<u32>(place, hash);
  store<u32>(place + 4, number);
  return number;
}

/** The size of a number's bytes when they stand at `at`, else 0. */
export function sizeIfAt(at: usize, number: u32, book: usize): usize {
  const starts = <usize>load<u32>(book + 8);
  const start = load<u32>(starts + number * 4);
  const size = load<u32>(starts + number * 4, 4) - start;
  return isSame(at, <usize>load<u32>(book + 12) + start, size) ? <usize>size : 0;
}

/** Bytes that a book holds. */
export function usedBytes(book: usize): u32 {
  return load<u32>(<usize>load<u32>(book + 8) + (load<u32>(book + 16) + 1) * 4);
}

/** Entries that a book holds. */
export function usedEntries(book: usize): u32 {
  return load<u32>(book + 16);
}

/** Opens a book with nothing in it. */
export function openBook(book: usize, entries: u32, places: usize, starts: usize, arena: usize): void {
  store<u32>(book, entries);
  store<u32>(book + 4, <u32>places);
  store<u32>(book + 8, <u32>starts);
  store<u32>(book + 12, <u32>arena);
  clearBook(book);
}

/** Forgets all that a book holds. */
export function clearBook(book: usize): void {
  memory.fill(<usize>load<u32>(book + 4), 0, <usize>load<u32>(book) * 16);
  store<u32>(book + 16, 0);
  store<u32>(<usize>load<u32>(book + 8), 0, 4);
}
