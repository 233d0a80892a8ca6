import type { EpochMs } from '#core/flow/time.ts';
import type { NamespaceName } from '#core/identity/names.ts';
import { type Peer, parseWorkloadId, type WorkloadId } from '#core/identity/peer.ts';

/** The interval learnt from; `from` is inside, `until` is not. */
export interface TrainingWindow {
  readonly from: EpochMs;
  readonly until: EpochMs;
}

/** The part of the cluster a baseline or proposal is about; empty lists mean "all". */
export interface Scope {
  readonly cluster: string;
  readonly namespaces: readonly NamespaceName[];
  readonly workloads: readonly WorkloadId[];
}

/** True when the workload belongs to the scope. */
export function isInScope(scope: Scope, id: WorkloadId): boolean {
  const { cluster, namespace } = parseWorkloadId(id);
  if (cluster !== scope.cluster) return false;
  if (scope.workloads.length > 0) return scope.workloads.includes(id);
  return scope.namespaces.length === 0 || scope.namespaces.includes(namespace);
}

/** True when either end of the pair is a workload of the scope. */
export const touchesScope = (scope: Scope, from: Peer, to: Peer): boolean =>
  [from, to].some((peer) => peer.kind === 'workload' && isInScope(scope, peer.id));
