import type { GraphNode } from '#contract/graph.ts';
import { describePeer, type Peer, type PeerKey, parseWorkloadId, peerKey } from '#core/identity/peer.ts';
import type { SeenPod } from '#core/identity/seen-pod.ts';
import { sortedText } from '#core/order.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { Moment } from '../live/moment.ts';

type Isolation = GraphNode['isolation'];

/** Which directions a proposal isolates, by workload and by namespace. */
interface Isolated {
  readonly byWorkload: ReadonlyMap<string, Isolation>;
  readonly byNamespace: ReadonlyMap<string, Isolation>;
}

/** Absent policy types mean ingress, and egress too when the policy has egress rules. */
function isolationOf(policy: NetworkPolicy): Isolation {
  const { policyTypes, egress } = policy.spec;
  const types = policyTypes ?? (egress == null || egress.length === 0 ? ['Ingress'] : ['Ingress', 'Egress']);
  const isIngress = types.includes('Ingress');
  const isEgress = types.includes('Egress');
  if (isIngress && isEgress) return 'both';
  if (isIngress) return 'ingress';
  return isEgress ? 'egress' : 'none';
}

function either(a: Isolation, b: Isolation): Isolation {
  if (a === b || b === 'none') return a;
  return a === 'none' ? b : 'both';
}

function isolated(moment: Moment): Isolated {
  const byWorkload = new Map<string, Isolation>();
  const byNamespace = new Map<string, Isolation>();
  for (const { workload, policy } of moment.proposal?.proposal.policies ?? []) {
    byWorkload.set(workload, either(byWorkload.get(workload) ?? 'none', isolationOf(policy)));
  }
  for (const { namespace, policy } of moment.proposal?.proposal.isolation ?? []) {
    byNamespace.set(namespace, either(byNamespace.get(namespace) ?? 'none', isolationOf(policy)));
  }
  return { byWorkload, byNamespace };
}

/** Name alone: `cart`, `world`, `203.0.113.9/32`, `api.example.com`. */
const labelOf = (peer: Peer): string =>
  peer.kind === 'workload' ? parseWorkloadId(peer.id).name : describePeer(peer);

/** Labels shown of one workload: more of them than anybody sets, few enough to send. */
const MOST_LABELS = 24;

function labelled(pods: readonly SeenPod[]): Pick<GraphNode, 'labels'> {
  const labels = new Set(pods.flatMap((pod) => [...pod.labels].map(([key, value]) => `${key}=${value}`)));
  return labels.size === 0 ? {} : { labels: sortedText(labels).slice(0, MOST_LABELS) };
}

function viewOf(peer: Peer, moment: Moment, proposed: Isolated): GraphNode {
  const id = peerKey(peer);
  const common = {
    id,
    kind: peer.kind,
    label: labelOf(peer),
    pods: new Set((moment.podsByWorkload.get(id) ?? []).map((pod) => pod.name)).size,
    openFindings: moment.openFindingsByPeer.get(id) ?? 0,
    ...labelled(moment.podsByWorkload.get(id) ?? []),
  };
  if (peer.kind !== 'workload') return { ...common, isolation: 'none' };
  const { cluster, namespace, kind } = parseWorkloadId(peer.id);
  const inScope = cluster === moment.proposal?.proposal.certificate.scope.cluster;
  const isolation = inScope
    ? either(proposed.byWorkload.get(peer.id) ?? 'none', proposed.byNamespace.get(namespace) ?? 'none')
    : 'none';
  return { ...common, cluster, namespace, workloadKind: kind, isolation };
}

/** One vertex of the map. */
export const nodeView = (peer: Peer, moment: Moment): GraphNode => viewOf(peer, moment, isolated(moment));

/** Every vertex of the map, by id, in order of ids. */
export function nodeViews(moment: Moment): ReadonlyMap<PeerKey, GraphNode> {
  const proposed = isolated(moment);
  const peers = [...moment.graph.peers].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(peers.map(([key, peer]) => [key, viewOf(peer, moment, proposed)]));
}
