import type { ServerResponse } from 'node:http';
import { groupVersion } from './kinds.ts';
import { type Asked, matcherOf } from './reads.ts';
import type { Matcher } from './selectors.ts';
import { badVersion, invalid, type Reply, tooOld } from './status.ts';
import type { Change, Json, ObjectStore, Stored } from './store.ts';
import type { Release } from './validate-policy.ts';
import { type View, viewed } from './views.ts';

interface Event {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: Stored;
}

/** What a change is to somebody who sees only what matches: leaving the selection is being deleted. */
function eventOf({ before, after, at }: Change, matches: Matcher): Event | undefined {
  const [was, is] = [before !== undefined && matches(before), after !== undefined && matches(after)];
  if (is && after !== undefined) return { type: was ? 'MODIFIED' : 'ADDED', object: after };
  if (!was || before === undefined) return undefined;
  // What is deleted carries the version of its end.
  const metadata = { ...before.metadata, resourceVersion: String(at) };
  return { type: 'DELETED', object: { ...before, metadata } };
}

/** One connection that is told of changes. */
interface Watcher {
  readonly asked: Asked;
  readonly response: ServerResponse;
  readonly matches: Matcher;
  readonly stop: () => void;
  isFirst: boolean;
}

const INITIAL_END = { 'k8s.io/initial-events-end': 'true' };

/** The open watches of a server. */
export class Watches {
  readonly #store: ObjectStore;
  readonly #release: Release;
  readonly #open = new Set<Watcher>();

  constructor(store: ObjectStore, release: Release) {
    this.#store = store;
    this.#release = release;
    store.subscribe((change) => {
      for (const watcher of this.#open) if (watcher.asked.kind === change.kind) this.#tell(watcher, change);
    });
  }

  get size(): number {
    return this.#open.size;
  }

  /** Tells everybody who asked for them which version has been reached. */
  bookmark(): void {
    for (const watcher of this.#open) {
      if (watcher.asked.query.get('allowWatchBookmarks') === 'true') this.#bookmark(watcher, {});
    }
  }

  /** Ends all watches as a server that is told to stop does, or as a network that fails. */
  end(how: 'closed' | 'cut'): void {
    for (const { response } of [...this.#open]) {
      if (how === 'closed') response.end();
      else response.destroy();
    }
  }

  /** Sends whatever to everybody; for what a healthy server never says. */
  sendRaw(text: string): void {
    for (const { response } of this.#open) response.write(text);
  }

  /** Takes a watch on, or says why not. */
  start(asked: Asked, response: ServerResponse): Reply | undefined {
    const matches = matcherOf(asked);
    if (typeof matches !== 'function') return matches;
    const refused = this.#refusal(asked.query);
    if (refused !== undefined) return refused;
    response.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
    response.flushHeaders();
    const version = Number(asked.query.get('resourceVersion') ?? 0);
    if (version > 0 && version < this.#store.oldest) {
      const { body } = tooOld(version, this.#store.version);
      response.end(`${JSON.stringify({ type: 'ERROR', object: body })}\n`);
      return undefined;
    }
    this.#run({ asked, response, matches }, version);
    return undefined;
  }

  #refusal(query: URLSearchParams): Reply | undefined {
    const text = query.get('resourceVersion') ?? '';
    if (!/^\d*$/.test(text)) return badVersion(text);
    if (!query.has('sendInitialEvents') || this.#release !== '1.20') return undefined;
    const field = 'resourceVersionMatch';
    const reason = 'FieldValueForbidden';
    return invalid({ group: 'meta.k8s.io', kind: 'ListOptions', name: '' }, [
      { reason, message: 'Forbidden: resourceVersionMatch is forbidden for watch', field },
      {
        reason,
        message: 'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
        field,
      },
    ]);
  }

  #run(own: Pick<Watcher, 'asked' | 'response' | 'matches'>, version: number): void {
    const { asked, response } = own;
    const seconds = Number(asked.query.get('timeoutSeconds') ?? 0);
    const timer = seconds > 0 ? setTimeout(() => response.end(), seconds * 1000) : undefined;
    const stop = (): void => {
      clearTimeout(timer);
      this.#open.delete(watcher);
    };
    const watcher: Watcher = { ...own, stop, isFirst: true };
    this.#open.add(watcher);
    response.on('close', stop);
    if (version === 0) this.#tellAll(watcher);
    else for (const change of this.#store.since(version, asked.kind)) this.#tell(watcher, change);
  }

  /** Without a version a watch begins with everything that is there. */
  #tellAll(watcher: Watcher): void {
    const { kind, namespace, query } = watcher.asked;
    for (const object of this.#store.list(kind, namespace).filter(watcher.matches))
      this.#send(watcher, { type: 'ADDED', object });
    const wantsBookmarks = query.get('allowWatchBookmarks') === 'true';
    const isMarked = this.#release !== '1.20' && query.get('resourceVersion') === null && wantsBookmarks;
    if (isMarked) this.#bookmark(watcher, { annotations: INITIAL_END });
  }

  #tell(watcher: Watcher, change: Change): void {
    const { namespace } = watcher.asked;
    const object = change.after ?? change.before;
    if (namespace !== undefined && object?.metadata.namespace !== namespace) return;
    const event = eventOf(change, watcher.matches);
    if (event !== undefined) this.#send(watcher, event);
  }

  #send(watcher: Watcher, { type, object }: Event): void {
    const { kind, view } = watcher.asked;
    this.#write(watcher, { type, object: viewed(kind, object, view, watcher.isFirst) });
    watcher.isFirst = false;
  }

  #bookmark(watcher: Watcher, more: Json): void {
    const { kind, view } = watcher.asked;
    const metadata = { resourceVersion: String(this.#store.version), ...more };
    const shapes: Readonly<Record<View, Json>> = {
      whole: { kind: kind.kind, apiVersion: groupVersion(kind), metadata, ...zeroSpec(kind.kind) },
      metadata: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata },
      table: { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions: null, rows: [] },
    };
    this.#write(watcher, { type: 'BOOKMARK', object: shapes[view] });
  }

  #write({ response }: Watcher, event: Json): void {
    response.write(`${JSON.stringify(event)}\n`);
  }
}

/** Go writes the fields that can not be left out. */
const zeroSpec = (kind: string): Json => (kind === 'NetworkPolicy' ? { spec: { podSelector: {} } } : {});
