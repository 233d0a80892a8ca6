import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { readJson } from './json-stream.ts';
import type { ClusterLogin } from './kube-config.ts';
import { failureOfError, failureOfStatus, KubeError } from './kube-failure.ts';

/** Parameters of a request, in the order in which they are written. */
export type Query = Readonly<Record<string, string | number | undefined>>;

export interface GetOptions {
  readonly query?: Query;
  readonly accept?: string;
  readonly signal?: AbortSignal | undefined;
}

/** An answer whose body has not been read yet. */
export interface OpenAnswer {
  readonly body: AsyncIterable<Uint8Array>;
  close(): void;
}

/** An answer as a whole, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** `Warning` headers, one text each. */
  readonly warnings: readonly string[];
}

/**
 * The only way to an API server. It can do two things: read, and ask for a dry run. There is no way to have it send
 * anything that is stored.
 */
export interface KubeClient {
  readonly server: string;
  /** The body of a GET as JSON. Throws {@link KubeError} for any status but 200. */
  get(path: string, options?: GetOptions): Promise<unknown>;
  /** A GET that goes on answering. Throws {@link KubeError} for any status but 200. */
  open(path: string, options?: GetOptions): Promise<OpenAnswer>;
  /** What would become of an object that is created here, strictly checked. */
  dryRunCreate(path: string, object: unknown, signal?: AbortSignal | undefined): Promise<Answer>;
}

/** How long an answer may take to begin, and a socket to stay silent where it should speak. */
const PATIENCE_MS = 30_000;
/** Load balancers drop connections that are silent for a minute or more. */
const KEEP_ALIVE_MS = 30_000;

const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

function targetOf(server: string, path: string, query: Query = {}): URL {
  const url = new URL(`${server}${path}`);
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(key, String(value));
  }
  return url;
}

interface Outgoing {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Sends a request and waits for the head of its answer. Redirects are not followed: they would take the login along. */
async function send(
  login: ClusterLogin,
  { method, url, headers, body, signal }: Outgoing,
): Promise<IncomingMessage> {
  const options: RequestOptions = { method, headers: { ...headers } };
  await login.applyTo(options);
  if (signal !== undefined) options.signal = signal;
  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options);
  return new Promise((resolve, reject) => {
    request.setTimeout(PATIENCE_MS, () => {
      request.destroy(new KubeError({ code: 'silent', detail: `nothing for ${PATIENCE_MS / 1000} s` }));
    });
    request.once('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS));
    request.once('error', reject);
    request.once('response', (response) => {
      request.off('error', reject);
      request.on('error', (error) => response.destroy(error)); // a socket that dies later ends the body
      resolve(response);
    });
    request.end(body);
  });
}

/** Whatever goes wrong with a request is a {@link KubeError}. */
async function guarded<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw new KubeError(failureOfError(error));
  }
}

async function* bodyOf(response: IncomingMessage): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const chunk of response) yield chunk as Uint8Array;
  } catch (error) {
    throw new KubeError(failureOfError(error));
  }
}

async function jsonOrNothing(response: IncomingMessage): Promise<unknown> {
  try {
    return await readJson(bodyOf(response), MAX_ANSWER_BYTES);
  } catch {
    return undefined; // a proxy's page, or no body: the status says enough
  }
}

const QUOTED = /^\d{3} \S+ "((?:[^"\\]|\\.)*)"/;

/** The text of a `Warning: 299 - "…"` header (RFC 7234 §5.5, as the API server writes it). */
function warningText(header: string): string {
  const quoted = QUOTED.exec(header)?.[1];
  return quoted === undefined ? header : quoted.replaceAll(/\\(.)/g, '$1');
}

function warningsOf({ rawHeaders }: IncomingMessage): readonly string[] {
  const values = rawHeaders.filter(
    (_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'warning',
  );
  return values.map(warningText);
}

const QUIET_BODIES = 0;

/** A client of the API server that `login` leads to; `agent` is what it calls itself. */
export function createKubeClient(login: ClusterLogin, agent: string): KubeClient {
  const common = { 'user-agent': agent, 'accept-encoding': 'identity' };

  const open = (path: string, { query, accept, signal }: GetOptions): Promise<IncomingMessage> =>
    guarded(async () => {
      const headers = { ...common, accept: accept ?? 'application/json' };
      const url = targetOf(login.server, path, query);
      const response = await send(login, { method: 'GET', url, headers, signal });
      if (response.statusCode === 200) return response;
      const body = await jsonOrNothing(response);
      const retryAfter = response.headers['retry-after'];
      throw new KubeError(failureOfStatus(response.statusCode ?? 0, body, retryAfter));
    });

  return {
    server: login.server,
    get: async (path, options = {}) => {
      const response = await open(path, options);
      return guarded(() => readJson(bodyOf(response)));
    },
    open: async (path, options = {}) => {
      const response = await open(path, options);
      response.socket.setTimeout(QUIET_BODIES); // a watch says nothing for as long as nothing happens
      return { body: bodyOf(response), close: () => response.destroy() };
    },
    dryRunCreate: (path, object, signal) =>
      guarded(async () => {
        const url = targetOf(login.server, path, { dryRun: 'All', fieldValidation: 'Strict' });
        const body = JSON.stringify(object);
        const headers = {
          ...common,
          accept: 'application/json',
          'content-type': 'application/json',
          'content-length': String(Buffer.byteLength(body)),
        };
        const response = await send(login, { method: 'POST', url, headers, body, signal });
        const answer = await jsonOrNothing(response);
        return { status: response.statusCode ?? 0, body: answer, warnings: warningsOf(response) };
      }),
  };
}
