import type { ClientHttp2Stream } from 'node:http2';
import { promisify } from 'node:util';
import { gunzip, gunzipSync } from 'node:zlib';
import { failed, ok, type Result } from '#core/result.ts';
import { type CallFailure, callFailure, failureOfError, statusFailure } from './call-failure.ts';
import { FrameSplitter, framed, MAX_MESSAGE_BYTES } from './frame-splitter.ts';
import { objectionTo, outcomeOf, timeoutHeader } from './grpc-status.ts';
import type { Channel } from './http2-channel.ts';

/** What is told with an answer, beside its messages. */
export type Metadata = Readonly<Record<string, string>>;

/** How a call ended: `undefined` for well, and the server's headers as far as they came. */
export interface CallEnd {
  readonly failure: CallFailure | undefined;
}

export interface StreamHandlers {
  /** The server has begun its answer. */
  begun(metadata: Metadata): void;
  /** Some bytes of the stream of messages; it is the caller's from then on. */
  bytes(chunk: Buffer): void;
  ended(end: CallEnd): void;
}

/** A call that is being answered. */
export interface StreamCall {
  /** Stops reading; the server is held back once what is on its way has arrived. */
  pause(): void;
  resume(): void;
  /** Ends the call; `ended` is not told any more. */
  cancel(): void;
}

const METADATA_KEPT = 16;
const METADATA_LENGTH = 200;
const CANCEL = 8; // RFC 9113 §7

function metadataOf(headers: Readonly<Record<string, unknown>>): Metadata {
  const kept = Object.entries(headers)
    .filter(([name, value]) => /^(?:hubble-|grpc-encoding$|server$)/.test(name) && typeof value === 'string')
    .slice(0, METADATA_KEPT)
    .map(([name, value]) => [name, String(value).slice(0, METADATA_LENGTH)] as const);
  return Object.fromEntries(kept);
}

/** Follows what is told beside the messages until the call has ended, and tells so once. */
class CallWatch {
  #failure: CallFailure | undefined = undefined;
  #isOutcomeKnown = false;
  #isTold = false;
  readonly #channel: Channel;
  readonly #handlers: Pick<StreamHandlers, 'begun' | 'ended'>;

  constructor(channel: Channel, handlers: Pick<StreamHandlers, 'begun' | 'ended'>) {
    this.#channel = channel;
    this.#handlers = handlers;
  }

  headers(headers: Readonly<Record<string, string | string[] | undefined>>): void {
    this.#channel.received();
    const objection = objectionTo(headers);
    if (objection === 'not_grpc') this.#fail(callFailure('not_grpc'));
    else if (objection !== undefined) this.#fail(statusFailure(objection.status, objection.message));
    else if (!this.trailers(headers)) this.#handlers.begun(metadataOf(headers));
  }

  /** False when these are no trailers: they tell no outcome. */
  trailers(headers: Readonly<Record<string, string | string[] | undefined>>): boolean {
    const outcome = outcomeOf(headers);
    if (outcome === undefined) return false;
    this.#isOutcomeKnown = true;
    if (outcome.status !== 'OK') this.#failure ??= statusFailure(outcome.status, outcome.message);
    return true;
  }

  error(error: unknown): void {
    this.#failure ??= this.#channel.failure() ?? failureOfError(error, { hasClientCertificate: true });
  }

  closed(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    const unknown = this.#isOutcomeKnown ? undefined : (this.#channel.failure() ?? callFailure('cut'));
    this.#handlers.ended({ failure: this.#failure ?? unknown });
  }

  /** The answer is none of gRPC, or a refusal: its body is of no use. */
  get isRefused(): boolean {
    return this.#failure !== undefined;
  }

  forget(): void {
    this.#isTold = true;
  }

  #fail(failure: CallFailure): void {
    this.#isOutcomeKnown = true;
    this.#failure ??= failure;
  }
}

function watch(stream: ClientHttp2Stream, follow: CallWatch): void {
  stream.on('response', (headers) =>
    follow.headers(headers as Record<string, string | string[] | undefined>),
  );
  stream.on('trailers', (headers) =>
    follow.trailers(headers as Record<string, string | string[] | undefined>),
  );
  stream.on('error', (error) => follow.error(error));
  stream.on('close', () => follow.closed());
}

/** Starts a call whose answer is a stream of messages, without a deadline. */
export function startStream(
  channel: Channel,
  call: { readonly path: string; readonly request: Uint8Array },
  handlers: StreamHandlers,
): StreamCall {
  const stream = channel.request(call.path, {});
  if (stream === undefined) {
    queueMicrotask(() => handlers.ended({ failure: channel.failure() ?? callFailure('cut') }));
    return { pause: () => undefined, resume: () => undefined, cancel: () => undefined };
  }
  const follow = new CallWatch(channel, handlers);
  watch(stream, follow);
  stream.on('data', (chunk: Buffer) => {
    channel.received();
    if (!follow.isRefused) handlers.bytes(chunk);
  });
  stream.end(framed(call.request));
  return {
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    cancel() {
      follow.forget();
      stream.close(CANCEL);
    },
  };
}

const unzip = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(gunzip);

/** A compressed message as it was; undefined when it is damaged, or too large. */
export function unpackedMessage(packed: Uint8Array): Uint8Array | undefined {
  try {
    return gunzipSync(packed, { maxOutputLength: MAX_MESSAGE_BYTES });
  } catch {
    return undefined;
  }
}

/** The answer's only message, or what is wrong with it. */
async function onlyMessage(chunks: readonly Buffer[]): Promise<Result<Uint8Array, CallFailure>> {
  const messages: Uint8Array[] = [];
  const packed: Uint8Array[] = [];
  const splitter = new FrameSplitter({
    message: (bytes, start, end) => messages.push(bytes.slice(start, end)),
    compressed: (bytes, start, end) => packed.push(bytes.slice(start, end)),
    tooLarge: () => undefined,
  });
  for (const chunk of chunks) if (splitter.push(chunk) !== undefined) break;
  const [message] = messages;
  if (message !== undefined) return ok(message);
  const [first] = packed;
  if (first === undefined) return failed(callFailure('broken_stream', 'an answer without a message'));
  try {
    return ok(await unzip(first, { maxOutputLength: MAX_MESSAGE_BYTES }));
  } catch {
    return failed(callFailure('broken_stream', 'an answer that can not be unpacked'));
  }
}

/** An answer of one message, with what was told beside it. */
export interface UnaryAnswer {
  readonly message: Uint8Array;
  readonly metadata: Metadata;
}

/** Makes a call whose answer is one message; never waits longer than the deadline. */
export function callUnary(
  channel: Channel,
  call: { readonly path: string; readonly request: Uint8Array; readonly timeoutMs: number },
): Promise<Result<UnaryAnswer, CallFailure>> {
  const stream = channel.request(call.path, { 'grpc-timeout': timeoutHeader(call.timeoutMs) });
  if (stream === undefined) return Promise.resolve(failed(channel.failure() ?? callFailure('cut')));
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let metadata: Metadata = {};
    const timer = setTimeout(() => {
      follow.forget();
      stream.close(CANCEL);
      resolve(failed(statusFailure('DEADLINE_EXCEEDED', '')));
    }, call.timeoutMs);
    const ended = async ({ failure }: CallEnd): Promise<void> => {
      clearTimeout(timer);
      const message = failure === undefined ? await onlyMessage(chunks) : failed(failure);
      resolve(message.ok ? ok({ message: message.value, metadata }) : message);
    };
    const follow = new CallWatch(channel, {
      begun(told) {
        metadata = told;
      },
      ended: (end) => void ended(end),
    });
    watch(stream, follow);
    stream.on('data', (chunk: Buffer) => {
      channel.received();
      size += chunk.length;
      if (size <= MAX_MESSAGE_BYTES + 5) chunks.push(chunk);
      else stream.close(CANCEL);
    });
    stream.end(framed(call.request));
  });
}
