import type { Edge } from '#core/graph/edge.ts';
import type { Entity, Peer } from '#core/identity/peer.ts';
import { hostPrefix, parseIp } from '#core/net/ip.ts';
import { sortedText } from '#core/order.ts';
import type { NetworkPolicyPeer } from '../network-policy.ts';
import type { CniProfile } from '../world.ts';
import type { Refusal } from './evidence.ts';

/** The rule peers for an end outside the cluster, or why there are none; `free` needs no rule. */
export type OutsidePeers =
  | { readonly kind: 'blocks'; readonly peers: readonly NetworkPolicyPeer[] }
  | { readonly kind: 'free' }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

const NODES: ReadonlySet<Entity> = new Set(['host', 'remote-node', 'kube-apiserver']);

const refused = (reason: Refusal['reason'], note: string): OutsidePeers => ({
  kind: 'refused',
  refusal: { reason, note },
});

/** One block per address that was seen: nothing wider than the evidence. */
function blocksOf(edge: Edge): readonly NetworkPolicyPeer[] {
  const prefixes = [...edge.addresses.keys()]
    .map(parseIp)
    .filter((ip) => ip !== undefined)
    .map(hostPrefix);
  return sortedText(new Set(prefixes)).map((cidr) => ({ ipBlock: { cidr } }));
}

function isVisible(entity: Entity, profile: CniProfile): boolean {
  if (entity === 'world') return true;
  return NODES.has(entity) ? profile.ipBlockMatchesNodes : profile.ipBlockMatchesReserved;
}

function entityNote(entity: Entity, side: 'from' | 'to'): string {
  const field = side === 'from' ? 'fromEntities' : 'toEntities';
  return `No field of networking.k8s.io/v1 matches it under Cilium; a CiliumNetworkPolicy with ${field}: [${entity}] would admit it.`;
}

function entityPeers(entity: Entity, edge: Edge, context: OutsideContext): OutsidePeers {
  if (entity === 'host' && context.side === 'from') return { kind: 'free' };
  if (!isVisible(entity, context.profile)) {
    return refused('entity-not-expressible', entityNote(entity, context.side));
  }
  const peers = blocksOf(edge);
  return peers.length > 0
    ? { kind: 'blocks', peers }
    : refused('peer-not-selectable', `No address of ${entity} is known, so no block can name it.`);
}

export interface OutsideContext {
  /** Which end of the edge it is. */
  readonly side: 'from' | 'to';
  readonly profile: CniProfile;
}

/** The rule peers for an end that is no workload. */
export function outsidePeers(
  peer: Exclude<Peer, { kind: 'workload' }>,
  edge: Edge,
  context: OutsideContext,
): OutsidePeers {
  if (peer.kind === 'other-external') {
    return refused(
      'folded',
      'Its addresses are too many to be kept apart; a rule would have to admit every address.',
    );
  }
  if (peer.kind === 'entity') return entityPeers(peer.entity, edge, context);
  const peers = blocksOf(edge);
  if (peers.length > 0) return { kind: 'blocks', peers };
  if (peer.kind === 'cidr') return { kind: 'blocks', peers: [{ ipBlock: { cidr: peer.cidr } }] };
  return refused('peer-not-selectable', `No address of ${peer.name} is known, so no block can name it.`);
}
