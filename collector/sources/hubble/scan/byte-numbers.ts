import { hashOf, Runs } from './byte-runs.ts';

/** What is remembered at most. */
export interface NumberBounds {
  readonly entries: number;
  readonly bytes: number;
}

/** Looked at, at most, for one run: made-up runs that collide cost the fast way, never more than that. */
const MAX_PROBES = 64;
const FIRST_ARENA_BYTES = 4096;

/** Gives each run of printable ASCII a number, from 1 on, and the same one whenever it comes again. */
export class ByteNumbers {
  readonly #bounds: NumberBounds;
  readonly #mask: number;
  /** By place: a run's hash, and its number; 0 is free. */
  readonly #places: Int32Array;
  #arena = new Uint8Array(FIRST_ARENA_BYTES);
  readonly #runs: Runs;
  #count = 0;

  constructor(bounds: NumberBounds) {
    this.#bounds = bounds;
    const places = 2 ** Math.ceil(Math.log2(2 * bounds.entries));
    this.#places = new Int32Array(2 * places);
    this.#mask = places - 1;
    this.#runs = new Runs(new DataView(this.#arena.buffer), new Int32Array(bounds.entries + 2));
  }

  /** True when so many runs and bytes more fit. */
  hasRoomFor(entries: number, bytes: number): boolean {
    return this.#count + entries <= this.#bounds.entries && this.#used + bytes <= this.#bounds.bytes;
  }

  /** Forgets all. */
  clear(): void {
    this.#places.fill(0);
    this.#count = 0;
    this.#runs.starts[1] = 0;
  }

  /** How many bytes a number stands for. */
  sizeOf(number: number): number {
    return this.#runs.sizeOf(number);
  }

  /** True when the bytes at `at` begin with those of a number; so many bytes must be there. */
  isAt(number: number, view: DataView, at: number): boolean {
    return this.#runs.isAt(number, view, at);
  }

  /** The number of these bytes; 0 when too many others are in the way, or there is no room. */
  numberOf(view: DataView, at: number, size: number): number {
    const hash = hashOf(view, at, size);
    const places = this.#places;
    for (let i = 0; i < MAX_PROBES; i += 1) {
      const place = 2 * ((hash + i) & this.#mask);
      const number = places[place + 1] as number;
      if (number === 0 && this.#count === this.#bounds.entries) return 0;
      if (number === 0)
        return this.#add(place, hash, new Uint8Array(view.buffer, view.byteOffset + at, size));
      if (places[place] !== hash || this.#runs.sizeOf(number) !== size) continue;
      if (this.#runs.isAt(number, view, at)) return number;
    }
    return 0;
  }

  get #used(): number {
    return this.#runs.starts[this.#count + 1] as number;
  }

  #add(place: number, hash: number, run: Uint8Array): number {
    const start = this.#used;
    const needed = start + run.length;
    if (needed > this.#arena.length) this.#grow(needed);
    this.#arena.set(run, start);
    this.#count += 1;
    this.#runs.starts[this.#count + 1] = needed;
    this.#places[place] = hash;
    this.#places[place + 1] = this.#count;
    return this.#count;
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, 2 * this.#arena.length));
    larger.set(this.#arena);
    this.#arena = larger;
    this.#runs.view = new DataView(larger.buffer);
  }
}
