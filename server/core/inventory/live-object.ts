import type { EpochMs } from '#core/flow/time.ts';
import type { NamespaceName, ObjectName } from '#core/identity/names.ts';
import type { DecodedObject, OwnerName } from '#core/policy/cluster/decoded-object.ts';
import type { ObjectIssue } from '#core/policy/cluster/manifest-problem.ts';
import type { PolicyProtocol } from '#core/policy/world.ts';

/** One container of a pod, as far as anybody asks about it. */
export interface LiveContainer {
  readonly name: string;
  readonly image: string;
  /** `sha256:…` of what really runs; undefined until the kubelet reported it. */
  readonly digest: string | undefined;
  /** Ports the kubelet probes, by number or name: what else may come to a pod than its clients. */
  readonly probedPorts: readonly (number | string)[];
}

/** What a pod tells beside what policies see of it. */
export interface LivePod {
  readonly type: 'pod';
  readonly namespace: NamespaceName;
  readonly name: ObjectName;
  /** Its controller as the object names it, e.g. a ReplicaSet; undefined for a bare or static pod. */
  readonly owner: OwnerName | undefined;
  readonly labels: ReadonlyMap<string, string>;
  /** Canonical texts; empty before the network is set up. */
  readonly ips: readonly string[];
  /** Shares its node's addresses: it owns none. */
  readonly hostNetwork: boolean;
  /** Made by a kubelet from a file of its node; the API server only mirrors it. */
  readonly isStatic: boolean;
  readonly node: string | undefined;
  readonly serviceAccount: string | undefined;
  readonly containers: readonly LiveContainer[];
  /** From when its addresses are its own, as far as the object says; not exact: somewhat later than this. */
  readonly from: { readonly at: EpochMs; readonly isExact: boolean } | undefined;
  /** When its last container ended, for a pod that has ended; undefined while it lives, or when nobody says. */
  readonly endedAt: EpochMs | undefined;
  readonly hasEnded: boolean;
}

export interface LiveNode {
  readonly type: 'node';
  readonly name: ObjectName;
  readonly addresses: readonly string[];
  /** Ranges its pods get their addresses from, where the cluster hands them out by node. */
  readonly podCidrs: readonly string[];
}

/** A port of an EndpointSlice: what a Service port of this name leads to. */
export interface SlicePort {
  /** Empty for the only port of a Service that names none. */
  readonly name: string;
  readonly protocol: PolicyProtocol;
  readonly port: number;
}

/** Endpoints of one Service, or of a part of it. */
export interface LiveSlice {
  readonly type: 'slice';
  readonly namespace: NamespaceName;
  readonly name: ObjectName;
  readonly service: ObjectName | undefined;
  readonly ports: readonly SlicePort[];
  /** Canonical address, and `namespace/name` of the pod where one is named. */
  readonly endpoints: readonly { readonly ip: string; readonly pod: string | undefined }[];
}

/** A controller that others show as what they run: its size and what of it changes with a rollout. */
export interface LiveController {
  readonly type: 'controller';
  readonly kind: string;
  readonly namespace: NamespaceName;
  readonly name: ObjectName;
  readonly owner: OwnerName | undefined;
  readonly replicas: number | undefined;
  /** Images of its template in order. */
  readonly images: readonly string[];
  /** Of a CronJob, in the syntax of cron. */
  readonly schedule: string | undefined;
}

/** What an object tells beside what a {@link DecodedObject} holds; other kinds tell nothing more. */
export type LiveFacts = LivePod | LiveNode | LiveSlice | LiveController | { readonly type: 'plain' };

/** One object of the API server, read once; nothing of the object itself is kept but a policy's own text. */
export interface LiveObject {
  readonly kind: string;
  /** `namespace/name`, or `name` for what lies in no namespace. */
  readonly key: string;
  readonly uid: string;
  readonly facts: LiveFacts;
  /** Undefined for kinds that a cluster's model has no place for, and for what is malformed. */
  readonly decoded: DecodedObject | undefined;
  readonly issues: readonly ObjectIssue[];
}
