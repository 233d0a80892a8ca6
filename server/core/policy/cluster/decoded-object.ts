import type { NamespaceName, ObjectName } from '#core/identity/names.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { Labels } from '../world.ts';
import type {
  ClusterIngress,
  ClusterService,
  ContainerPort,
  ObjectSource,
  WorkloadName,
} from './cluster-model.ts';

/** The controller an object names, in its own namespace. */
export interface OwnerName {
  readonly kind: string;
  readonly name: ObjectName;
}

/** What policies can see of a pod before it runs. */
export interface PodTemplate {
  readonly labels: Labels;
  readonly ports: readonly ContainerPort[];
  readonly hostNetwork: boolean;
}

/** A controller with its template. */
export interface DecodedWorkload extends WorkloadName {
  readonly type: 'workload';
  readonly owner: OwnerName | undefined;
  readonly replicas: number | undefined;
  readonly firstOrdinal: number;
  /** Keys of the controller's label selector, sorted; empty where it has none. */
  readonly selectorKeys: readonly string[];
  readonly template: PodTemplate;
}

export interface DecodedPod extends PodTemplate {
  readonly type: 'pod';
  readonly namespace: NamespaceName;
  readonly name: ObjectName;
  readonly owner: OwnerName | undefined;
  readonly ips: readonly string[];
  readonly node: string | undefined;
  readonly phase: string | undefined;
}

/** One Kubernetes object, read as far as the model needs it. */
export type DecodedObject =
  | { readonly type: 'namespace'; readonly name: NamespaceName; readonly labels: Labels }
  | DecodedWorkload
  | DecodedPod
  | { readonly type: 'service'; readonly service: Omit<ClusterService, 'source'> }
  | { readonly type: 'ingress'; readonly ingress: Omit<ClusterIngress, 'source'> }
  | {
      readonly type: 'policy';
      readonly namespace: NamespaceName;
      readonly name: string;
      readonly policy: NetworkPolicy;
    }
  | { readonly type: 'other'; readonly apiVersion: string; readonly kind: string };

/** An object and where it stands: what a model is built from. */
export interface PlacedObject {
  readonly object: DecodedObject;
  readonly source: ObjectSource;
}
