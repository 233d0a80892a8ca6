import type { Entity } from '#core/identity/peer.ts';
import type { NetworkPolicy } from './network-policy.ts';

/** Labels as `[key, value]` pairs, keys unique: plain JSON, and no key is special. */
export type Labels = readonly (readonly [key: string, value: string])[];

/** The protocols a NetworkPolicy can speak about. */
export type PolicyProtocol = 'TCP' | 'UDP' | 'SCTP';

export type IpFamily = 'IPv4' | 'IPv6';

/** What policies are judged against: plain JSON, so that a certificate can carry it. */
export interface World {
  readonly namespaces: readonly WorldNamespace[];
  readonly pods: readonly WorldPod[];
  readonly policies: readonly NetworkPolicy[];
}

/** A namespace that is not in the world has no labels. */
export interface WorldNamespace {
  readonly name: string;
  readonly labels: Labels;
}

/** A container port with a name; `protocol` as declared, TCP where the manifest says none. */
export interface NamedPort {
  readonly name: string;
  readonly protocol: PolicyProtocol;
  readonly port: number;
}

/** One pod as it was when the connection was made. */
export interface WorldPod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  /** Every address of the pod, one per IP family; empty when unknown. */
  readonly ips: readonly string[];
  readonly namedPorts: readonly NamedPort[];
  /** The pod uses its node's network: policies neither select it nor see it as a pod. */
  readonly hostNetwork: boolean;
  /** Name of the node it runs on. */
  readonly node?: string | undefined;
  /** Kubernetes pod phase; leave it out for a pod that was alive at the time. `Succeeded` and `Failed` pods do not count. */
  readonly phase?: string | undefined;
  /** No controller made it: it has no owner. Left out where that is not known, and for a pod that has one. */
  readonly bare?: boolean | undefined;
}

/**
 * One end of a connection. `address` is outside the cluster: who knows that an IP is a pod's or a node's says so.
 * For a pod, `ip` is the address used; without it any of the pod's addresses may be meant. For an entity, `node` is
 * the node behind it; a `host` without one is the pod's own node, since that is what the data path means by it.
 */
export type Endpoint =
  | { readonly kind: 'pod'; readonly pod: WorldPod; readonly ip?: string | undefined }
  | { readonly kind: 'address'; readonly ip: string }
  | {
      readonly kind: 'entity';
      readonly entity: Entity;
      readonly ip?: string | undefined;
      readonly node?: string | undefined;
    };

/** One connection to judge; `port` is the destination's, after any Service address was translated. */
export interface Connection {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly protocol: PolicyProtocol;
  readonly port: number;
}

/** The specification itself, and the networks whose reading of it is known. */
export type NetworkName = 'kubernetes' | 'cilium' | 'calico' | 'ovn-kubernetes' | 'aws-vpc-cni';

/** What the network plugin makes of the parts of the specification that are left to it. */
export interface CniProfile {
  readonly name: NetworkName;
  /** An ipBlock matches the addresses of pods. */
  readonly ipBlockMatchesPods: boolean;
  /** An ipBlock matches the addresses of nodes: host, remote-node, kube-apiserver, host-network pods. */
  readonly ipBlockMatchesNodes: boolean;
  /** An ipBlock matches the addresses of what else the plugin knows: health, ingress, unmanaged, init. */
  readonly ipBlockMatchesReserved: boolean;
  /** Selectors of peers find host-network pods too, by their labels. */
  readonly selectorsFindHostNetwork: boolean;
  /**
   * The namespace under which nodes are met: an ingress peer with an empty podSelector and a namespaceSelector that
   * means this one lets nodes in. Its labels count where the world does not say otherwise.
   */
  readonly nodeNamespace: WorldNamespace | undefined;
  /** A pod may always connect to the node it runs on; that the node may always connect to the pod holds everywhere. */
  readonly podsReachOwnNode: boolean;
  /** Policies also govern pods that no controller made. */
  readonly governsBarePods: boolean;
}
