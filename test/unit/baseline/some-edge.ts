import { createHash } from 'node:crypto';
import type { Baseline } from '#core/baseline/baseline.ts';
import { type LearnRequest, learnBaseline } from '#core/baseline/learn.ts';
import { type Coverage, SET_ASIDE_REASONS } from '#core/flow/coverage.ts';
import { type EpochMs, MINUTE_MS } from '#core/flow/time.ts';
import { type Edge, type EdgeEnds, edgeKey, type OutcomeCounts } from '#core/graph/edge.ts';
import { emptyEdge } from '#core/graph/edge-merge.ts';
import type { ServiceGraph } from '#core/graph/service-graph.ts';
import type { DnsName, NamespaceName, ObjectName } from '#core/identity/names.ts';
import { type Peer, peerKey, workloadId } from '#core/identity/peer.ts';
import type { SeenPod, SeenWorld } from '#core/identity/seen-pod.ts';
import { recordOf } from '#core/record.ts';
import { endpoint, flow, START } from '../../support/flows.ts';

/** Hash used by every test of ids. */
export const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** `shop/cart` as a peer, a Deployment unless said otherwise. */
export function workload(text: string, kind = 'Deployment'): Peer & { readonly kind: 'workload' } {
  const [namespace = '', name = ''] = text.split('/');
  const parts = { namespace: namespace as NamespaceName, name: name as ObjectName };
  return { kind: 'workload', id: workloadId({ cluster: 'default', kind, ...parts }) };
}

export const cidr = (text: string): Peer => ({ kind: 'cidr', cidr: text });
export const fqdn = (text: string): Peer => ({ kind: 'fqdn', name: text as DnsName });

const peerOf = (text: string | Peer): Peer => (typeof text === 'string' ? workload(text) : text);

export interface EdgeSketch {
  /** Minutes since START in which one conversation each was active. */
  readonly minutes?: readonly number[];
  /** Of those minutes, the ones whose conversation policy denied. */
  readonly deniedMinutes?: readonly number[];
  readonly outcomes?: Partial<OutcomeCounts>;
  readonly fromPods?: readonly string[];
  readonly handshakes?: number;
  readonly refused?: number;
  readonly answered?: number;
  readonly total?: number;
  /** Time between first and last flow, where it is not the minutes' span. */
  readonly lastsMs?: number;
}

const span = (from: EpochMs, minutes: readonly number[]): { firstSeenAt: EpochMs; lastSeenAt: EpochMs } => ({
  firstSeenAt: from + Math.min(...minutes) * MINUTE_MS + 1000,
  lastSeenAt: from + Math.max(...minutes) * MINUTE_MS + 2000,
});

/** An edge `shop/a > shop/b : 8080/TCP` with what the sketch says; forwarded and answered unless told otherwise. */
export function edge(
  from: string | Peer,
  to: string | Peer,
  port: EdgeEnds['port'] = 8080,
  sketch: EdgeSketch = {},
): Edge {
  const ends: EdgeEnds = { from: peerOf(from), to: peerOf(to), protocol: 'TCP', port };
  const minutes = sketch.minutes ?? [0, 1, 2];
  const denied = new Set(sketch.deniedMinutes ?? []);
  const { firstSeenAt, lastSeenAt } = span(START, minutes);
  const empty = emptyEdge(ends, flow(endpoint({}), endpoint({}), { at: firstSeenAt }));
  const total = sketch.total ?? minutes.length;
  const passed = total - denied.size;
  return {
    ...empty,
    firstSeenAt,
    lastSeenAt: sketch.lastsMs === undefined ? lastSeenAt : firstSeenAt + sketch.lastsMs,
    conversations: {
      ...empty.conversations,
      total,
      opened: total,
      answered: sketch.answered ?? (sketch.refused === undefined ? passed : 0),
      refused: sketch.refused ?? 0,
    },
    outcomes: {
      ...empty.outcomes,
      ...(sketch.outcomes ?? { forwarded: passed, denied: denied.size }),
    },
    proofs: { ...empty.proofs, handshake: sketch.handshakes ?? total },
    minutes: new Map(
      minutes.map((minute) => [
        START + minute * MINUTE_MS,
        { conversations: 1, denied: denied.has(minute) ? 1 : 0 },
      ]),
    ),
    fromPods: new Set(sketch.fromPods ?? ['shop/client-1', 'shop/client-2']),
  };
}

/** Minutes `from` up to but without `until`, every `step`. */
export const every = (step: number, from: number, until: number): number[] =>
  Array.from({ length: Math.max(0, Math.ceil((until - from) / step)) }, (_, index) => from + index * step);

export function graphOf(edges: readonly Edge[]): ServiceGraph {
  return {
    edges: new Map(edges.map((each) => [each.key, each])),
    peers: new Map(edges.flatMap(({ from, to }) => [from, to]).map((peer) => [peerKey(peer), peer])),
    historyFrom: undefined,
    span:
      edges.length === 0
        ? undefined
        : {
            from: Math.min(...edges.map((each) => each.firstSeenAt)),
            until: Math.max(...edges.map((each) => each.lastSeenAt)),
          },
  };
}

/** Coverage of a recording of so many minutes in which nothing went wrong, changed by `more`. */
export const coverage = (minutes: number, more: Partial<Coverage> = {}): Coverage => ({
  flows: 1000,
  conversations: 500,
  transportConversations: 500,
  setAside: recordOf(SET_ASIDE_REASONS, () => ({ conversations: 0, examples: [] })),
  undecidedTransport: 0,
  directionConflicts: 0,
  socketRecords: 0,
  timeless: 0,
  lostEvents: 0n,
  closedEarly: 0,
  nodes: ['node-1', 'node-2'],
  silentNodes: [],
  span: { from: START, until: START + minutes * MINUTE_MS - 1 },
  ...more,
});

/** A pod seen from minute `from` to minute `until`. */
export function seenPod(
  of: Peer & { readonly kind: 'workload' },
  name: string,
  from: number,
  until: number,
): SeenPod {
  return {
    cluster: 'default',
    namespace: 'shop' as NamespaceName,
    name: name as ObjectName,
    workload: of.id,
    labels: new Map([['app', name]]),
    ips: ['10.0.0.1'],
    firstSeenAt: START + from * MINUTE_MS,
    lastSeenAt: START + until * MINUTE_MS,
  };
}

export const worldOf = (pods: readonly SeenPod[] = []): SeenWorld => ({ pods, namespaces: [], shedPods: 0 });

export const EVERYTHING = { cluster: 'default', namespaces: [], workloads: [] };

/** Learns from a recording of so many minutes that starts at START. */
export function learn(edges: readonly Edge[], minutes: number, more: Partial<LearnRequest> = {}): Baseline {
  return learnBaseline({
    graph: graphOf(edges),
    world: worldOf(),
    coverage: coverage(minutes),
    scope: EVERYTHING,
    window: { from: START, until: START + minutes * MINUTE_MS },
    hash,
    version: 1,
    ...more,
  });
}

/** Decision and reason of one edge in a baseline. */
export function rowOf(baseline: Baseline, ends: EdgeEnds) {
  return baseline.edges.get(edgeKey(ends));
}
