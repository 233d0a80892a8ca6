import { isInScope, type Scope } from '#core/baseline/training-window.ts';
import { type WorkloadId, workloadId } from '#core/identity/peer.ts';
import { oneOfEach, podView } from '../explain/pod-view.ts';
import type { Population, Resident } from '../explain/population.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { CniProfile } from '../world.ts';

/** One kind of pods of a workload, as the policies at hand tell them apart. */
export interface GovernedPods {
  readonly resident: Resident;
  readonly id: WorkloadId;
  readonly isInScope: boolean;
}

/** One of each kind of pods that policies tell apart, workload by workload; other clusters' are nobody's subjects. */
export function subjectsOf(
  { residents }: Population,
  at: { readonly policies: readonly NetworkPolicy[]; readonly scope: Scope; readonly profile: CniProfile },
): readonly GovernedPods[] {
  const view = podView(at.policies, at.profile);
  return oneOfEach(residents, ({ owner, pod }) => `${owner} ${view(pod)}`)
    .filter(({ isForeign }) => !isForeign)
    .map((resident) => {
      const { namespace, kind, name } = resident;
      const id = workloadId({ cluster: at.scope.cluster, namespace, kind, name });
      return { resident, id, isInScope: isInScope(at.scope, id) };
    });
}
