import type { Scope } from '#core/baseline/training-window.ts';
import { parseWorkloadId, type WorkloadId } from '#core/identity/peer.ts';
import { sortedText } from '#core/order.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { NamespaceIsolation } from '../proposal.ts';
import { DEFAULT_DENY_NAME } from './policy-names.ts';

/** In which directions a workload has evidence. */
export interface Evidence {
  readonly ingress: ReadonlySet<WorkloadId>;
  readonly egress: ReadonlySet<WorkloadId>;
}

const denyAll = (namespace: string): NetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: DEFAULT_DENY_NAME, namespace },
  spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
});

/**
 * Closes each namespace of the workloads. A scope of single workloads gets none: it would close their neighbours,
 * about whom the proposal says nothing.
 */
export function isolationOf(
  scope: Scope,
  workloads: readonly WorkloadId[],
  evidence: Evidence,
): readonly NamespaceIsolation[] {
  if (scope.workloads.length > 0) return [];
  const namespaces = sortedText(new Set(workloads.map((id) => parseWorkloadId(id).namespace)));
  return namespaces.map((namespace) => ({
    namespace,
    policy: denyAll(namespace),
    isolatesWithoutEvidence: sortedText(
      workloads
        .filter((id) => parseWorkloadId(id).namespace === namespace)
        .filter((id) => !evidence.ingress.has(id) || !evidence.egress.has(id)),
    ),
  }));
}
