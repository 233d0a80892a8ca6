import {
  constants,
  createSecureServer,
  createServer,
  type Http2Server,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { type Answer, openAnswer } from './grpc-answer.ts';
import { MAX_MESSAGE_BYTES, onlyMessage } from './grpc-frame.ts';
import { GRPC_STATUS, GrpcError, timeoutMs } from './grpc-status.ts';

/** What a method may do with the call it answers. */
export interface ServerCall {
  /** Aborted when the client has gone, its deadline has passed, or the server stops. */
  readonly signal: AbortSignal;
  readonly answer: Answer;
}

/** Answers one call: writes what it has to say and returns, or throws a {@link GrpcError}. */
export type GrpcMethod = (request: Uint8Array, call: ServerCall) => void | Promise<void>;

/** PEM texts. With `clientCa` a client must show a certificate that this authority signed. */
export interface ServerTls {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  readonly clientCa?: string | Buffer | undefined;
}

export interface GrpcServerOptions {
  /** By path, e.g. `/observer.Observer/GetFlows`. */
  readonly methods: ReadonlyMap<string, GrpcMethod>;
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  readonly tls?: ServerTls | undefined;
  /** Sent with each answer. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A server that answers. */
export interface GrpcServer {
  readonly host: string;
  /** The one that was really taken. */
  readonly port: number;
  /** How many clients are connected. */
  connections(): number;
  /** Ends what is open with UNAVAILABLE, then the connections. */
  close(): Promise<void>;
}

const MAX_STREAMS_PER_CONNECTION = 100;
const CLOSING_GRACE_MS = 500;

/** The request's bytes; rejects when there are too many of them, or the client goes before all are there. */
function bodyOf(stream: ServerHttp2Stream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_MESSAGE_BYTES + 1024) chunks.push(chunk);
      else reject(new GrpcError(GRPC_STATUS.resourceExhausted, 'the request is too large'));
    });
    stream.once('end', () => resolve(Buffer.concat(chunks)));
    stream.once('close', () => reject(new GrpcError(GRPC_STATUS.internal, 'the request broke off')));
  });
}

const textHeader = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
};

/** Aborts when the stream closes, the deadline passes, or the server stops; says which it was. */
function lifeOf(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, stopping: AbortSignal) {
  const life = new AbortController();
  const limit = timeoutMs(textHeader(headers, 'grpc-timeout'));
  const timer =
    limit === undefined
      ? undefined
      : setTimeout(
          () => life.abort(new GrpcError(GRPC_STATUS.deadlineExceeded, 'the deadline has passed')),
          Math.min(limit, 2 ** 31 - 1),
        );
  const stop = (): void => life.abort(new GrpcError(GRPC_STATUS.unavailable, 'the server is shutting down'));
  if (stopping.aborted) stop();
  stopping.addEventListener('abort', stop, { once: true });
  stream.once('close', () => {
    clearTimeout(timer);
    stopping.removeEventListener('abort', stop);
    life.abort();
  });
  return life.signal;
}

const asGrpcError = (error: unknown): GrpcError =>
  error instanceof GrpcError
    ? error
    : new GrpcError(GRPC_STATUS.internal, error instanceof Error ? error.message : String(error));

class Server implements GrpcServer {
  readonly host: string;
  readonly #server: Http2Server;
  readonly #options: GrpcServerOptions;
  /** With the socket below, which a session does not hand out. */
  readonly #sessions = new Map<ServerHttp2Session, Socket | undefined>();
  #newest: ServerHttp2Session | undefined;
  readonly #stopping = new AbortController();

  constructor(options: GrpcServerOptions) {
    this.host = options.host;
    this.#options = options;
    const settings = { maxConcurrentStreams: MAX_STREAMS_PER_CONNECTION };
    const { tls } = options;
    this.#server =
      tls === undefined
        ? createServer({ settings })
        : createSecureServer({
            settings,
            cert: tls.cert,
            key: tls.key,
            minVersion: 'TLSv1.2',
            ...(tls.clientCa !== undefined && {
              ca: tls.clientCa,
              requestCert: true,
              rejectUnauthorized: true,
            }),
          });
    this.#server.on('session', (session) => this.#meet(session));
    // Comes right after the session that Node made of it.
    this.#server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      if (this.#newest !== undefined) this.#sessions.set(this.#newest, socket);
      this.#newest = undefined;
    });
    this.#server.on('stream', (stream: ServerHttp2Stream, headers) => this.#take(stream, headers));
    // A client that does not speak the protocol, or whose certificate is refused, is its own loss.
    this.#server.on('sessionError', () => undefined);
    this.#server.on('tlsClientError', () => undefined);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  connections(): number {
    return this.#sessions.size;
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.port, this.#options.host, () => {
        this.#server.off('error', reject);
        this.#server.on('error', () => undefined);
        resolve();
      });
    });
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#stopping.abort();
    for (const session of this.#sessions.keys()) session.close();
    const timer = setTimeout(() => {
      for (const socket of this.#sessions.values()) socket?.destroy();
    }, CLOSING_GRACE_MS);
    await closed;
    clearTimeout(timer);
  }

  #socketOf(session: Http2Session | undefined): Socket | undefined {
    return this.#sessions.get(session as ServerHttp2Session);
  }

  #meet(session: ServerHttp2Session): void {
    this.#sessions.set(session, undefined);
    this.#newest = session;
    session.on('error', () => undefined);
    session.once('close', () => this.#sessions.delete(session));
  }

  #take(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', () => undefined);
    if (!/^application\/grpc(?:[+;]|$)/.test(headers['content-type'] ?? '')) {
      stream.respond({ [constants.HTTP2_HEADER_STATUS]: 415 }, { endStream: true });
      return;
    }
    void this.#answer(stream, headers);
  }

  async #answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    const signal = lifeOf(stream, headers, this.#stopping.signal);
    const { session } = stream;
    const answer = openAnswer(stream, {
      signal,
      metadata: this.#options.metadata ?? {},
      hangUp: () => this.#socketOf(session)?.destroy(),
    });
    const path = textHeader(headers, ':path') ?? '';
    try {
      const method = this.#options.methods.get(path);
      if (method === undefined) {
        throw new GrpcError(GRPC_STATUS.unimplemented, `unknown method ${path}`);
      }
      const request = onlyMessage(await bodyOf(stream), textHeader(headers, 'grpc-encoding'));
      await method(request, { signal, answer });
      signal.throwIfAborted();
      answer.end(GRPC_STATUS.ok, '');
    } catch (error) {
      const { code, message } = asGrpcError(signal.reason instanceof GrpcError ? signal.reason : error);
      answer.end(code, message);
    }
  }
}

/** Starts a gRPC server on `node:http2`. Rejects with the system's error when the address can not be taken. */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const server = new Server(options);
  await server.listen();
  return server;
}
