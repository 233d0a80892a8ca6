import { addBounded, setBounded, tallyBounded } from '#core/flow/bounded.ts';
import { DIRECTION_PROOFS, type DirectionProof } from '#core/flow/direction.ts';
import type { DecidingPolicy, Flow } from '#core/flow/flow.ts';
import { compareFlows } from '#core/flow/flow-order.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { DnsName } from '#core/identity/names.ts';
import { recordOf } from '#core/record.ts';
import {
  EDGE_LIMITS,
  type Edge,
  type EdgeEnds,
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
  fromPods: Set<string>;
  toPods: Set<string>;
  addresses: Map<string, ExternalAddress>;
  names: Set<DnsName>;
  readonly l7: {
    methods: Map<string, number>;
    paths: Map<string, number>;
    dnsNames: Map<string, number>;
  };
  allowedBy: Map<string, DecidingPolicy>;
  deniedBy: Map<string, DecidingPolicy>;
  services: Set<string>;
  sample: Flow;
  aggregated: number;
  truncated: Set<keyof typeof EDGE_LIMITS>;
}

const NO_OUTCOMES = recordOf(OUTCOMES, () => 0);
const NO_PROOFS = recordOf(DIRECTION_PROOFS, () => 0);

/** Most edges leave most of their collections empty: all share this one until there is something to add. */
const NO_VALUES = new Set<never>();
const NO_ENTRIES = new Map<string, never>();

/** The collection to add to: the one given, or a new one in place of the shared empty one. */
const ownSet = <T>(values: Set<T>): Set<T> => (values === NO_VALUES ? new Set() : values);
const ownMap = <T>(entries: Map<string, T>): Map<string, T> => (entries === NO_ENTRIES ? new Map() : entries);

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
    outcomes: { ...NO_OUTCOMES },
    proofs: { ...NO_PROOFS },
    firstSeenAt: sample.at,
    lastSeenAt: sample.at,
    minutes: new Map(),
    fromPods: NO_VALUES,
    toPods: NO_VALUES,
    addresses: NO_ENTRIES,
    names: NO_VALUES,
    l7: { methods: NO_ENTRIES, paths: NO_ENTRIES, dnsNames: NO_ENTRIES },
    allowedBy: NO_ENTRIES,
    deniedBy: NO_ENTRIES,
    services: NO_VALUES,
    sample,
    aggregated: 0,
    truncated: NO_VALUES,
  };
}

function markTruncated(edge: EdgeAccumulator, list: keyof typeof EDGE_LIMITS): void {
  edge.truncated = ownSet(edge.truncated).add(list);
}

/** Adds to the bounded collections of an edge, and marks those that had to drop something. */
export function addPod(edge: EdgeAccumulator, side: 'fromPods' | 'toPods', pod: string): void {
  edge[side] = ownSet(edge[side]);
  if (addBounded(edge[side], pod, EDGE_LIMITS.pods)) markTruncated(edge, 'pods');
}

export function addName(edge: EdgeAccumulator, name: DnsName): void {
  edge.names = ownSet(edge.names);
  if (addBounded(edge.names, name, EDGE_LIMITS.names)) markTruncated(edge, 'names');
}

export function addService(edge: EdgeAccumulator, service: string): void {
  edge.services = ownSet(edge.services);
  if (addBounded(edge.services, service, EDGE_LIMITS.services)) markTruncated(edge, 'services');
}

export function addAddress(edge: EdgeAccumulator, address: ExternalAddress): void {
  const known = edge.addresses.get(address.ip);
  const firstSeenAt = Math.min(known?.firstSeenAt ?? address.firstSeenAt, address.firstSeenAt);
  const lastSeenAt = Math.max(known?.lastSeenAt ?? address.lastSeenAt, address.lastSeenAt);
  edge.addresses = ownMap(edge.addresses);
  const value = { ip: address.ip, firstSeenAt, lastSeenAt };
  const isOver = setBounded(edge.addresses, address.ip, { value, limit: EDGE_LIMITS.addresses });
  if (isOver) markTruncated(edge, 'addresses');
}

export function addMinute(edge: EdgeAccumulator, minute: EpochMs, count: MinuteCount): void {
  const known = edge.minutes.get(minute);
  const conversations = (known?.conversations ?? 0) + count.conversations;
  const denied = (known?.denied ?? 0) + count.denied;
  if (conversations === 0 && denied === 0) edge.minutes.delete(minute);
  else edge.minutes.set(minute, { conversations, denied });
}

export function addTally(
  edge: EdgeAccumulator,
  which: keyof EdgeAccumulator['l7'],
  tally: ReadonlyMap<string, number>,
): void {
  const limit = which === 'dnsNames' ? EDGE_LIMITS.dnsNames : EDGE_LIMITS.paths;
  if (tally.size > 0) edge.l7[which] = ownMap(edge.l7[which]);
  for (const [key, count] of tally) {
    if (tallyBounded(edge.l7[which], key, { count, limit })) {
      markTruncated(edge, which === 'dnsNames' ? 'dnsNames' : 'paths');
    }
  }
}

export function addPolicies(
  edge: EdgeAccumulator,
  which: 'allowedBy' | 'deniedBy',
  policies: ReadonlyMap<string, DecidingPolicy>,
): void {
  if (policies.size > 0) edge[which] = ownMap(edge[which]);
  const limit = EDGE_LIMITS.policies;
  for (const [key, value] of policies) {
    if (setBounded(edge[which], key, { value, limit })) markTruncated(edge, 'policies');
  }
}

/** Widens the edge's span and keeps the earliest flow as its sample; of flows at the same instant always the same one. */
export function addSpan(
  edge: EdgeAccumulator,
  span: { firstAt: EpochMs; lastAt: EpochMs; sample: Flow },
): void {
  const { sample } = span;
  if (compareFlows(sample, edge.sample) < 0) edge.sample = sample;
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
  for (const service of delta.services) addService(into, service);
  into.aggregated += delta.aggregated;
  for (const list of delta.truncated) markTruncated(into, list);
}
