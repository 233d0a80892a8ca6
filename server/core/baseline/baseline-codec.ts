import { type Coverage, SET_ASIDE_REASONS, type SetAside, type SetAsideReason } from '#core/flow/coverage.ts';
import type { EpochMs } from '#core/flow/time.ts';
import { parseNamespaceName, parseObjectName } from '#core/identity/names.ts';
import type { SeenNamespace, SeenPod, SeenWorld } from '#core/identity/seen-pod.ts';
import { sortedBy } from '#core/order.ts';
import { recordOf } from '#core/record.ts';
import type { Result } from '#core/result.ts';
import { type Baseline, type BaselineEdge, type BaselineId, EDGE_DECISIONS } from './baseline.ts';
import { canonicalJson, type Json, jsonObject, toJson } from './canonical-json.ts';
import { encodeEdge, parseWorkloadIdText, readEdge } from './edge-codec.ts';
import {
  type MalformedField,
  misfit,
  type Reader,
  readBigCount,
  readCount,
  readFields,
  readInteger,
  readJson,
  readList,
  readMap,
  readNumber,
  readOneOf,
  readOptional,
  readParsed,
  readText,
} from './json-reader.ts';
import type { Readiness } from './readiness.ts';
import type { Scope, TrainingWindow } from './training-window.ts';

/** Version of the written form; a newer one is refused instead of half understood. */
const FORMAT = 'bulkhead-baseline/1';

const readNamespace = readParsed(parseNamespaceName, 'a namespace name');
const readWorkloadId = readParsed(parseWorkloadIdText, 'cluster/namespace/kind/name');

const readScope = readFields<Scope>({
  cluster: readText,
  namespaces: readList(readNamespace),
  workloads: readList(readWorkloadId),
});

const readSpan = readFields<{ from: EpochMs; until: EpochMs }>({ from: readInteger, until: readInteger });
const readWindow: Reader<TrainingWindow> = readSpan;

const readPod = readFields<SeenPod>({
  cluster: readText,
  namespace: readNamespace,
  name: readParsed(parseObjectName, 'an object name'),
  workload: readWorkloadId,
  labels: readMap(readText),
  ips: readList(readText),
  firstSeenAt: readInteger,
  lastSeenAt: readInteger,
});

/** Reads a world written by {@link encodeBaseline}. */
export const readWorld: Reader<SeenWorld> = readFields<SeenWorld>({
  pods: readList(readPod),
  namespaces: readList(
    readFields<SeenNamespace>({ cluster: readText, name: readNamespace, labels: readMap(readText) }),
  ),
  shedPods: readCount,
});

const setAside = (): Reader<SetAside> =>
  readFields<SetAside>({ conversations: readCount, examples: readList(readText) });

/** Reads coverage written by {@link encodeBaseline}. */
export const readCoverage: Reader<Coverage> = readFields<Coverage>({
  flows: readCount,
  conversations: readCount,
  transportConversations: readCount,
  setAside: readFields<Record<SetAsideReason, SetAside>>(recordOf(SET_ASIDE_REASONS, setAside)),
  undecidedTransport: readCount,
  directionConflicts: readCount,
  socketRecords: readCount,
  timeless: readCount,
  lostEvents: readBigCount,
  closedEarly: readCount,
  nodes: readList(readText),
  silentNodes: readList(readText),
  span: readOptional(readSpan),
});

const readReadiness = readFields<Readiness>({
  score: readNumber,
  unseenMass: readNumber,
  edges: readCount,
  oneShotEdges: readCount,
  incidences: readCount,
  windowMs: readCount,
  hoursCovered: readCount,
  hoursInSpan: readCount,
  lostShare: readNumber,
  reasons: readList(readText),
});

const readBaselineEdge = readFields<BaselineEdge>({
  edge: readEdge,
  decision: readOneOf(EDGE_DECISIONS),
  reason: readText,
  actor: readText,
});

const readEdges: Reader<Baseline['edges']> = (value, at) => {
  const rows = readList(readBaselineEdge)(value, at);
  const edges = new Map(rows.map((row) => [row.edge.key, row] as const));
  return edges.size === rows.length ? edges : misfit(at, 'each edge once');
};

/** The text of a content id, such as a hash in hex; undefined when it can not be one. */
export const parseBaselineId = (text: string): BaselineId | undefined =>
  /^[A-Za-z0-9:_-]{1,128}$/.test(text) ? (text as BaselineId) : undefined; // the only cast to BaselineId

const readBaseline = readFields<Baseline & { format: string }>({
  format: readOneOf([FORMAT]),
  id: readParsed(parseBaselineId, 'an id'),
  version: readCount,
  scope: readScope,
  window: readWindow,
  edges: readEdges,
  world: readWorld,
  coverage: readCoverage,
  readiness: readReadiness,
});

/** Everything in a baseline but its id and version. */
export type BaselineContent = Omit<Baseline, 'id' | 'version'>;

function encodeContent(content: BaselineContent): readonly (readonly [string, Json])[] {
  const edges = sortedBy(content.edges.values(), ({ edge }) => edge.key).map((row) =>
    jsonObject([
      ['decision', row.decision],
      ['reason', row.reason],
      ['actor', row.actor],
      ['edge', encodeEdge(row.edge)],
    ]),
  );
  return [
    ['format', FORMAT],
    ['scope', toJson(content.scope)],
    ['window', toJson(content.window)],
    ['edges', edges],
    ['world', toJson(content.world)],
    ['coverage', toJson(content.coverage)],
    ['readiness', toJson(content.readiness)],
  ];
}

/**
 * The id of this content: the hash of its canonical JSON. The version is left out, so that two equal baselines have one
 * id. Throws when `hash` gives no usable text.
 */
export function baselineIdOf(content: BaselineContent, hash: (text: string) => string): BaselineId {
  const id = parseBaselineId(hash(canonicalJson(jsonObject(encodeContent(content)))));
  if (id === undefined) throw new Error('the hash must be 1 to 128 letters, digits, or any of : _ -');
  return id;
}

/** A baseline as plain data for YAML, the ledger and the API; the same baseline gives the same bytes. */
export const encodeBaseline = (baseline: Baseline): Json =>
  jsonObject([['id', baseline.id], ['version', baseline.version], ...encodeContent(baseline)]);

/** Reads what {@link encodeBaseline} wrote, out of data nobody vouches for; the failure names the field. */
export function decodeBaseline(value: unknown): Result<Baseline, MalformedField> {
  const read = readJson(value, readBaseline);
  if (!read.ok) return read;
  const { format: _format, ...baseline } = read.value;
  return { ok: true, value: baseline };
}
