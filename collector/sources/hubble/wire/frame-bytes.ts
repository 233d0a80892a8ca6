import { Cursor } from './cursor.ts';

/** What `Buffer` does without asking what it is called with: bytes to text, one character each. */
const sliceOf = (Buffer.prototype as unknown as { latin1Slice(from: number, to: number): string })
  .latin1Slice;

/** The bits that no ASCII character has, in four at once. */
const NOT_ASCII = 0x80808080 | 0;

/** The bytes that are read now, seen in the ways that reading them needs. Messages come many to a buffer. */
export class FrameBytes {
  readonly cursor = new Cursor();
  bytes: Uint8Array = new Uint8Array(0);
  /** Over the same bytes, by the same offsets. */
  view: DataView = new DataView(new ArrayBuffer(0));

  /** What follows is in this buffer. */
  use(bytes: Uint8Array): void {
    this.cursor.open();
    if (bytes === this.bytes) return;
    this.bytes = bytes;
    this.cursor.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Bytes as text; the cursor declines when one is not ASCII, which nearly all text on this wire is. */
  ascii(at: number, size: number): string | undefined {
    if (this.#isAscii(at, at + size)) return sliceOf.call(this.bytes, at, at + size);
    this.cursor.decline();
    return undefined;
  }

  #isAscii(from: number, to: number): boolean {
    const { bytes, view } = this;
    let pos = from;
    for (; pos + 4 <= to; pos += 4) if ((view.getInt32(pos, true) & NOT_ASCII) !== 0) return false;
    for (; pos < to; pos += 1) if ((bytes[pos] as number) > 0x7f) return false;
    return true;
  }

  /** True when the bytes are this text. */
  is(text: string, at: number, size: number): boolean {
    if (text.length !== size) return false;
    const { bytes } = this;
    for (let i = 0; i < size; i += 1) if (text.charCodeAt(i) !== bytes[at + i]) return false;
    return true;
  }
}
