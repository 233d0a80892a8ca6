import { randomUUID } from 'node:crypto';
import { type FakeKind, groupVersion, qualified } from './kinds.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface Metadata extends Json {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** An object as it is stored, with kind and version. */
export interface Stored extends Json {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: Metadata;
}

/** One line of the store's history: what watches are told from. */
export interface Change {
  readonly at: number;
  readonly kind: FakeKind;
  readonly before: Stored | undefined;
  readonly after: Stored | undefined;
}

const keyOf = ({
  namespace,
  name,
}: {
  readonly namespace?: string | undefined;
  readonly name: string;
}): string => (namespace === undefined ? name : `${namespace}/${name}`);

/** Like `creationTimestamp`: whole seconds. */
const timestamp = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

/** Objects with one counter for all their versions, and the history of their changes until it is compacted. */
export class ObjectStore {
  readonly #objects = new Map<string, Map<string, Stored>>();
  readonly #listeners = new Set<(change: Change) => void>();
  #history: Change[] = [];
  #version = 100;
  #oldest = 1;

  get version(): number {
    return this.#version;
  }

  /** Watches from an earlier version than this are answered with "too old". */
  get oldest(): number {
    return this.#oldest;
  }

  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets history, as etcd does every five minutes and a restarted API server at once. */
  compact(): void {
    this.#history = [];
    this.#oldest = this.#version;
  }

  since(version: number, kind: FakeKind): readonly Change[] {
    return this.#history.filter((change) => change.at > version && change.kind === kind);
  }

  list(kind: FakeKind, namespace: string | undefined): readonly Stored[] {
    const all = [...(this.#objects.get(qualified(kind)) ?? new Map<string, Stored>())];
    all.sort(([a], [b]) => (a < b ? -1 : 1));
    return all
      .map(([, object]) => object)
      .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);
  }

  get(kind: FakeKind, name: string, namespace: string | undefined): Stored | undefined {
    return this.#objects.get(qualified(kind))?.get(keyOf({ name, namespace }));
  }

  /** The object as it would be made: with everything a server adds but a version. */
  made(kind: FakeKind, object: Json): Stored {
    const metadata = object['metadata'] as Metadata;
    const { resourceVersion: _version, ...own } = metadata;
    const added = { uid: randomUUID(), generation: 1, creationTimestamp: timestamp() };
    return {
      ...object,
      kind: kind.kind,
      apiVersion: groupVersion(kind),
      metadata: { ...own, ...added } as Metadata,
    };
  }

  /** Stores an object, new or changed; what is the same as before changes no version. */
  put(kind: FakeKind, object: Stored): Stored {
    const key = keyOf(object.metadata);
    const objects = this.#objects.get(qualified(kind)) ?? new Map<string, Stored>();
    this.#objects.set(qualified(kind), objects);
    const before = objects.get(key);
    if (before !== undefined && JSON.stringify(unversioned(before)) === JSON.stringify(unversioned(object)))
      return before;
    this.#version += 1;
    const after = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
    objects.set(key, after);
    this.#record({ at: this.#version, kind, before, after });
    return after;
  }

  remove(kind: FakeKind, name: string, namespace: string | undefined): Stored | undefined {
    const objects = this.#objects.get(qualified(kind));
    const before = objects?.get(keyOf({ name, namespace }));
    if (objects === undefined || before === undefined) return undefined;
    objects.delete(keyOf({ name, namespace }));
    this.#version += 1;
    this.#record({ at: this.#version, kind, before, after: undefined });
    return before;
  }

  #record(change: Change): void {
    this.#history.push(change);
    for (const listener of this.#listeners) listener(change);
  }
}

function unversioned({ metadata, ...rest }: Stored): Json {
  const { resourceVersion: _version, ...own } = metadata;
  return { ...rest, metadata: own };
}
