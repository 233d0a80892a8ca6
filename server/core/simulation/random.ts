/** Letters and digits Kubernetes uses in generated names: no vowels, no look-alikes (apimachinery `rand.String`). */
const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** One round of the 32-bit finaliser of MurmurHash3: spreads a small seed over all bits. */
function mixed(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * A seeded stream of numbers: sfc32 of Chris Doty-Humphrey's PractRand (public domain). The same seed and stream
 * give the same numbers on every machine; different streams of one seed are independent.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number, stream: number) {
    this.#a = mixed(seed);
    this.#b = mixed(Math.floor(seed / 0x1_0000_0000) ^ 0x9e3779b9);
    this.#c = mixed(stream + 0x243f6a88);
    for (let round = 0; round < 16; round += 1) this.uint32();
  }

  /** An integer from 0 to 2^32 − 1. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A number from 0 up to, never reaching, 1. */
  unit(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** Waiting time of a Poisson process with this mean. */
  exponential(mean: number): number {
    return -Math.log(1 - this.unit()) * mean;
  }

  /** One of the items; throws on an empty list, since that is a mistake of the caller. */
  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.unit() * items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  /** A suffix as Kubernetes generates it. */
  nameSuffix(length: number): string {
    let text = '';
    for (let i = 0; i < length; i += 1) text += NAME_ALPHABET[this.between(0, NAME_ALPHABET.length - 1)];
    return text;
  }

  /** A version 4 UUID (RFC 9562). */
  uuid(): string {
    const first = this.uint32();
    const second = (this.uint32() & 0xffff0fff) | 0x00004000;
    const third = (this.uint32() & 0x3fffffff) | 0x80000000;
    return `${hex32(first)}-${hex16(second >>> 16)}-${hex16(second)}-${hex16(third >>> 16)}-${hex16(third)}${hex32(this.uint32())}`;
  }
}

const hex16 = (value: number): string => `${HEX[(value >>> 8) & 255]}${HEX[value & 255]}`;
const hex32 = (value: number): string => hex16(value >>> 16) + hex16(value);
