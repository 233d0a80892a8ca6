import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { failed, ok, type Result } from '#core/result.ts';
import { type CallFailure, type CallFailureCode, callFailure, failureOfError } from './call-failure.ts';
import { connectSocket, type Reach, speaksTls } from './connect-socket.ts';

/** Bytes on their way per stream and per connection: enough for 1 GB/s at 8 ms of round trip. */
const WINDOW_BYTES = 8 * 1024 * 1024;
/** Messages are small and many: larger frames mean fewer of them, where the sender makes use of it. */
const MAX_FRAME_BYTES = 1024 * 1024;
const HEADER_LIST_BYTES = 64 * 1024;

/** An HTTP/2 connection that gRPC calls are made over. */
export interface Channel {
  /** Opens the stream of a call; undefined once the connection is gone. */
  request(path: string, headers: Readonly<Record<string, string>>): ClientHttp2Stream | undefined;
  /** Milliseconds since anything was received, by the clock that was given. */
  idleMs(): number;
  /** Told by calls that something was received. */
  received(): void;
  /** Resolves to false when no answer came in time; the connection is then gone. */
  ping(timeoutMs: number): Promise<boolean>;
  /** Why the connection ended, as far as it is known; undefined while it stands. */
  failure(): CallFailure | undefined;
  readonly closed: Promise<void>;
  close(): void;
}

export interface ChannelOptions extends Reach {
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number;
}

function openSession(socket: Socket, { address, serverName }: Reach): ClientHttp2Session {
  const { at, isTls } = address;
  const name = at.kind === 'unix' ? 'localhost' : isTls ? serverName : address.text;
  const bare = name.includes(':') && !name.includes(']') && isTls ? `[${name}]` : name;
  return connect(`${isTls ? 'https' : 'http'}://${bare}`, {
    createConnection: () => socket,
    settings: {
      enablePush: false,
      initialWindowSize: WINDOW_BYTES,
      maxFrameSize: MAX_FRAME_BYTES,
      maxHeaderListSize: HEADER_LIST_BYTES,
    },
    maxSessionMemory: 64,
  });
}

/** Resolves once the server has sent its settings, as each HTTP/2 server does first (RFC 9113 §3.4). */
function whenSpoken(
  session: ClientHttp2Session,
  socket: Socket,
  reach: Reach,
): Promise<Result<void, CallFailure>> {
  const hasClientCertificate = reach.material.cert !== undefined;
  return new Promise((resolve) => {
    const settle = (result: Result<void, CallFailure>): void => {
      clearTimeout(timer);
      session.off('remoteSettings', onSettings).off('error', onError).off('close', onClose);
      socket.off('error', onError).off('close', onClose);
      if (!result.ok) {
        session.on('error', () => undefined);
        session.destroy();
      }
      resolve(result);
    };
    const onSettings = (): void => settle(ok(undefined));
    const onError = (error: Error): void =>
      settle(failed(failureOfError(error, { hasClientCertificate }) ?? callFailure('not_http2')));
    const onClose = (): void => settle(failed(callFailure('not_http2')));
    const timer = setTimeout(() => settle(failed(callFailure('no_answer'))), reach.timeoutMs);
    session.on('remoteSettings', onSettings).on('error', onError).on('close', onClose);
    socket.on('error', onError).on('close', onClose);
  });
}

class Http2Channel implements Channel {
  readonly #session: ClientHttp2Session;
  readonly #monotonicMs: () => number;
  #receivedAt: number;
  #failure: CallFailure | undefined = undefined;
  readonly closed: Promise<void>;

  constructor(session: ClientHttp2Session, { monotonicMs, material }: ChannelOptions) {
    this.#session = session;
    this.#monotonicMs = monotonicMs;
    this.#receivedAt = monotonicMs();
    const hasClientCertificate = material.cert !== undefined;
    session.on('error', (error: Error) => {
      this.#failure ??= failureOfError(error, { hasClientCertificate });
    });
    this.closed = new Promise((resolve) => {
      session.once('close', () => {
        this.#failure ??= callFailure('cut');
        resolve();
      });
    });
  }

  request(path: string, headers: Readonly<Record<string, string>>): ClientHttp2Stream | undefined {
    if (this.#session.closed || this.#session.destroyed) return undefined;
    return this.#session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-accept-encoding': 'identity,gzip',
      'user-agent': 'bulkhead',
      ...headers,
    });
  }

  idleMs(): number {
    return this.#monotonicMs() - this.#receivedAt;
  }

  received(): void {
    this.#receivedAt = this.#monotonicMs();
  }

  ping(timeoutMs: number): Promise<boolean> {
    const session = this.#session;
    return new Promise((resolve) => {
      const settle = (isAnswered: boolean): void => {
        clearTimeout(timer);
        if (isAnswered) this.received();
        else {
          this.#failure ??= callFailure('no_answer');
          session.destroy();
        }
        resolve(isAnswered);
      };
      const timer = setTimeout(() => settle(false), timeoutMs);
      if (session.destroyed || !session.ping((error) => settle(error === null))) settle(false);
    });
  }

  failure(): CallFailure | undefined {
    return this.#failure;
  }

  close(): void {
    this.#session.destroy();
  }
}

/** True when both sides agreed on HTTP/2 in the TLS handshake. */
const isAgreedOn = (socket: Socket): boolean =>
  'alpnProtocol' in socket && (socket as TLSSocket).alpnProtocol === 'h2';

/** A server that agrees on HTTP/2 and then hangs up without a word did not like the client's certificate. */
const clientCertificateFailure = ({ material }: Reach): CallFailureCode =>
  material.cert === undefined ? 'client_certificate_missing' : 'client_certificate_refused';

/** Connects and waits until the server has spoken; the failure says what is wrong with the address, or with TLS. */
export async function openChannel(options: ChannelOptions): Promise<Result<Channel, CallFailure>> {
  const socket = await connectSocket(options);
  if (!socket.ok) return socket;
  const session = openSession(socket.value, options);
  const spoken = await whenSpoken(session, socket.value, options);
  if (spoken.ok) {
    session.setLocalWindowSize(WINDOW_BYTES);
    return ok(new Http2Channel(session, options));
  }
  if (spoken.error.code === 'not_http2' && isAgreedOn(socket.value)) {
    return failed(callFailure(clientCertificateFailure(options)));
  }
  const isSilent = spoken.error.code === 'no_answer' || spoken.error.code === 'not_http2';
  if (isSilent && !options.address.isTls && (await speaksTls(options)))
    return failed(callFailure('tls_server'));
  return spoken;
}
