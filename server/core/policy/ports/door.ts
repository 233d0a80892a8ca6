import type { EpochMs } from '#core/flow/time.ts';
import type { ClusterWorkload, ObjectSource } from '../cluster/cluster-model.ts';
import type { AddressRange } from '../connections/address-range.ts';
import type { PolicyProtocol } from '../world.ts';

/** A way to a port of pods. Those before `service` begin outside the cluster, or may. */
export const DOOR_KINDS = [
  'load-balancer',
  'external-ip',
  'ingress',
  'node-port',
  'host-port',
  'host-network',
  'service',
  'container',
] as const;
export type DoorKind = (typeof DOOR_KINDS)[number];

/** One way to a port of pods, as a manifest declares it. */
export interface Door {
  readonly kind: DoorKind;
  /** `shop/web`, the Service or Ingress; the workload itself where a container declares it. */
  readonly object: string;
  /** The Service behind an Ingress, a node port or a load balancer, as `shop/web`. */
  readonly service: string | undefined;
  /** What a client asks for: the port of the Service, node or container; undefined when it is given out later. */
  readonly port: number | undefined;
  /** Name of the port at the container or the Service. */
  readonly name: string | undefined;
  /** Host and path of an Ingress rule, or the addresses of `externalIPs`. */
  readonly at: readonly string[];
  /** CIDRs that a load balancer lets in; empty: all. */
  readonly clients: readonly string[];
  /** `Cluster`: policies may see the address of a node in place of the client's. Undefined where it does not matter. */
  readonly externalTrafficPolicy: 'Cluster' | 'Local' | undefined;
  /** It leads to some pods of the workload and not to others: labels or port names differ. */
  readonly onlySomePods: boolean;
  readonly source: ObjectSource | undefined;
}

/** One port of the pods of one workload, and every way to it. */
export interface PodPort {
  /** Index in the model's `workloads`. */
  readonly place: number;
  readonly workload: ClusterWorkload;
  readonly protocol: PolicyProtocol;
  readonly port: number;
  /** Empty for a port that was only seen answering. */
  readonly doors: readonly Door[];
  /** A container declares it; what a Service aims at need not be declared to work. */
  readonly isDeclared: boolean;
}

/** Why something that should lead to pods does not. */
export const DEAD_END_REASONS = [
  /** The selector finds no pod. */
  'selects-nobody',
  /** Without a selector: whatever Endpoints somebody writes. */
  'no-selector',
  /** No pod behind it has a port of this name and protocol. */
  'name-unknown',
  /** A name outside, which no policy on pods is about. */
  'external-name',
  'service-missing',
  'service-port-missing',
] as const;
export type DeadEndReason = (typeof DEAD_END_REASONS)[number];

/** A Service port or Ingress backend behind which no pod of the model is. */
export interface DeadEnd {
  readonly kind: 'Service' | 'Ingress';
  /** `shop/web`. */
  readonly object: string;
  /** `80 (http) -> web`, or the backend. */
  readonly port: string;
  readonly reason: DeadEndReason;
  readonly source: ObjectSource;
}

/** Who else in the cluster gets to a port. */
export type Inside =
  | { readonly kind: 'nobody' }
  /** Every other workload with a network of its own. */
  | { readonly kind: 'cluster' }
  | { readonly kind: 'namespace'; readonly workloads: readonly string[] }
  | { readonly kind: 'workloads'; readonly workloads: readonly string[] };

/** From where policies let connections in, whatever leads there. */
export interface PolicyReach {
  readonly inside: Inside;
  /** A pod without labels, in a namespace without labels and without policies, gets in: so does the next one deployed. */
  readonly strangers: boolean;
  /** Addresses outside the cluster, each confirmed by the literal evaluator; sorted. */
  readonly outside: readonly AddressRange[];
  /** Nodes other than the pod's own, which no policy can keep out. */
  readonly otherNodes: boolean;
  /** The pods use the network of their node: no policy governs them. */
  readonly isUngoverned: boolean;
  /** What holds for some pods of the workload does not hold for others; the widest is given. */
  readonly onlySomePods: boolean;
}

/** Who gets through one door. */
export interface DoorReach {
  readonly door: Door;
  /** Addresses whose clients get through, told by their own address; empty where the door begins inside. */
  readonly clients: readonly AddressRange[];
  /** Some of them are of the public internet. */
  readonly isPublic: boolean;
  /** A client may be taken for a node, and the pod's own node always gets in. */
  readonly maskedAsNode: boolean;
  /** For an Ingress: workloads that may be its controller since they are reached from outside and reach the port. */
  readonly through: readonly string[];
}

/** How far a port is open, widest first. */
export const OPENNESS_LEVELS = [
  'internet',
  'node',
  'outside',
  'cluster',
  'workloads',
  'namespace',
  'nobody',
] as const;
/**
 * `internet`: a load balancer, external address or Ingress leads there and public addresses get in. `node`: whoever
 * reaches a node's address, or is taken for one. `outside`: from outside, but from private addresses alone. The rest is
 * about pods: all or any new one, some of several namespaces, those of its own namespace, none.
 */
export type Openness = (typeof OPENNESS_LEVELS)[number];

/** What flows say of a port. */
export interface PortUse {
  /** Conversations that passed, by any client. */
  readonly conversations: number;
  /** Those in which the server answered. */
  readonly answered: number;
  readonly denied: number;
  readonly lastSeenAt: EpochMs;
  /** Most conversations first. */
  readonly by: readonly { readonly peer: string; readonly conversations: number }[];
  /** Services that clients asked for, as `shop/web`. */
  readonly services: readonly string[];
  /** Some of it is of a pair that used too many ports to tell which. */
  readonly isPerhaps: boolean;
}

/**
 * `unused`: the workload was seen, this port never. `workload-unseen`: nothing at all was seen of the workload, which
 * says less. `host-network`: flows show a node instead. `no-flows`: none were given.
 */
export type Usage =
  | { readonly kind: 'used'; readonly use: PortUse }
  | { readonly kind: 'denied'; readonly use: PortUse }
  | { readonly kind: 'unused' | 'workload-unseen' | 'host-network' | 'no-flows' };

/** Everything about one port. */
export interface ListedPort extends PodPort {
  readonly openness: Openness;
  readonly reach: PolicyReach;
  readonly doorReaches: readonly DoorReach[];
  readonly usage: Usage;
  /** It answered, and neither a container nor a Service declares it. */
  readonly isUndeclared: boolean;
}
