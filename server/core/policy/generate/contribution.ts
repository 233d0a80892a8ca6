import type { Edge } from '#core/graph/edge.ts';
import {
  describePeer,
  type Peer,
  type PeerKey,
  parseWorkloadId,
  peerKey,
  type WorkloadId,
} from '#core/identity/peer.ts';
import { failed, ok, type Result } from '#core/result.ts';
import { cellEdgeOf, cellsOf, type DeclaredCell, isPolicyProtocol } from '../cell.ts';
import type { NetworkPolicyPeer } from '../network-policy.ts';
import { publicPeers } from '../system/public-blocks.ts';
import { isDns } from '../system/system-role.ts';
import type { CniProfile, PolicyProtocol } from '../world.ts';
import type { Refusal } from './evidence.ts';
import type { Inhabitant } from './inhabitants.ts';
import { type OutsidePeers, outsidePeers } from './outside.ts';

export interface PortChoice {
  readonly protocol: PolicyProtocol;
  readonly port: number;
}

/** What one edge asks of one policy: let the subject talk with these peers on these ports. */
export interface Contribution {
  readonly subject: WorkloadId;
  readonly direction: 'ingress' | 'egress';
  readonly other: Peer;
  readonly otherKey: PeerKey;
  readonly peers: readonly NetworkPolicyPeer[];
  readonly ports: readonly PortChoice[];
  readonly edge: Edge;
}

/** What an edge becomes: requests to at most two policies, and what they admit that was not seen. */
export interface Expression {
  readonly contributions: readonly Contribution[];
  readonly declared: readonly DeclaredCell[];
}

export interface ExpressContext {
  readonly inhabitants: ReadonlyMap<WorkloadId, Inhabitant>;
  readonly profile: CniProfile;
  readonly isInScope: (id: WorkloadId) => boolean;
  /** True for a visit to a port that is to be opened to every public address. */
  readonly isOpened: (edge: Edge) => boolean;
}

function portsOf(edge: Edge): Result<readonly PortChoice[], Refusal> {
  const { protocol, port } = edge;
  if (!isPolicyProtocol(protocol)) {
    const note = `NetworkPolicy knows TCP, UDP and SCTP only; what becomes of ${protocol} is up to the network plugin.`;
    return failed({ reason: 'protocol-not-expressible', note });
  }
  if (typeof port !== 'number' || port < 1) {
    return failed({
      reason: 'folded',
      note: 'It used more ports than are kept apart; a rule would have to admit every port.',
    });
  }
  if (!isDns(edge)) return ok([{ protocol, port }]);
  return ok([
    { protocol: 'TCP', port },
    { protocol: 'UDP', port },
  ]);
}

type EndPeers = OutsidePeers | { readonly kind: 'pods'; readonly inhabitant: Inhabitant };

function endPeers(edge: Edge, side: 'from' | 'to', context: ExpressContext): EndPeers {
  const peer = edge[side];
  if (peer.kind !== 'workload') return outsidePeers(peer, edge, { side, profile: context.profile });
  const inhabitant = context.inhabitants.get(peer.id);
  if (inhabitant?.choice.kind === 'selector') return { kind: 'pods', inhabitant };
  const note = `${describePeer(peer)} has no label that lasts, so no selector can name its pods.`;
  return { kind: 'refused', refusal: { reason: 'peer-not-selectable', note } };
}

/** The end that connects; where its visit is opened, everybody public stands in its place. */
function clientOf(edge: Edge, context: ExpressContext): { readonly peer: Peer; readonly named: EndPeers } {
  const peers = context.isOpened(edge) ? publicPeers(edge) : [];
  if (peers.length > 0)
    return { peer: { kind: 'entity', entity: 'world' }, named: { kind: 'blocks', peers } };
  return { peer: edge.from, named: endPeers(edge, 'from', context) };
}

/** How a policy of `subject` names the other end; a peer in another namespace is bound to that namespace's name. */
function namedFor(subject: WorkloadId, end: EndPeers): readonly NetworkPolicyPeer[] {
  if (end.kind === 'blocks') return end.peers;
  if (end.kind !== 'pods' || end.inhabitant.choice.kind !== 'selector') return [];
  const { namespace } = parseWorkloadId(end.inhabitant.id);
  const podSelector = end.inhabitant.choice.selector;
  if (namespace === parseWorkloadId(subject).namespace) return [{ podSelector }];
  return [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } }, podSelector }];
}

function subjectOf(peer: Peer, context: ExpressContext): WorkloadId | undefined {
  return peer.kind === 'workload' && context.isInScope(peer.id) ? peer.id : undefined;
}

/** The rules an edge needs, or why it can not have any. A rule without a peer is never made. */
export function express(edge: Edge, context: ExpressContext): Result<Expression, Refusal> {
  const ports = portsOf(edge);
  if (!ports.ok) return ports;
  const [client, to] = [clientOf(edge, context), endPeers(edge, 'to', context)];
  for (const end of [client.named, to]) if (end.kind === 'refused') return failed(end.refusal);
  const contributions: Contribution[] = [];
  const ask = (
    direction: 'ingress' | 'egress',
    ends: { subject: Peer; other: Peer; named: EndPeers },
  ): void => {
    const subject = subjectOf(ends.subject, context);
    const peers = subject === undefined ? [] : namedFor(subject, ends.named);
    if (subject === undefined || peers.length === 0) return;
    const otherKey = peerKey(ends.other);
    contributions.push({ subject, direction, other: ends.other, otherKey, peers, ports: ports.value, edge });
  };
  ask('egress', { subject: edge.from, other: edge.to, named: to });
  ask('ingress', { subject: edge.to, other: client.peer, named: client.named });
  return ok({ contributions, declared: declaredCells(edge, ports.value) });
}

const OTHER_HALF_OF_DNS = 'Resolvers are asked over UDP and TCP; only one of them was seen.';

function declaredCells(edge: Edge, ports: readonly PortChoice[]): readonly DeclaredCell[] {
  const unseen = ports.filter(({ protocol }) => protocol !== edge.protocol);
  return unseen.flatMap(({ protocol }) =>
    cellsOf({ ...cellEdgeOf(edge), protocol }).map((cell) => ({ ...cell, why: OTHER_HALF_OF_DNS })),
  );
}
