import type { Baseline } from '#core/baseline/baseline.ts';
import { type Edge, type EdgeEnds, edgeKey } from '#core/graph/edge.ts';
import { type Peer, type PeerKey, parseWorkloadId, peerKey } from '#core/identity/peer.ts';

/** Edges a person already lives with, ready to be compared. */
export interface KnownEdges {
  readonly byFrom: ReadonlyMap<PeerKey, readonly Edge[]>;
  readonly byTo: ReadonlyMap<PeerKey, readonly Edge[]>;
}

function grouped(edges: readonly Edge[], keyOf: (edge: Edge) => PeerKey): Map<PeerKey, Edge[]> {
  const groups = new Map<PeerKey, Edge[]>();
  for (const edge of edges) {
    const key = keyOf(edge);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [edge]);
    else group.push(edge);
  }
  return groups;
}

/** Indexes the edges of a baseline; rejected ones are not known as normal. */
export function knownEdges(baseline: Baseline): KnownEdges {
  const edges = [...baseline.edges.values()].filter((row) => row.decision !== 'rejected');
  const plain = edges.map(({ edge }) => edge);
  return {
    byFrom: grouped(plain, (edge) => peerKey(edge.from)),
    byTo: grouped(plain, (edge) => peerKey(edge.to)),
  };
}

const namespaceOf = (peer: Peer): string | undefined =>
  peer.kind === 'workload' ? parseWorkloadId(peer.id).namespace : undefined;

const isAlike = (a: Peer, b: Peer): boolean => a.kind === b.kind && namespaceOf(a) === namespaceOf(b);

/** The same pair on another port is nearest, then one end and the port shared, then one end alone. */
function likeness(edge: EdgeEnds, known: Edge): number {
  const isSameFrom = peerKey(edge.from) === peerKey(known.from);
  const isSameTo = peerKey(edge.to) === peerKey(known.to);
  const isSamePort = edge.protocol === known.protocol && edge.port === known.port;
  const ends = (isSameFrom ? 8 : 0) + (isSameTo ? 8 : 0);
  const alike = (isAlike(edge.from, known.from) ? 1 : 0) + (isAlike(edge.to, known.to) ? 1 : 0);
  return ends + (isSamePort ? 4 : 0) + alike;
}

/** The known edge most like this one; undefined when neither end was ever seen on that side. */
export function nearestKnown(edge: EdgeEnds, known: KnownEdges): Edge | undefined {
  const own = edgeKey(edge);
  const candidates = [
    ...(known.byFrom.get(peerKey(edge.from)) ?? []),
    ...(known.byTo.get(peerKey(edge.to)) ?? []),
  ].filter((each) => each.key !== own);
  let best: { readonly edge: Edge; readonly score: number } | undefined;
  for (const each of candidates) {
    const score = likeness(edge, each);
    const isBetter =
      best === undefined || score > best.score || (score === best.score && each.key < best.edge.key);
    if (isBetter) best = { edge: each, score };
  }
  return best?.edge;
}

/** Known edges between the same two peers. */
export const knownPair = (edge: EdgeEnds, known: KnownEdges): readonly Edge[] =>
  (known.byFrom.get(peerKey(edge.from)) ?? []).filter((each) => peerKey(each.to) === peerKey(edge.to));
