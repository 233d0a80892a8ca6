import type { EpochMs } from '#core/flow/time.ts';
import type { NamespaceName, ObjectName } from './names.ts';
import type { WorkloadId } from './peer.ts';

/** A pod as the flows showed it, with one set of labels; a pod whose labels changed has several rows. */
export interface SeenPod {
  readonly cluster: string;
  readonly namespace: NamespaceName;
  readonly name: ObjectName;
  readonly workload: WorkloadId;
  readonly labels: ReadonlyMap<string, string>;
  readonly ips: readonly string[];
  readonly firstSeenAt: EpochMs;
  readonly lastSeenAt: EpochMs;
}

/** A namespace with the labels the flows carried for it. */
export interface SeenNamespace {
  readonly cluster: string;
  readonly name: NamespaceName;
  readonly labels: ReadonlyMap<string, string>;
}

/** Everybody who was seen: what selectors are checked against. Sorted, so that the same flows give the same rows. */
export interface SeenWorld {
  readonly pods: readonly SeenPod[];
  readonly namespaces: readonly SeenNamespace[];
  /** Pods that were not kept because the directory was full. */
  readonly shedPods: number;
}
