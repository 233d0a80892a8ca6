import type { Brand } from '#core/brand.ts';
import { unreachable } from '#core/result.ts';
import type { DnsName, NamespaceName, ObjectName } from './names.ts';

/** The controller that owns pods; the vertex users see. */
export type WorkloadId = Brand<string, 'WorkloadId'>;

/** A workload's parts. `kind` is a Kubernetes kind such as `Deployment`, `Pod` for a bare pod, or `unknown`. */
export interface WorkloadRef {
  readonly cluster: string;
  readonly namespace: NamespaceName;
  readonly kind: string;
  readonly name: ObjectName;
}

/** `cluster/namespace/kind/name`. */
export const workloadId = (ref: WorkloadRef): WorkloadId =>
  `${ref.cluster}/${ref.namespace}/${ref.kind}/${ref.name}` as WorkloadId; // the only cast to WorkloadId

/** The parts of an id made by {@link workloadId}; a cluster name may itself hold slashes. */
export function parseWorkloadId(id: WorkloadId): WorkloadRef {
  const parts = id.split('/');
  const [name = '', kind = '', namespace = ''] = [...parts].reverse();
  return {
    cluster: parts.slice(0, -3).join('/'),
    namespace: namespace as NamespaceName,
    kind,
    name: name as ObjectName,
  };
}

/** What Cilium calls reserved identities: things that are no pod and no single address. */
export const ENTITIES = [
  'world',
  'host',
  'remote-node',
  'kube-apiserver',
  'health',
  'ingress',
  'unmanaged',
  'init',
] as const;
export type Entity = (typeof ENTITIES)[number];

/** The other side of an edge or rule. */
export type Peer =
  | { readonly kind: 'workload'; readonly id: WorkloadId }
  | { readonly kind: 'entity'; readonly entity: Entity }
  /** A prefix outside the cluster in canonical form; `/32` or `/128` for one address. */
  | { readonly kind: 'cidr'; readonly cidr: string }
  | { readonly kind: 'fqdn'; readonly name: DnsName }
  /** External addresses beyond every budget, folded into one. */
  | { readonly kind: 'other-external' };

/** Names a peer uniquely and stably, e.g. `workload:default/shop/Deployment/cart`. */
export type PeerKey = Brand<string, 'PeerKey'>;

/** The key of a peer. */
export function peerKey(peer: Peer): PeerKey {
  return peerKeyText(peer) as PeerKey; // the only cast to PeerKey
}

function peerKeyText(peer: Peer): string {
  switch (peer.kind) {
    case 'workload':
      return `workload:${peer.id}`;
    case 'entity':
      return `entity:${peer.entity}`;
    case 'cidr':
      return `cidr:${peer.cidr}`;
    case 'fqdn':
      return `fqdn:${peer.name}`;
    case 'other-external':
      return 'other-external';
    default:
      return unreachable(peer);
  }
}

/** One readable line for a peer: `shop/cart[Deployment]`, `world`, `192.0.2.1/32`, `api.example.com`. */
export function describePeer(peer: Peer): string {
  switch (peer.kind) {
    case 'workload': {
      const { namespace, name, kind } = parseWorkloadId(peer.id);
      return `${namespace}/${name}[${kind}]`;
    }
    case 'entity':
      return peer.entity;
    case 'cidr':
      return peer.cidr;
    case 'fqdn':
      return peer.name;
    case 'other-external':
      return 'other external addresses';
    default:
      return unreachable(peer);
  }
}
