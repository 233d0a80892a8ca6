import type { Coverage } from '#core/flow/coverage.ts';
import type { ServiceGraph } from '#core/graph/service-graph.ts';
import { type ClusterModel, describeWorkload } from '#core/policy/cluster/cluster-model.ts';
import type { ManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import type { CniProfile } from '#core/policy/world.ts';

/** What flows showed of a cluster. */
export interface SeenTraffic {
  readonly whole: Pick<ServiceGraph, 'edges'>;
  readonly coverage: Pick<Coverage, 'setAside' | 'lostEvents'>;
}

/** A cluster as manifests and flows together show it, with the policies that a question is about. */
export interface AskedModel {
  /** Manifests speak first, and flows add whom these do not name; policies come from manifests alone. */
  readonly model: ClusterModel;
  readonly problems: readonly ManifestProblem[];
  /** Undefined when there are no flows. */
  readonly reading: SeenTraffic | undefined;
  /** Name of the cluster that is looked at. */
  readonly cluster: string;
  readonly profile: CniProfile;
}

/** `shop/cart[Deployment]` for an index of the model. */
export function workloadAt({ model }: Pick<AskedModel, 'model'>, index: number): string {
  const workload = model.workloads[index];
  return workload === undefined ? '?' : describeWorkload(workload);
}
