import type { Baseline } from '#core/baseline/baseline.ts';
import { touchesScope } from '#core/baseline/training-window.ts';
import type { WorkloadId } from '#core/identity/peer.ts';
import type { SeenPod, SeenWorld } from '#core/identity/seen-pod.ts';

const nameOf = (pod: SeenPod): string => `${pod.cluster}/${pod.namespace}/${pod.name}`;

/** Some flows leave labels out. A pod that other flows show with labels does not lose them by that. */
function withoutBlankRows(pods: readonly SeenPod[]): readonly SeenPod[] {
  const labelled = new Set(pods.filter(({ labels }) => labels.size > 0).map(nameOf));
  return pods.filter((pod) => pod.labels.size > 0 || !labelled.has(nameOf(pod)));
}

/**
 * Everybody who can meet the scope: its cluster, and of other clusters only whom it was seen to talk with. A namespace
 * of the same name in a cluster that was merely in the same input is another namespace, and its pods are no collision.
 */
export function scopedWorld({ world, scope, edges }: Pick<Baseline, 'world' | 'scope' | 'edges'>): SeenWorld {
  const met = new Set<WorkloadId>();
  for (const { edge } of edges.values()) {
    if (!touchesScope(scope, edge.from, edge.to)) continue;
    for (const peer of [edge.from, edge.to]) if (peer.kind === 'workload') met.add(peer.id);
  }
  const pods = withoutBlankRows(
    world.pods.filter((pod) => pod.cluster === scope.cluster || met.has(pod.workload)),
  );
  const inhabited = new Set(pods.map((pod) => `${pod.cluster}/${pod.namespace}`));
  const namespaces = world.namespaces.filter(
    (each) => each.cluster === scope.cluster || inhabited.has(`${each.cluster}/${each.name}`),
  );
  return { ...world, pods, namespaces };
}
