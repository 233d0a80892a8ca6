/**
 * gRPC messages over HTTP/2: one byte that says whether the message is compressed, its length as four bytes, big end
 * first, and the message ("gRPC over HTTP2", Length-Prefixed-Message).
 */
const PREFIX_BYTES = 5;
/** What grpc-go and grpc-js refuse too unless told otherwise. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** A longer message is passed over, not held; one that claims more than this is a broken stream. */
const MAX_SKIPPED_BYTES = 64 * 1024 * 1024;
const FIRST_HELD_BYTES = 64 * 1024;

/** Why a stream of frames can not be read on. */
export type FrameFault = 'bad_frame' | 'frame_length';

export interface FrameSink {
  /** One message lies in `bytes` from `start` to before `end`; it holds until the call returns. */
  message(bytes: Uint8Array, start: number, end: number): void;
  /** The same, still compressed. */
  compressed(bytes: Uint8Array, start: number, end: number): void;
  /** A message above {@link MAX_MESSAGE_BYTES} was passed over. */
  tooLarge(length: number): void;
}

/**
 * Cuts a stream of bytes into messages, wherever its chunks were cut. A message that lies in one chunk is handed on
 * where it lies; at most one unfinished message is held, and its length is checked before there is room made for it.
 */
export class FrameSplitter {
  readonly #sink: FrameSink;
  #held = Buffer.allocUnsafeSlow(FIRST_HELD_BYTES);
  #heldLength = 0;
  /** Bytes of a message that is passed over still to come. */
  #toSkip = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** True between two messages: a stream that ends elsewhere was cut. */
  get isBetween(): boolean {
    return this.#heldLength === 0 && this.#toSkip === 0;
  }

  /** Takes the next chunk; after a fault nothing more can be read of this stream. */
  push(chunk: Uint8Array): FrameFault | undefined {
    let at = 0;
    if (this.#toSkip > 0) at = this.#skip(chunk, 0);
    if (this.#heldLength > 0) {
      const taken = this.#complete(chunk, at);
      if (typeof taken === 'string') return taken;
      at = taken;
    }
    return this.#readWhole(chunk, at);
  }

  /** Hands on every message that lies whole in the chunk and holds what is left. */
  #readWhole(chunk: Uint8Array, from: number): FrameFault | undefined {
    let at = from;
    while (chunk.length - at >= PREFIX_BYTES) {
      const length = lengthAt(chunk, at);
      const flag = chunk[at] ?? 0;
      if (flag > 1) return 'bad_frame';
      if (length > MAX_SKIPPED_BYTES) return 'frame_length';
      const begin = at + PREFIX_BYTES;
      if (length > MAX_MESSAGE_BYTES) {
        at = this.#passOver(chunk, begin, length);
        continue;
      }
      if (chunk.length - begin < length) break;
      at = begin + length;
      this.#emit(flag, chunk, begin);
    }
    if (at < chunk.length) this.#hold(chunk, at, chunk.length);
    return undefined;
  }

  #emit(flag: number, bytes: Uint8Array, begin: number): void {
    const end = begin + lengthAt(bytes, begin - PREFIX_BYTES);
    if (flag === 0) this.#sink.message(bytes, begin, end);
    else this.#sink.compressed(bytes, begin, end);
  }

  /** Completes the message that is held; returns how far the chunk is used. */
  #complete(chunk: Uint8Array, from: number): number | FrameFault {
    let at = from;
    if (this.#heldLength < PREFIX_BYTES) {
      at = this.#hold(chunk, at, Math.min(chunk.length, at + PREFIX_BYTES - this.#heldLength));
      if (this.#heldLength < PREFIX_BYTES) return at;
    }
    const length = lengthAt(this.#held, 0);
    const flag = this.#held[0] ?? 0;
    if (flag > 1) return 'bad_frame';
    if (length > MAX_SKIPPED_BYTES) return 'frame_length';
    if (length > MAX_MESSAGE_BYTES) {
      this.#heldLength = 0;
      return this.#passOver(chunk, at, length);
    }
    const missing = PREFIX_BYTES + length - this.#heldLength;
    at = this.#hold(chunk, at, Math.min(chunk.length, at + missing));
    if (this.#heldLength < PREFIX_BYTES + length) return at;
    this.#heldLength = 0;
    this.#emit(flag, this.#held, PREFIX_BYTES);
    return at;
  }

  #passOver(chunk: Uint8Array, from: number, length: number): number {
    this.#sink.tooLarge(length);
    this.#toSkip = length;
    return this.#skip(chunk, from);
  }

  #skip(chunk: Uint8Array, from: number): number {
    const count = Math.min(this.#toSkip, chunk.length - from);
    this.#toSkip -= count;
    return from + count;
  }

  #hold(chunk: Uint8Array, from: number, to: number): number {
    const needed = this.#heldLength + to - from;
    if (needed > this.#held.length) this.#grow(needed);
    this.#held.set(chunk.subarray(from, to), this.#heldLength);
    this.#heldLength = needed;
    return to;
  }

  #grow(needed: number): void {
    const most = MAX_MESSAGE_BYTES + PREFIX_BYTES;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(2 * this.#held.length, most)));
    larger.set(this.#held.subarray(0, this.#heldLength));
    this.#held = larger;
  }
}

const lengthAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at + 1] ?? 0) * 0x1000000 +
  (((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 8) | (bytes[at + 4] ?? 0));

/** A message with its prefix, not compressed. */
export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX_BYTES);
  return frame;
}
