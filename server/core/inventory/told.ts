import type { EpochMs } from '#core/flow/time.ts';
import type { NamespaceName, ObjectName } from '#core/identity/names.ts';
import type { Owner } from '#core/identity/owner.ts';
import type { ClusterService } from '#core/policy/cluster/cluster-model.ts';
import type { Labels } from '#core/policy/world.ts';
import type { LiveNode, LiveSlice } from './live-object.ts';

/** What is known of a pod for the question who is who. */
export interface PodNews {
  readonly uid: string;
  readonly namespace: NamespaceName;
  readonly name: ObjectName;
  /** The controller that people know. */
  readonly owner: Owner;
  readonly labels: ReadonlyMap<string, string>;
  /** Addresses of its own; none for a pod on its node's network. */
  readonly ips: readonly string[];
  /** Addresses of its node, for a pod on its node's network. */
  readonly nodeIps: readonly string[];
  readonly from: EpochMs;
  /** False when it came by its addresses somewhat later. */
  readonly isFromExact: boolean;
  /** Undefined while it has them. */
  readonly until: EpochMs | undefined;
  readonly at: EpochMs;
}

/** What a change of the inventory means for identity. */
export interface Told {
  readonly pods: readonly PodNews[];
  readonly endedPods: readonly { readonly uid: string; readonly until: EpochMs }[];
  readonly nodes: readonly LiveNode[];
  readonly goneNodes: readonly LiveNode[];
  readonly services: readonly Omit<ClusterService, 'source'>[];
  readonly slices: readonly LiveSlice[];
  /** `namespace/name` of each. */
  readonly goneSlices: readonly string[];
  readonly namespaces: readonly { readonly name: NamespaceName; readonly labels: Labels }[];
}

/** A change that means nothing for identity. */
export const NO_NEWS: Told = {
  pods: [],
  endedPods: [],
  nodes: [],
  goneNodes: [],
  services: [],
  slices: [],
  goneSlices: [],
  namespaces: [],
};
