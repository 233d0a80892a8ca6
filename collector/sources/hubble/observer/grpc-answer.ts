import { constants, type ServerHttp2Stream } from 'node:http2';
import { type GrpcCode, statusMessage } from './grpc-status.ts';

/** How a connection is broken off on purpose. */
export const CUTS = ['status', 'reset', 'socket'] as const;
/** `status` says UNAVAILABLE, `reset` kills the stream, `socket` the connection in the middle of a message. */
export type Cut = (typeof CUTS)[number];

/** The way back to the client. */
export interface Answer {
  /**
   * Sends bytes that hold whole frames. Nothing comes back when more may follow at once, else a promise for when a
   * slow client has caught up; it rejects with the signal's reason when the call ends first.
   */
  write(frames: Uint8Array): void | Promise<void>;
  /** Resolves once everything written has left this process's buffers, which may then be used again. */
  flushed(): Promise<void>;
  /** Ends the call; a second time does nothing. */
  end(code: GrpcCode, message: string): void;
  /** Breaks off without a status, after the given bytes. */
  breakOff(how: Exclude<Cut, 'status'>, lastWords: Uint8Array): void;
}

/** What an answer needs to know of its call. */
export interface CallFacts {
  /** Aborted when the call ends from the other side. */
  readonly signal: AbortSignal;
  /** Sent with the headers. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Drops the whole connection, without a goodbye. */
  readonly hangUp: () => void;
}

const CONTENT_TYPE = 'application/grpc+proto';

class StreamAnswer implements Answer {
  readonly #stream: ServerHttp2Stream;
  readonly #call: CallFacts;
  #hasBegun = false;
  #hasEnded = false;

  constructor(stream: ServerHttp2Stream, call: CallFacts) {
    this.#stream = stream;
    this.#call = call;
  }

  write(frames: Uint8Array): void | Promise<void> {
    this.#call.signal.throwIfAborted();
    this.#begin();
    if (!this.#stream.write(frames)) return this.#drained();
  }

  flushed(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(Buffer.alloc(0), (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }

  end(code: GrpcCode, message: string): void {
    const stream = this.#stream;
    if (this.#hasEnded || stream.destroyed || stream.closed) return;
    this.#hasEnded = true;
    const status = { 'grpc-status': String(code), 'grpc-message': statusMessage(message) };
    if (!this.#hasBegun) {
      stream.respond({ ...this.#headers(), ...status }, { endStream: true });
      return;
    }
    stream.once('wantTrailers', () => stream.sendTrailers(status));
    stream.end();
  }

  breakOff(how: Exclude<Cut, 'status'>, lastWords: Uint8Array): void {
    const stream = this.#stream;
    if (this.#hasEnded || stream.destroyed) return;
    this.#hasEnded = true;
    this.#begin();
    // Node asks for trailers once everything was sent, and takes a reset for an answer. To destroy a stream that
    // still has something to send makes it ask a stream that is gone, and that ends the process.
    stream.once('wantTrailers', () => {
      if (how === 'socket') this.#call.hangUp();
      else stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    });
    stream.end(lastWords);
    // A client that does not read would keep the last words, and with them the end, waiting.
    if (stream.writableNeedDrain) this.#call.hangUp();
  }

  #headers() {
    return {
      [constants.HTTP2_HEADER_STATUS]: 200,
      [constants.HTTP2_HEADER_CONTENT_TYPE]: CONTENT_TYPE,
      'grpc-accept-encoding': 'identity,gzip',
      ...this.#call.metadata,
    };
  }

  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#stream.respond(this.#headers(), { waitForTrailers: true });
  }

  #drained(): Promise<void> {
    const { signal } = this.#call;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#stream.off('drain', settle);
        signal.removeEventListener('abort', settle);
        if (signal.aborted) reject(signal.reason as Error);
        else resolve();
      };
      this.#stream.once('drain', settle);
      signal.addEventListener('abort', settle, { once: true });
    });
  }
}

/** Opens the answer to a call; nothing is sent before the first write. */
export const openAnswer = (stream: ServerHttp2Stream, call: CallFacts): Answer =>
  new StreamAnswer(stream, call);
