import type { CacheBounds } from './byte-cache.ts';
import { PartialDecoder } from './decode-frame.ts';
import { type DecodedFrame, damaged } from './frame.ts';
import { createFullDecoder } from './full-decoder.ts';

export interface FlowDecoderOptions {
  /** What each half of the memory of endpoints may hold. */
  readonly endpoints?: CacheBounds;
}

/** Enough for 100 000 pods at once; at worst some 200 MB with all that was made of them. */
export const ENDPOINT_BOUNDS: CacheBounds = { entries: 131_072, bytes: 32 * 1024 * 1024 };

/** What a decoder did so far. */
export interface FlowDecoderCounts {
  readonly frames: number;
  /** Legal messages that only the full decoder could answer for: status, losses, and what is unusual. */
  readonly unusual: number;
  /** Messages that could not be used. */
  readonly bad: number;
  /** Endpoints and texts that were forgotten to make room. */
  readonly evicted: number;
}

/** Decodes the messages of GetFlows streams. */
export interface FrameDecoder {
  /**
   * Decodes one `observer.GetFlowsResponse`: the bytes from `from` up to `to`, without gRPC's prefix. Never throws:
   * what can not be read is a `bad` record that says why. Keeps nothing of the buffer, which must not change while
   * messages in it are being decoded.
   */
  decode(bytes: Uint8Array, from?: number, to?: number): DecodedFrame;
  counts(): FlowDecoderCounts;
}

class TwoWayDecoder implements FrameDecoder {
  readonly #partial: PartialDecoder;
  readonly #full = createFullDecoder();
  #frames = 0;
  #unusual = 0;
  #bad = 0;

  constructor(bounds: CacheBounds) {
    this.#partial = new PartialDecoder(bounds);
  }

  decode(bytes: Uint8Array, from = 0, to = bytes.length): DecodedFrame {
    this.#frames += 1;
    return this.#partial.decode(bytes, from, to) ?? this.#second(bytes, from, to);
  }

  /** Bytes that are damaged stay so; anything else the whole schema may make sense of. */
  #second(bytes: Uint8Array, from: number, to: number): DecodedFrame {
    const { fault } = this.#partial;
    const decoded = fault === undefined ? this.#full.decode(bytes, from, to) : damaged(fault);
    if (decoded.kind === 'bad') this.#bad += 1;
    else this.#unusual += 1;
    return decoded;
  }

  counts(): FlowDecoderCounts {
    const counts = { frames: this.#frames, unusual: this.#unusual, bad: this.#bad };
    return { ...counts, evicted: this.#partial.evicted };
  }
}

/** A decoder for one source; what it remembers is bounded, whatever arrives. */
export const createFlowDecoder = ({ endpoints = ENDPOINT_BOUNDS }: FlowDecoderOptions = {}): FrameDecoder =>
  new TwoWayDecoder(endpoints);
