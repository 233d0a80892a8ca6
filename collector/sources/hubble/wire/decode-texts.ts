import { ByteCache, type CacheBounds } from './byte-cache.ts';
import type { FrameBytes } from './frame-bytes.ts';

/** Texts that come again and again: addresses, names of nodes. */
export class KnownTexts {
  readonly #cache: ByteCache<string>;

  constructor(bounds: CacheBounds) {
    this.#cache = new ByteCache(bounds);
  }

  /** Texts dropped to make room. */
  get evicted(): number {
    return this.#cache.evicted;
  }

  /** The text of these bytes; undefined when they are not ASCII, and the cursor declines. */
  read(source: FrameBytes, at: number, size: number): string | undefined {
    const known = this.#cache.find(source.view, at, size);
    if (known !== undefined) return known;
    const text = source.ascii(at, size);
    if (text !== undefined) this.#cache.add(source.view, { at, size }, text);
    return text;
  }
}
