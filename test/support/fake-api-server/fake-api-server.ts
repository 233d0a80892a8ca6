import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { stringify } from 'yaml';
import { discover } from './discovery.ts';
import { BUILT_IN, type FakeKind } from './kinds.ts';
import { get, list } from './reads.ts';
import { forbidden, pageNotFound, type Reply, unauthorized, unknownResource } from './status.ts';
import { type Json, ObjectStore, type Stored } from './store.ts';
import type { Release } from './validate-policy.ts';
import { viewOf } from './views.ts';
import { Watches } from './watches.ts';
import { Writes } from './writes.ts';

export interface FakeOptions {
  readonly release?: Release;
  readonly kinds?: readonly FakeKind[];
  /** Bearer token that is let in; everybody without it. */
  readonly token?: string;
  /** `ca` is what its kubeconfig names as the authority. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca: string };
}

/** A request as it came in. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

interface Target {
  readonly kind: FakeKind;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

const TARGET = /^\/(?:api|apis\/([^/]+))\/([^/]+)(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?$/;

const USER = 'system:serviceaccount:bulkhead:bulkhead';

/**
 * An API server for tests, without anything behind it. It says what a real one says where that matters to clients:
 * lists and pages, watches with bookmarks, selectors and expired versions, dry runs with strict validation, server-side
 * apply, tables, and as much discovery as `kubectl` needs. It knows no controllers: nothing happens by itself.
 */
export class FakeApiServer {
  readonly store = new ObjectStore();
  readonly watches: Watches;
  readonly requests: Seen[] = [];
  readonly #options: FakeOptions;
  readonly #kinds: readonly FakeKind[];
  readonly #writes: Writes;
  readonly #forbidden = new Set<string>();
  readonly #faults: ((request: Seen) => Reply | 'hang' | undefined)[] = [];
  #server: Server | undefined;

  constructor(options: FakeOptions = {}) {
    this.#options = options;
    const release = options.release ?? '1.36';
    this.#kinds = options.kinds ?? BUILT_IN;
    this.watches = new Watches(this.store, release);
    this.#writes = new Writes(this.store, release);
  }

  /** Listens on a free port of this machine. */
  async start(): Promise<string> {
    const { tls } = this.#options;
    const handler = (request: IncomingMessage, response: ServerResponse): void => {
      void this.#handle(request, response);
    };
    this.#server = tls === undefined ? createServer(handler) : createTlsServer(tls, handler);
    const server = this.#server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return this.url;
  }

  get url(): string {
    if (this.#server === undefined) throw new Error('the fake API server does not listen yet');
    const { port } = this.#server.address() as AddressInfo;
    return `${this.#options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.watches.end('cut');
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  /** A kubeconfig that leads here. */
  kubeconfig(): string {
    const { token, tls } = this.#options;
    const trust =
      tls === undefined
        ? { 'insecure-skip-tls-verify': true }
        : { 'certificate-authority-data': Buffer.from(tls.ca).toString('base64') };
    return stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'fake', cluster: { server: this.url, ...trust } }],
      users: [{ name: 'me', user: token === undefined ? {} : { token } }],
      contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'me' } }],
      'current-context': 'fake',
    });
  }

  kind(plural: string): FakeKind {
    const found = this.#kinds.find((each) => each.plural === plural);
    if (found === undefined) throw new Error(`the fake API server has no ${plural}`);
    return found;
  }

  /** Puts an object there as a controller or kubelet would, new or changed. */
  put(plural: string, object: Json): Stored {
    const kind = this.kind(plural);
    const metadata = object['metadata'] as Stored['metadata'];
    const before = this.store.get(kind, metadata.name, metadata.namespace);
    const made = this.store.made(kind, object);
    const { uid, creationTimestamp } = before?.metadata ?? made.metadata;
    const own = {
      uid: metadata.uid ?? uid,
      creationTimestamp: metadata.creationTimestamp ?? creationTimestamp,
    };
    return this.store.put(kind, { ...made, metadata: { ...made.metadata, ...own } as Stored['metadata'] });
  }

  remove(plural: string, name: string, namespace?: string): void {
    this.store.remove(this.kind(plural), name, namespace);
  }

  /** Takes a right away, e.g. `forbid('pods', 'list')`; `allow` gives it back. */
  forbid(plural: string, ...verbs: readonly string[]): void {
    for (const verb of verbs) this.#forbidden.add(`${plural} ${verb}`);
  }

  allow(plural: string, ...verbs: readonly string[]): void {
    for (const verb of verbs) this.#forbidden.delete(`${plural} ${verb}`);
  }

  /** Answers otherwise wherever `fault` gives an answer; `hang` for none at all. */
  breakWith(fault: (request: Seen) => Reply | 'hang' | undefined): () => void {
    this.#faults.push(fault);
    return () => this.#faults.splice(this.#faults.indexOf(fault), 1);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake');
    const { method = 'GET', headers } = request;
    const body = Buffer.concat(chunks).toString();
    const seen: Seen = { method, path: pathname, query: searchParams, headers, body };
    this.requests.push(seen);
    const fault = this.#faults.map((each) => each(seen)).find((each) => each !== undefined);
    if (fault === 'hang') return;
    const reply = fault ?? this.#answer(seen, response);
    if (reply !== undefined) send(response, reply);
  }

  #answer(seen: Seen, response: ServerResponse): Reply | undefined {
    const { token, release = '1.36' } = this.#options;
    const { path, headers, method } = seen;
    if (token !== undefined && headers.authorization !== `Bearer ${token}`) return unauthorized();
    const discovered = method === 'GET' ? discover(path, this.#kinds, release) : undefined;
    if (discovered !== undefined) return discovered;
    const target = this.#targetOf(path);
    if ('status' in target) return target;
    const verb = verbOf(seen, target);
    const { kind, namespace } = target;
    if (this.#forbidden.has(`${kind.plural} ${verb}`))
      return forbidden(kind, verb, { namespace, user: USER });
    return method === 'GET' ? this.#read(seen, target, response) : this.#write(seen, target);
  }

  #targetOf(path: string): Target | Reply {
    const [, group = '', version, namespace, plural, name] = TARGET.exec(path) ?? [];
    const known = this.#kinds.filter((each) => each.group === group && each.version === version);
    if (known.length === 0) return pageNotFound();
    const kind = known.find((each) => each.plural === plural);
    return kind === undefined ? unknownResource() : { kind, namespace, name };
  }

  #read(seen: Seen, { kind, namespace, name }: Target, response: ServerResponse): Reply | undefined {
    const { query, headers } = seen;
    const asked = { kind, namespace, query, view: viewOf(headers.accept ?? '') };
    if (isWatch(query)) return this.watches.start(asked, response);
    return name === undefined ? list(this.store, asked) : get(this.store, asked, name);
  }

  #write({ method, query, headers, body }: Seen, target: Target): Reply {
    const contentType = headers['content-type'] ?? 'application/json';
    return this.#writes.handle(method, { ...target, query, contentType, body });
  }
}

const isWatch = (query: URLSearchParams): boolean => ['true', '1'].includes(query.get('watch') ?? '');

const WRITE_VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

function verbOf({ method, query }: Seen, { name }: Target): string {
  if (method !== 'GET') return WRITE_VERBS[method] ?? method;
  if (isWatch(query)) return 'watch';
  return name === undefined ? 'list' : 'get';
}

function send(response: ServerResponse, { status, body, headers = {} }: Reply): void {
  const isText = typeof body === 'string';
  const type = isText ? 'text/plain; charset=utf-8' : 'application/json';
  response.writeHead(status, { 'content-type': type, ...headers });
  response.end(isText ? body : JSON.stringify(body));
}
