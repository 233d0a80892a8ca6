import { type FakeKind, groupVersion } from './kinds.ts';
import type { Json, Stored } from './store.ts';

/** In which shape a client wants objects. */
export type View = 'whole' | 'table' | 'metadata';

/** Reads an Accept header; of several wishes the first that can be met. */
export function viewOf(accept: string): View {
  for (const wish of accept.split(',')) {
    if (wish.includes('as=Table')) return 'table';
    if (wish.includes('as=PartialObjectMetadata')) return 'metadata';
    if (/^\s*(application\/json|\*\/\*)\s*$/.test(wish)) return 'whole';
  }
  return 'whole';
}

const partial = ({ metadata }: Stored): Json => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata,
});

const recordAt = (value: unknown): Json =>
  typeof value === 'object' && value !== null ? (value as Json) : {};

function age({ metadata }: Stored): string {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(metadata.creationTimestamp ?? '')) / 1000));
  return seconds < 120 ? `${seconds}s` : `${Math.floor(seconds / 60)}m`;
}

function podSelector(object: Stored): string {
  const labels = recordAt(recordAt(recordAt(object['spec'])['podSelector'])['matchLabels']);
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${String(value)}`);
  return pairs.length === 0 ? '<none>' : pairs.sort().join(',');
}

interface Column {
  readonly name: string;
  readonly format?: string;
  readonly cell: (object: Stored) => string;
}

const NAME: Column = { name: 'Name', format: 'name', cell: ({ metadata }) => metadata.name };
const AGE: Column = { name: 'Age', cell: age };

function columnsOf({ kind }: FakeKind): readonly Column[] {
  if (kind === 'NetworkPolicy') return [NAME, { name: 'Pod-Selector', cell: podSelector }, AGE];
  if (kind !== 'Pod') return [NAME, AGE];
  const phase = (object: Stored): string => String(recordAt(object['status'])['phase'] ?? 'Pending');
  return [NAME, { name: 'Status', cell: phase }, AGE];
}

/** A Table of objects; a watch leaves the columns out after its first event. */
export function tableOf(
  kind: FakeKind,
  objects: readonly Stored[],
  version: string | undefined,
  isFirst = true,
): Json {
  const columns = columnsOf(kind);
  const definitions = columns.map(({ name, format = '' }) => ({
    name,
    type: 'string',
    format,
    description: '',
    priority: 0,
  }));
  const rows = objects.map((object) => ({
    cells: columns.map(({ cell }) => cell(object)),
    object: partial(object),
  }));
  const metadata = version === undefined ? {} : { resourceVersion: version };
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: isFirst ? definitions : null,
    rows,
  };
}

/** One object in a view. */
export function viewed(kind: FakeKind, object: Stored, view: View, isFirst = true): Json {
  if (view === 'table') return tableOf(kind, [object], object.metadata.resourceVersion, isFirst);
  return view === 'metadata' ? partial(object) : object;
}

/** A list in a view. Items of a plain list carry neither kind nor version. */
export function viewedList(kind: FakeKind, objects: readonly Stored[], view: View, metadata: Json): Json {
  if (view === 'table') return { ...tableOf(kind, objects, undefined), metadata };
  if (view === 'metadata')
    return {
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata,
      items: objects.map(partial),
    };
  const items = objects.map(({ kind: _kind, apiVersion: _version, ...rest }) => rest);
  return { kind: `${kind.kind}List`, apiVersion: groupVersion(kind), metadata, items };
}
