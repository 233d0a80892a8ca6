const MULTIPLIER = 0x9e3779b1;

/** Bytes as text, one character each: what `Buffer` does, without asking what it is called with. */
export const latin1Slice = (
  Buffer.prototype as unknown as { latin1Slice(this: Uint8Array, from: number, to: number): string }
).latin1Slice;

/**
 * Any spread will do, since every hit is compared byte by byte; but runs that differ in one byte are common, and the
 * highest byte of a word alone would touch the highest of a product alone, so that each word is folded first. A sum of
 * products does not wait for the product before (multilinear hashing, Carter and Wegman 1979); the end is MurmurHash3's.
 */
export function hashOf(view: DataView, at: number, size: number): number {
  let hash = Math.imul(size, MULTIPLIER);
  if (size < 4) {
    for (let i = 0; i < size; i += 1) hash = Math.imul(hash ^ view.getUint8(at + i), MULTIPLIER);
  } else {
    const last = at + size - 4;
    let factor = MULTIPLIER;
    for (let i = at; i < last; i += 4) {
      hash = (hash + Math.imul(folded(view.getInt32(i, true)), factor)) | 0;
      factor = (factor + 0x3c6ef372) | 0;
    }
    hash = (hash + Math.imul(folded(view.getInt32(last, true)), factor)) | 0;
  }
  const half = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const whole = Math.imul(half ^ (half >>> 13), 0xc2b2ae35);
  return whole ^ (whole >>> 16);
}

const folded = (word: number): number => word ^ (word >>> 15);

/** Runs of printable ASCII, one behind the other, known by number. */
export class Runs {
  view: DataView;
  /** By number, where a run begins; it ends where the next one begins. */
  readonly starts: Int32Array;

  constructor(view: DataView, starts: Int32Array) {
    this.view = view;
    this.starts = starts;
  }

  sizeOf(number: number): number {
    return (this.starts[number + 1] as number) - (this.starts[number] as number);
  }

  /**
   * True when the bytes at `at` are those of a run; so many bytes must be there. Eight are compared at once, as a
   * number: what is printable ASCII is never zero and never "not a number", so that only the same eight bytes are
   * equal to it (IEEE 754, binary64).
   */
  isAt(number: number, view: DataView, at: number): boolean {
    const own = this.view;
    const start = this.starts[number] as number;
    const size = (this.starts[number + 1] as number) - start;
    if (size < 8) return this.#isShortAt(number, view, at);
    const last = size - 8;
    for (let i = 0; i < last; i += 8) if (own.getFloat64(start + i) !== view.getFloat64(at + i)) return false;
    return own.getFloat64(start + last) === view.getFloat64(at + last);
  }

  #isShortAt(number: number, view: DataView, at: number): boolean {
    const start = this.starts[number] as number;
    const end = this.starts[number + 1] as number;
    for (let i = start; i < end; i += 1)
      if (this.view.getUint8(i) !== view.getUint8(at + i - start)) return false;
    return true;
  }
}
