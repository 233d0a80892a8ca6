/** A set of class ids, 32 to a word. An id beyond the last word is not in the set. */
export type Bits = Uint32Array;

/** Every class there is or will be. Recognised by identity: its words are not there. */
export const EVERYBODY: Bits = new Uint32Array(0);

/** No class at all; recognised by identity where that saves work, and empty by its words as well. */
export const NOBODY: Bits = new Uint32Array(0);

export const wordsFor = (ids: number): number => (ids + 31) >>> 5;

/** Words for so many ids and a few that may come, so that one more id seldom makes all sets longer. */
export const roomyWordsFor = (ids: number): number => wordsFor(ids + 32);

export const hasBit = (bits: Bits, id: number): boolean =>
  bits === EVERYBODY || (((bits[id >>> 5] ?? 0) >>> (id & 31)) & 1) === 1;

/** Puts an id into a set that this call's owner alone has seen; it must be long enough. */
export function setBit(bits: Bits, id: number): void {
  bits[id >>> 5] = (bits[id >>> 5] ?? 0) | (1 << (id & 31));
}

/** A copy with one id more, as long as it takes. */
export function withBit(bits: Bits, id: number): Bits {
  if (hasBit(bits, id)) return bits;
  const copy = padded(bits, Math.max(bits.length, wordsFor(id + 1)));
  setBit(copy, id);
  return copy;
}

/** A copy with one id less. */
export function withoutBit(bits: Bits, id: number): Bits {
  if (bits === EVERYBODY || !hasBit(bits, id)) return bits;
  const copy = bits.slice();
  copy[id >>> 5] = (copy[id >>> 5] ?? 0) & ~(1 << (id & 31));
  return copy;
}

/** A copy of at least `words` words. */
export function padded(bits: Bits, words: number): Bits {
  const copy = new Uint32Array(Math.max(words, bits.length));
  copy.set(bits);
  return copy;
}

export function bitsOf(ids: Iterable<number>, words: number): Bits {
  const bits = new Uint32Array(words);
  for (const id of ids) setBit(bits, id);
  return bits;
}

export function unionOf(sets: readonly Bits[]): Bits {
  return unionsOf(new Map([['', sets]])).get('') ?? NOBODY;
}

/** The union of each group of sets, all of them in one piece of memory: many small pieces cost more than they hold. */
export function unionsOf<Key>(groups: ReadonlyMap<Key, readonly Bits[]>): ReadonlyMap<Key, Bits> {
  const unions = new Map<Key, Bits>();
  const made: (readonly [Key, readonly Bits[]])[] = [];
  let words = 0;
  for (const [key, sets] of groups) {
    if (sets.length < 2) unions.set(key, sets[0] ?? NOBODY);
    else if (sets.includes(EVERYBODY)) unions.set(key, EVERYBODY);
    else made.push([key, sets]);
    for (const set of sets) words = Math.max(words, set.length);
  }
  const memory = new Uint32Array(words * made.length);
  for (const [at, [key, sets]] of made.entries()) {
    const union = memory.subarray(at * words, (at + 1) * words);
    for (const set of sets) addTo(union, set);
    unions.set(key, union);
  }
  return unions;
}

function addTo(union: Bits, set: Bits): void {
  for (let word = 0; word < set.length; word += 1) union[word] = (union[word] ?? 0) | (set[word] ?? 0);
}

export function doIntersect(a: Bits, b: Bits): boolean {
  if (a === EVERYBODY || b === EVERYBODY) return true;
  for (let word = 0; word < Math.min(a.length, b.length); word += 1) {
    if (((a[word] ?? 0) & (b[word] ?? 0)) !== 0) return true;
  }
  return false;
}

export function intersectionOf(a: Bits, b: Bits): Bits {
  if (a === EVERYBODY) return b;
  if (b === EVERYBODY) return a;
  const both = new Uint32Array(Math.min(a.length, b.length));
  for (let word = 0; word < both.length; word += 1) both[word] = (a[word] ?? 0) & (b[word] ?? 0);
  return both;
}

/** What is in `a`, which must not be {@link EVERYBODY}, and not in `b`. */
export function differenceOf(a: Bits, b: Bits): Bits {
  if (b === EVERYBODY) return NOBODY;
  const left = a.slice();
  for (let word = 0; word < left.length; word += 1) left[word] = (left[word] ?? 0) & ~(b[word] ?? 0);
  return left;
}

export const isNobody = (bits: Bits): boolean => bits !== EVERYBODY && bits.every((word) => word === 0);

/** True for the same ids, whatever the number of words. */
export function isSameSet(a: Bits, b: Bits): boolean {
  if (a === b) return true;
  if (a === EVERYBODY || b === EVERYBODY) return false;
  for (let word = 0; word < Math.max(a.length, b.length); word += 1) {
    if ((a[word] ?? 0) !== (b[word] ?? 0)) return false;
  }
  return true;
}

/** Visits the ids in ascending order; not for {@link EVERYBODY}, which has no end. */
export function eachBit(bits: Bits, visit: (id: number) => void): void {
  for (let word = 0; word < bits.length; word += 1) {
    for (let left = bits[word] ?? 0; left !== 0; left &= left - 1) {
      visit((word << 5) + (31 - Math.clz32(left & -left)));
    }
  }
}

/** Number of ones in a 32-bit word. */
export function onesIn(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555);
  const nibbles = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

/** Turns a square of 32 × 32 bits around in place: bit `c` of word `r` becomes bit `r` of word `c`. */
export function transpose32(square: Bits): void {
  let mask = 0x0000_ffff;
  for (let step = 16; step !== 0; step >>>= 1) {
    for (let row = 0; row < 32; row = (row + step + 1) & ~step) {
      const upper = square[row] ?? 0;
      const lower = square[row + step] ?? 0;
      const swapped = ((upper >>> step) ^ lower) & mask;
      square[row] = upper ^ (swapped << step);
      square[row + step] = lower ^ swapped;
    }
    mask ^= mask << (step >>> 1);
  }
}
