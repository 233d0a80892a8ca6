import { DIRECTION_PROOFS, type DirectionProof } from '#core/flow/direction.ts';
import { PROTOCOLS } from '#core/flow/flow.ts';
import type { EpochMs } from '#core/flow/time.ts';
import {
  type ConversationCounts,
  EDGE_LIMITS,
  type Edge,
  type EdgeEnds,
  type EdgePort,
  type ExternalAddress,
  edgeKey,
  type MinuteCount,
  OUTCOMES,
  type Outcome,
} from '#core/graph/edge.ts';
import { type DnsName, parseDnsName, parseNamespaceName, parseObjectName } from '#core/identity/names.ts';
import { ENTITIES, type Entity, type Peer, type WorkloadId, workloadId } from '#core/identity/peer.ts';
import { parseIp, prefixOf } from '#core/net/ip.ts';
import { recordOf } from '#core/record.ts';
import { type Json, jsonObject, toJson } from './canonical-json.ts';
import { readDecidingPolicy, readFlow } from './flow-codec.ts';
import {
  fieldOf,
  misfit,
  pathOf,
  type Reader,
  readCount,
  readFields,
  readInteger,
  readList,
  readMap,
  readOneOf,
  readParsed,
  readPort,
  readSet,
  readText,
} from './json-reader.ts';

/** A workload id whose parts are valid names, or undefined. */
export function parseWorkloadIdText(text: string): WorkloadId | undefined {
  const parts = text.split('/');
  const [lastName = '', kind = '', lastNamespace = ''] = [...parts].reverse();
  const namespace = parseNamespaceName(lastNamespace);
  const name = parseObjectName(lastName);
  const isKind = /^[A-Za-z]{1,63}$/.test(kind);
  if (parts.length < 4 || namespace === undefined || name === undefined || !isKind) return undefined;
  return workloadId({ cluster: parts.slice(0, -3).join('/'), namespace, kind, name });
}

/** A prefix in canonical form, or undefined. */
function parseCidr(text: string): string | undefined {
  const [address = '', bitsText = ''] = text.split('/');
  const ip = parseIp(address);
  const bits = /^\d{1,3}$/.test(bitsText) ? Number(bitsText) : Number.NaN;
  if (ip === undefined || !(bits <= (ip.family === 4 ? 32 : 128))) return undefined;
  return prefixOf(ip, bits) === text ? text : undefined;
}

const readWorkload = readFields<{ id: WorkloadId }>({
  id: readParsed(parseWorkloadIdText, 'cluster/namespace/kind/name'),
});
const readEntity = readFields<{ entity: Entity }>({ entity: readOneOf(ENTITIES) });
const readCidr = readFields<{ cidr: string }>({ cidr: readParsed(parseCidr, 'a prefix in canonical form') });
const readFqdn = readFields<{ name: DnsName }>({ name: readParsed(parseDnsName, 'a DNS name') });

const PEER_KINDS = ['workload', 'entity', 'cidr', 'fqdn', 'other-external'] as const;

const PEER_READERS: { readonly [Kind in Peer['kind']]: Reader<Extract<Peer, { kind: Kind }>> } = {
  workload: (value, at) => ({ kind: 'workload', ...readWorkload(value, at) }),
  entity: (value, at) => ({ kind: 'entity', ...readEntity(value, at) }),
  cidr: (value, at) => ({ kind: 'cidr', ...readCidr(value, at) }),
  fqdn: (value, at) => ({ kind: 'fqdn', ...readFqdn(value, at) }),
  'other-external': () => ({ kind: 'other-external' }),
};

/** Reads a peer written as it is typed. */
export const readPeer: Reader<Peer> = (value, at) => {
  const kind = readOneOf(PEER_KINDS)(fieldOf(value, at, 'kind'), pathOf(at, 'kind'));
  return PEER_READERS[kind](value, at);
};

const readEdgePort: Reader<EdgePort> = (value, at) =>
  value === 'none' || value === 'many' ? value : readPort(value, at);

const ENDS_READERS = { from: readPeer, to: readPeer, protocol: readOneOf(PROTOCOLS), port: readEdgePort };

/** Reads the ends of an edge. */
export const readEnds: Reader<EdgeEnds> = readFields<EdgeEnds>(ENDS_READERS);

const readCounts = readFields<ConversationCounts>({
  total: readCount,
  opened: readCount,
  answered: readCount,
  refused: readCount,
  proxyLegs: readCount,
  atSource: readCount,
  atDestination: readCount,
});

const count = (): Reader<number> => readCount;

/** Minutes are written `[start, conversations, denied]`, the shortest form that stays readable. */
const readMinute: Reader<readonly [EpochMs, MinuteCount]> = (value, at) => {
  if (!Array.isArray(value) || value.length !== 3) return misfit(at, '[minute, conversations, denied]');
  const [minute, conversations, denied] = value;
  return [
    readInteger(minute, pathOf(at, 0)),
    { conversations: readCount(conversations, pathOf(at, 1)), denied: readCount(denied, pathOf(at, 2)) },
  ];
};

const readMinutes: Reader<Edge['minutes']> = (value, at) => new Map(readList(readMinute)(value, at));

const readAddress = readFields<ExternalAddress>({
  ip: readText,
  firstSeenAt: readInteger,
  lastSeenAt: readInteger,
});

const readTally = readMap(readCount);

const readEdgeFields = readFields<Omit<Edge, 'key'>>({
  ...ENDS_READERS,
  conversations: readCounts,
  outcomes: readFields<Record<Outcome, number>>(recordOf(OUTCOMES, count)),
  proofs: readFields<Record<DirectionProof, number>>(recordOf(DIRECTION_PROOFS, count)),
  firstSeenAt: readInteger,
  lastSeenAt: readInteger,
  minutes: readMinutes,
  fromPods: readSet(readText),
  toPods: readSet(readText),
  addresses: readMap(readAddress),
  names: readSet(readParsed(parseDnsName, 'a DNS name')),
  l7: readFields<Edge['l7']>({ methods: readTally, paths: readTally, dnsNames: readTally }),
  allowedBy: readMap(readDecidingPolicy),
  deniedBy: readMap(readDecidingPolicy),
  services: readSet(readText),
  sample: readFlow,
  aggregated: readCount,
  truncated: readSet(readOneOf(Object.keys(EDGE_LIMITS) as (keyof typeof EDGE_LIMITS)[])),
});

/** Reads what {@link encodeEdge} wrote; the key follows from the ends. */
export const readEdge: Reader<Edge> = (value, at) => {
  const fields = readEdgeFields(value, at);
  return { ...fields, key: edgeKey(fields) };
};

/** An edge as plain data: collections sorted, the key left out. */
export function encodeEdge(edge: Edge): Json {
  const { key: _key, minutes, ...rest } = edge;
  const rows = [...minutes].sort(([a], [b]) => a - b);
  const fields = Object.entries(rest).map(([name, value]) => [name, toJson(value)] as const);
  return jsonObject([
    ...fields,
    ['minutes', rows.map(([minute, { conversations, denied }]) => [minute, conversations, denied])],
  ]);
}
