const FIRST_SLOTS = 1 << 12;

/** One generation: a set of non-zero numbers in open addressing, at most half full. */
class Generation {
  #slots = new Float64Array(FIRST_SLOTS);
  count = 0;

  has(key: number): boolean {
    if (this.count === 0) return false;
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let at = key & mask; ; at = (at + 1) & mask) {
      const found = slots[at];
      if (found === key) return true;
      if (found === 0) return false;
    }
  }

  add(key: number): void {
    if (2 * this.count >= this.#slots.length) this.#double();
    this.#insert(key);
    this.count += 1;
  }

  #insert(key: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let at = key & mask;
    while (slots[at] !== 0) at = (at + 1) & mask;
    slots[at] = key;
  }

  #double(): void {
    const old = this.#slots;
    this.#slots = new Float64Array(2 * old.length);
    for (const key of old) if (key !== 0) this.#insert(key);
  }
}

/**
 * Keys met lately: those of the last `capacity` additions at least, of twice as many at most. Two generations; when the
 * younger is full the older is forgotten. Memory: 32 bytes a key of `capacity`, at most.
 */
export class RecentKeys {
  readonly #capacity: number;
  #young = new Generation();
  #old = new Generation();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** True when the key was met before; it is remembered from now on. */
  meet(key: number): boolean {
    if (this.#young.has(key)) return true;
    const isKnown = this.#old.has(key);
    if (this.#young.count >= this.#capacity) this.age();
    this.#young.add(key);
    return isKnown;
  }

  /** Forgets what was not met since the last call. */
  age(): void {
    this.#old = this.#young;
    this.#young = new Generation();
  }

  /** Keys that are held. */
  get size(): number {
    return this.#young.count + this.#old.count;
  }
}

/** Hashes of texts and numbers, 53 bits, never 0 (cyrb53: two multiplicative hashes side by side). */
export class KeyHash {
  #high = 0xdeadbeef;
  #low = 0x41c6ce57;

  text(text: string): this {
    let [high, low] = [this.#high, this.#low];
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      high = Math.imul(high ^ code, 2654435761);
      low = Math.imul(low ^ code, 1597334677);
    }
    this.#high = Math.imul(high ^ 0x1f, 2654435761);
    this.#low = Math.imul(low ^ 0x1f, 1597334677);
    return this;
  }

  number(value: number): this {
    const upper = Math.floor(value / 0x100000000);
    this.#high = Math.imul(Math.imul(this.#high ^ value, 2654435761) ^ upper, 2246822507);
    this.#low = Math.imul(Math.imul(this.#low ^ value, 1597334677) ^ upper, 3266489909);
    return this;
  }

  /** The key of what was given so far; the hash begins anew. */
  take(): number {
    let [high, low] = [this.#high, this.#low];
    this.#high = 0xdeadbeef;
    this.#low = 0x41c6ce57;
    high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
    low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
    return 0x100000000 * (0x1fffff & low) + (high >>> 0) + 1;
  }
}
