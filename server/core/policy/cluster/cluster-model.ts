import type { NamespaceName, ObjectName } from '#core/identity/names.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { Labels, PolicyProtocol, WorldPod } from '../world.ts';

/** Where an object was read: what a report names when it blames one. */
export interface ObjectSource {
  /** Path below the folder that was read, with `/`. */
  readonly file: string;
  /** Number of the document in its file, from 1. */
  readonly document: number;
  /** Line of the file on which the object begins, from 1. */
  readonly line: number;
  /** Place of the object in its document, e.g. `items[3]`; empty for the document itself. */
  readonly item: string;
}

/** A controller of pods in one cluster; a pod that nobody controls is a workload of kind `Pod`. */
export interface WorkloadName {
  readonly namespace: NamespaceName;
  /** A Kubernetes kind, or `unknown` when a pod names an owner without one. */
  readonly kind: string;
  readonly name: ObjectName;
}

/** `shop/cart[Deployment]`: how a workload is written in every list. */
export const describeWorkload = ({ namespace, name, kind }: WorkloadName): string =>
  `${namespace}/${name}[${kind}]`;

/** What a container says it listens on. Nothing holds it to that: only names are of use to a policy. */
export interface ContainerPort {
  readonly name: string | undefined;
  readonly protocol: PolicyProtocol;
  readonly port: number;
  /** Port of the node that leads here. */
  readonly hostPort: number | undefined;
}

export interface ClusterNamespace {
  readonly name: NamespaceName;
  /** With `kubernetes.io/metadata.name`, which the API server sets on every namespace. Sorted by key. */
  readonly labels: Labels;
  /** Undefined for a namespace that objects lie in although no manifest declares it. */
  readonly source: ObjectSource | undefined;
}

export interface ClusterWorkload extends WorkloadName {
  /** As the manifest has it; undefined when it says nothing or is not there. */
  readonly replicas: number | undefined;
  readonly ports: readonly ContainerPort[];
  /** Keys of the labels its controller selects its pods by, sorted; absent where no manifest says. */
  readonly selectorKeys?: readonly string[] | undefined;
  /** Undefined when only its pods, or what it controls, name it. */
  readonly source: ObjectSource | undefined;
}

/**
 * One pod. `seen` was read as it is; `template` stands for what a controller would make, and its name is that of the
 * pod only where the controller's rule for names fixes it.
 */
export interface ClusterPod {
  readonly pod: WorldPod;
  /** Index in `workloads`. */
  readonly workload: number;
  readonly origin: 'seen' | 'template';
}

export interface ServicePort {
  readonly name: string | undefined;
  readonly protocol: PolicyProtocol;
  readonly port: number;
  /** Port of the pods, or the name of one. */
  readonly targetPort: number | string;
  readonly nodePort: number | undefined;
}

export interface ClusterService {
  readonly namespace: NamespaceName;
  readonly name: ObjectName;
  readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
  /** Undefined: nobody is selected, and what is behind it is not in the manifest. */
  readonly selector: Labels | undefined;
  readonly ports: readonly ServicePort[];
  /** Virtual addresses; empty when it has none or they are not known. */
  readonly clusterIps: readonly string[];
  readonly externalName: string | undefined;
  /** `Local` keeps the client's address on a node port and behind a load balancer; `Cluster` may show a node's instead. */
  readonly externalTrafficPolicy: 'Cluster' | 'Local';
  /** Addresses outside the Service's own range that nodes answer for it. */
  readonly externalIps: readonly string[];
  /** CIDRs whose clients the load balancer lets in; empty: all. */
  readonly loadBalancerSourceRanges: readonly string[];
  readonly source: ObjectSource;
}

/** One Service that an Ingress leads to; `port` is the Service's, by number or name. */
export interface IngressBackend {
  readonly host: string | undefined;
  readonly path: string | undefined;
  readonly service: ObjectName;
  readonly port: number | string | undefined;
}

export interface ClusterIngress {
  readonly namespace: NamespaceName;
  readonly name: ObjectName;
  readonly className: string | undefined;
  readonly backends: readonly IngressBackend[];
  readonly source: ObjectSource;
}

/** A policy, its namespace always spelt out, and where it stands. */
export interface PlacedPolicy {
  readonly policy: NetworkPolicy;
  readonly source: ObjectSource;
}

/** Objects of a kind that the model has no place for. */
export interface OtherKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly count: number;
}

/** One cluster: everything sorted by namespace and name, so that the order of files changes nothing. */
export interface ClusterModel {
  readonly namespaces: readonly ClusterNamespace[];
  readonly workloads: readonly ClusterWorkload[];
  readonly pods: readonly ClusterPod[];
  readonly services: readonly ClusterService[];
  readonly ingresses: readonly ClusterIngress[];
  readonly policies: readonly PlacedPolicy[];
  readonly otherKinds: readonly OtherKind[];
}
