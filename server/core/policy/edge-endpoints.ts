import type { Peer, WorkloadId } from '#core/identity/peer.ts';
import type { Connection, Endpoint, WorldPod } from './world.ts';

/** The two ends of one connection. */
export type ConnectionEnds = Pick<Connection, 'from' | 'to'>;

/** Two peers that were seen to talk; a name or a folded prefix stands for the addresses seen behind it. */
export interface PeerPair {
  readonly from: Peer;
  readonly to: Peer;
  readonly addresses: readonly string[];
}

/** Pods that may stand for a workload. */
export type PodsOf = (workload: WorkloadId) => readonly WorldPod[];

function outsideEndpoints(
  peer: Exclude<Peer, { kind: 'workload' }>,
  addresses: readonly string[],
): Endpoint[] {
  if (peer.kind === 'entity') {
    const { entity } = peer;
    if (addresses.length === 0) return [{ kind: 'entity', entity }];
    return addresses.map((ip) => ({ kind: 'entity', entity, ip }));
  }
  const own = peer.kind === 'cidr' ? [peer.cidr.replace(/\/\d+$/, '')] : [];
  return (addresses.length > 0 ? addresses : own).map((ip) => ({ kind: 'address', ip }));
}

/** Whoever may have been meant by a peer; nobody when neither pods nor addresses of it are known. */
export const endpointsOf = (peer: Peer, addresses: readonly string[], podsOf: PodsOf): readonly Endpoint[] =>
  peer.kind === 'workload'
    ? podsOf(peer.id).map((pod) => ({ kind: 'pod', pod }))
    : outsideEndpoints(peer, addresses);

const isSamePod = (a: WorldPod, b: WorldPod): boolean => a.namespace === b.namespace && a.name === b.name;

/** A pod may always talk with itself, which says nothing about its replicas: a twin takes its place. */
function otherPod(source: Endpoint, destination: Endpoint): Endpoint {
  if (source.kind !== 'pod' || destination.kind !== 'pod') return destination;
  if (!isSamePod(source.pod, destination.pod)) return destination;
  return { kind: 'pod', pod: { ...destination.pod, name: `${destination.pod.name}-twin` } };
}

/** Every way in which two peers could have made a connection; none when either end is nobody known. */
export function pairsBetween(pair: PeerPair, podsOf: PodsOf): readonly ConnectionEnds[] {
  const destinations = endpointsOf(pair.to, pair.addresses, podsOf);
  return endpointsOf(pair.from, pair.addresses, podsOf).flatMap((from) =>
    destinations.map((to) => ({ from, to: otherPod(from, to) })),
  );
}
