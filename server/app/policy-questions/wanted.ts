import type { EdgeEnds } from '#core/graph/edge.ts';
import type { NamespaceName } from '#core/identity/names.ts';
import { type Peer, parseWorkloadId } from '#core/identity/peer.ts';

/** What somebody looks at. */
export interface Wanted {
  /** Empty means all. */
  readonly namespaces: readonly NamespaceName[];
  readonly cluster: string | undefined;
}

const isIn = (peer: Peer, { namespaces, cluster }: Wanted): boolean => {
  if (peer.kind !== 'workload') return false;
  const own = parseWorkloadId(peer.id);
  return (
    (cluster === undefined || own.cluster === cluster) &&
    (namespaces.length === 0 || namespaces.includes(own.namespace))
  );
};

/** True when not everything was asked for. */
export const isNarrowed = ({ namespaces, cluster }: Wanted): boolean =>
  namespaces.length > 0 || cluster !== undefined;

/** True when either end lies in what was asked for. */
export const touches = (wanted: Wanted, { from, to }: Pick<EdgeEnds, 'from' | 'to'>): boolean =>
  !isNarrowed(wanted) || isIn(from, wanted) || isIn(to, wanted);
