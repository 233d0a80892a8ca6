import type { FakeKind } from './kinds.ts';
import { fieldMatcher, labelMatcher, type Matcher } from './selectors.ts';
import { continueExpired, listExpired, notFound, type Reply, tooNew } from './status.ts';
import type { Json, ObjectStore, Stored } from './store.ts';
import { type View, viewed, viewedList } from './views.ts';

/** What a list or watch is asked to show. */
export interface Asked {
  readonly kind: FakeKind;
  readonly namespace: string | undefined;
  readonly query: URLSearchParams;
  readonly view: View;
}

/** Both selectors of a request as one. */
export function matcherOf({ query }: Asked): Matcher | Reply {
  const labels = labelMatcher(query.get('labelSelector') ?? '');
  const fields = fieldMatcher(query.get('fieldSelector') ?? '');
  if (typeof fields !== 'function') return fields;
  return (object) => labels(object) && fields(object);
}

const isReply = (value: Matcher | Reply): value is Reply => typeof value !== 'function';

/** Where a page ended; opaque to clients, as it should be. */
interface Continue {
  readonly version: number;
  readonly after: string;
}

const keyOf = ({ metadata }: Stored): string => `${metadata.namespace ?? ''}/${metadata.name}`;

const written = (next: Continue): string => Buffer.from(JSON.stringify(next)).toString('base64url');

function parsed(text: string): Continue | undefined {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString()) as Continue;
  } catch {
    return undefined;
  }
}

function versionProblem(store: ObjectStore, { query }: Asked): Reply | undefined {
  const asked = Number(query.get('resourceVersion') ?? 0);
  if (asked > store.version) return tooNew(asked, store.version);
  const isExact = query.get('resourceVersionMatch') === 'Exact';
  return isExact && asked < store.oldest ? listExpired() : undefined;
}

/**
 * A list, or a page of one. A page comes from the store as it is now, which may differ from how it was at the first page:
 * a server with etcd behind it shows one moment in all pages.
 */
export function list(store: ObjectStore, asked: Asked): Reply {
  const problem = versionProblem(store, asked);
  if (problem !== undefined) return problem;
  const matches = matcherOf(asked);
  if (isReply(matches)) return matches;
  const from = continueOf(asked.query);
  if (from !== undefined && from.version < store.oldest) return continueExpired();
  const all = store.list(asked.kind, asked.namespace).filter(matches);
  const rest = from === undefined ? all : all.filter((object) => keyOf(object) > from.after);
  const limit = Number(asked.query.get('limit') ?? 0) || rest.length;
  const page = rest.slice(0, limit);
  const version = from?.version ?? store.version;
  const more = moreOf(page, rest.length - page.length, version);
  const metadata = { resourceVersion: String(version), ...more };
  return { status: 200, body: viewedList(asked.kind, page, asked.view, metadata) };
}

/** The token a request goes on from; one that can not be read is as old as can be. */
function continueOf(query: URLSearchParams): Continue | undefined {
  const token = query.get('continue') ?? '';
  return token === '' ? undefined : (parsed(token) ?? { version: 0, after: '' });
}

function moreOf(page: readonly Stored[], left: number, version: number): Json {
  const last = page.at(-1);
  if (left === 0 || last === undefined) return {};
  return { continue: written({ version, after: keyOf(last) }), remainingItemCount: left };
}

export function get(store: ObjectStore, asked: Asked, name: string): Reply {
  const object = store.get(asked.kind, name, asked.namespace);
  if (object === undefined) return notFound(asked.kind, name);
  return { status: 200, body: viewed(asked.kind, object, asked.view) };
}
