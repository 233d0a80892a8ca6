/** What a cache may hold; there are two halves, and each may hold as much. */
export interface CacheBounds {
  readonly entries: number;
  readonly bytes: number;
}

/** Longer runs of bytes come from nobody honest, and are not kept. */
const MAX_KEY_BYTES = 4096;
/** Looked at, at most, for one key: whoever makes up keys that collide gets a slow answer, never an endless one. */
const MAX_PROBES = 16;
const MULTIPLIER = 0x9e3779b1;
/**
 * Any spread will do, since every hit is compared byte by byte; yet all bytes count, as the pods of a StatefulSet
 * differ in one digit. A sum of products does not wait for the product before (multilinear hashing, Carter and Wegman
 * 1979).
 */
function hashOf(view: DataView, at: number, size: number): number {
  let hash = Math.imul(size, MULTIPLIER);
  if (size < 4) {
    for (let i = 0; i < size; i += 1) hash = Math.imul(hash ^ view.getUint8(at + i), MULTIPLIER);
  } else {
    const last = size - 4;
    let factor = MULTIPLIER;
    for (let i = 0; i < last; i += 4) {
      hash = (hash + Math.imul(view.getInt32(at + i, true), factor)) | 0;
      factor = (factor + 0x3c6ef372) | 0;
    }
    hash = (hash + Math.imul(view.getInt32(at + last, true), factor)) | 0;
  }
  return Math.imul(hash ^ (hash >>> 15), MULTIPLIER) ^ (hash >>> 13);
}

/** A run of bytes somewhere in a buffer. */
interface Run {
  readonly view: DataView;
  readonly at: number;
  readonly size: number;
}

/** One half: an open-addressed table over an arena of key bytes. */
class Half<Value> {
  readonly #bounds: CacheBounds;
  readonly #mask: number;
  /** By place: a key's hash, where it begins, its size, and its value's number + 1; 0 is free. */
  readonly #places: Int32Array;
  readonly #values: Value[] = [];
  /** Of the key that is asked for or added next. */
  hash = 0;
  #arena = new Uint8Array(4096);
  #view = new DataView(this.#arena.buffer);
  #used = 0;

  constructor(bounds: CacheBounds) {
    this.#bounds = bounds;
    const places = 2 ** Math.ceil(Math.log2(2 * bounds.entries));
    this.#places = new Int32Array(4 * places);
    this.#mask = places - 1;
  }

  get count(): number {
    return this.#values.length;
  }

  isFullFor(size: number): boolean {
    return this.#values.length >= this.#bounds.entries || this.#used + size > this.#bounds.bytes;
  }

  /** The value kept under these bytes, whose hash is `hash`. */
  find(view: DataView, at: number, size: number): Value | undefined {
    const { hash } = this;
    const places = this.#places;
    for (let i = 0; i < MAX_PROBES; i += 1) {
      const place = 4 * ((hash + i) & this.#mask);
      const number = places[place + 3] as number;
      if (number === 0) return undefined;
      if (places[place] !== hash || places[place + 2] !== size) continue;
      if (this.#holds(view, at, place)) return this.#values[number - 1];
    }
    return undefined;
  }

  /** Whether the key of a place is what the view has at `at`, byte by byte. */
  #holds(view: DataView, at: number, place: number): boolean {
    const start = this.#places[place + 1] as number;
    const size = this.#places[place + 2] as number;
    const own = this.#view;
    if (size < 4) {
      for (let i = 0; i < size; i += 1) if (own.getUint8(start + i) !== view.getUint8(at + i)) return false;
      return true;
    }
    const last = size - 4;
    for (let i = 0; i < last; i += 4) {
      if (own.getInt32(start + i, true) !== view.getInt32(at + i, true)) return false;
    }
    return own.getInt32(start + last, true) === view.getInt32(at + last, true);
  }

  /** False when there is no free place near the key's own. */
  add({ view, at, size }: Run, value: Value): boolean {
    const { hash } = this;
    for (let i = 0; i < MAX_PROBES; i += 1) {
      const place = 4 * ((hash + i) & this.#mask);
      if (this.#places[place + 3] !== 0) continue;
      this.#places.set([hash, this.#used, size, this.#values.push(value)], place);
      this.#keep(new Uint8Array(view.buffer, view.byteOffset + at, size));
      return true;
    }
    return false;
  }

  #keep(key: Uint8Array): void {
    const needed = this.#used + key.length;
    if (needed > this.#arena.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#arena.length));
      larger.set(this.#arena);
      this.#arena = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.#arena.set(key, this.#used);
    this.#used = needed;
  }
}

/**
 * Values by the bytes they were made from. Bounded: when the newer half is full, the older one is dropped and the
 * newer takes its place; what is asked for moves to the newer half, so that what is in use stays.
 */
export class ByteCache<Value> {
  readonly #bounds: CacheBounds;
  #newer: Half<Value>;
  #older: Half<Value>;
  #hash = 0;
  /** Entries that were dropped to make room. */
  evicted = 0;

  constructor(bounds: CacheBounds) {
    this.#bounds = bounds;
    this.#newer = new Half(bounds);
    this.#older = new Half({ entries: 1, bytes: 0 });
  }

  /** Entries held now. */
  get count(): number {
    return this.#newer.count + this.#older.count;
  }

  /** The value kept for these bytes. */
  find(view: DataView, at: number, size: number): Value | undefined {
    this.#hash = hashOf(view, at, size);
    this.#newer.hash = this.#hash;
    const found = this.#newer.find(view, at, size);
    if (found !== undefined || this.#older.count === 0) return found;
    this.#older.hash = this.#hash;
    const old = this.#older.find(view, at, size);
    if (old !== undefined) this.#add({ view, at, size }, old);
    return old;
  }

  /** Keeps a value for the bytes that were just asked for in vain. */
  add(view: DataView, run: { readonly at: number; readonly size: number }, value: Value): void {
    if (run.size <= MAX_KEY_BYTES) this.#add({ view, ...run }, value);
  }

  #add(run: Run, value: Value): void {
    if (this.#newer.isFullFor(run.size)) {
      this.evicted += this.#older.count;
      this.#older = this.#newer;
      this.#newer = new Half(this.#bounds);
    }
    this.#newer.hash = this.#hash;
    if (!this.#newer.add(run, value)) this.evicted += 1;
  }
}
