import type { DecidingPolicy, Flow } from '#core/flow/flow.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { DnsName } from '#core/identity/names.ts';
import { recordOf } from '#core/record.ts';
import { addBounded, tallyBounded } from './bounded.ts';
import {
  DIRECTION_PROOFS,
  type DirectionProof,
  EDGE_LIMITS,
  type Edge,
  type EdgeEnds,
  type EdgeKey,
  type ExternalAddress,
  edgeKey,
  type MinuteCount,
  OUTCOMES,
  type Outcome,
} from './edge.ts';

type Mutable<T> = { -readonly [Field in keyof T]: T[Field] };

/** An edge that is still being added to: the same data with collections that can change. Read it as an {@link Edge}. */
export interface EdgeAccumulator extends Edge {
  readonly conversations: Mutable<Edge['conversations']>;
  readonly outcomes: Record<Outcome, number>;
  readonly proofs: Record<DirectionProof, number>;
  firstSeenAt: EpochMs;
  lastSeenAt: EpochMs;
  readonly minutes: Map<EpochMs, MinuteCount>;
  readonly fromPods: Set<string>;
  readonly toPods: Set<string>;
  readonly addresses: Map<string, ExternalAddress>;
  readonly names: Set<DnsName>;
  readonly l7: {
    readonly methods: Map<string, number>;
    readonly paths: Map<string, number>;
    readonly dnsNames: Map<string, number>;
  };
  readonly allowedBy: Map<string, DecidingPolicy>;
  readonly deniedBy: Map<string, DecidingPolicy>;
  readonly services: Set<string>;
  sample: Flow;
  aggregated: number;
  readonly truncated: Set<keyof typeof EDGE_LIMITS>;
}

const zero = (): number => 0;

/** An edge without conversations yet. */
export function emptyEdge(ends: EdgeEnds, sample: Flow): EdgeAccumulator {
  const { from, to, protocol, port } = ends;
  return {
    key: edgeKey(ends),
    from,
    to,
    protocol,
    port,
    conversations: {
      total: 0,
      opened: 0,
      answered: 0,
      refused: 0,
      proxyLegs: 0,
      atSource: 0,
      atDestination: 0,
    },
    outcomes: recordOf(OUTCOMES, zero),
    proofs: recordOf(DIRECTION_PROOFS, zero),
    firstSeenAt: sample.at,
    lastSeenAt: sample.at,
    minutes: new Map(),
    fromPods: new Set(),
    toPods: new Set(),
    addresses: new Map(),
    names: new Set(),
    l7: { methods: new Map(), paths: new Map(), dnsNames: new Map() },
    allowedBy: new Map(),
    deniedBy: new Map(),
    services: new Set(),
    sample,
    aggregated: 0,
    truncated: new Set(),
  };
}

/** Adds to the bounded collections of an edge, and marks those that had to drop something. */
export function addPod(edge: EdgeAccumulator, side: 'fromPods' | 'toPods', pod: string): void {
  if (addBounded(edge[side], pod, EDGE_LIMITS.pods)) edge.truncated.add('pods');
}

export function addName(edge: EdgeAccumulator, name: DnsName): void {
  if (addBounded(edge.names, name, EDGE_LIMITS.names)) edge.truncated.add('names');
}

export function addAddress(edge: EdgeAccumulator, address: ExternalAddress): void {
  const known = edge.addresses.get(address.ip);
  const firstSeenAt = Math.min(known?.firstSeenAt ?? address.firstSeenAt, address.firstSeenAt);
  const lastSeenAt = Math.max(known?.lastSeenAt ?? address.lastSeenAt, address.lastSeenAt);
  edge.addresses.set(address.ip, { ip: address.ip, firstSeenAt, lastSeenAt });
  if (edge.addresses.size <= EDGE_LIMITS.addresses) return;
  const last = [...edge.addresses.keys()].reduce((best, ip) => (ip > best ? ip : best));
  edge.addresses.delete(last);
  edge.truncated.add('addresses');
}

export function addMinute(edge: EdgeAccumulator, minute: EpochMs, count: MinuteCount): void {
  const known = edge.minutes.get(minute);
  edge.minutes.set(minute, {
    conversations: (known?.conversations ?? 0) + count.conversations,
    denied: (known?.denied ?? 0) + count.denied,
  });
}

export function addTally(
  edge: EdgeAccumulator,
  which: keyof EdgeAccumulator['l7'],
  tally: ReadonlyMap<string, number>,
): void {
  const limit = which === 'dnsNames' ? EDGE_LIMITS.dnsNames : EDGE_LIMITS.paths;
  for (const [key, count] of tally) {
    if (tallyBounded(edge.l7[which], key, { count, limit })) {
      edge.truncated.add(which === 'dnsNames' ? 'dnsNames' : 'paths');
    }
  }
}

export function addPolicies(
  edge: EdgeAccumulator,
  which: 'allowedBy' | 'deniedBy',
  policies: ReadonlyMap<string, DecidingPolicy>,
): void {
  for (const [key, policy] of policies) edge[which].set(key, policy);
  while (edge[which].size > EDGE_LIMITS.policies) {
    edge[which].delete([...edge[which].keys()].reduce((best, key) => (key > best ? key : best)));
    edge.truncated.add('policies');
  }
}

/** Widens the edge's span and keeps the earliest flow as its sample. */
export function addSpan(
  edge: EdgeAccumulator,
  span: { firstAt: EpochMs; lastAt: EpochMs; sample: Flow },
): void {
  const { sample } = span;
  const isEarlier =
    sample.at < edge.sample.at || (sample.at === edge.sample.at && sample.atNanos < edge.sample.atNanos);
  if (isEarlier) edge.sample = sample;
  edge.firstSeenAt = Math.min(edge.firstSeenAt, span.firstAt);
  edge.lastSeenAt = Math.max(edge.lastSeenAt, span.lastAt);
}

function addCounts<Key extends string>(into: Record<Key, number>, from: Readonly<Record<Key, number>>): void {
  for (const key of Object.keys(from) as Key[]) into[key] += from[key];
}

/** Adds a delta to an edge. Commutative and associative in everything but object identity. */
export function mergeEdge(into: EdgeAccumulator, delta: Edge): void {
  addCounts(into.conversations, delta.conversations);
  addCounts(into.outcomes, delta.outcomes);
  addCounts(into.proofs, delta.proofs);
  addSpan(into, { firstAt: delta.firstSeenAt, lastAt: delta.lastSeenAt, sample: delta.sample });
  for (const [minute, count] of delta.minutes) addMinute(into, minute, count);
  for (const pod of delta.fromPods) addPod(into, 'fromPods', pod);
  for (const pod of delta.toPods) addPod(into, 'toPods', pod);
  for (const address of delta.addresses.values()) addAddress(into, address);
  for (const name of delta.names) addName(into, name);
  for (const which of ['methods', 'paths', 'dnsNames'] as const) addTally(into, which, delta.l7[which]);
  addPolicies(into, 'allowedBy', delta.allowedBy);
  addPolicies(into, 'deniedBy', delta.deniedBy);
  for (const service of delta.services) into.services.add(service);
  into.aggregated += delta.aggregated;
  for (const list of delta.truncated) into.truncated.add(list);
}

/** The same edge under other ends, e.g. after its workload's kind was learnt. */
export function withEnds(edge: Edge, ends: EdgeEnds): EdgeAccumulator {
  const moved = emptyEdge(ends, edge.sample);
  mergeEdge(moved, edge);
  return moved;
}

/** Keys of a graph's edges in their one order. */
export const sortedEdgeKeys = (edges: ReadonlyMap<EdgeKey, Edge>): EdgeKey[] => [...edges.keys()].sort();
