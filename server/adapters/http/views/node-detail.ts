import type { NodeDetail } from '#contract/graph.ts';
import { describePeer, type Peer, peerKey } from '#core/identity/peer.ts';
import type { SeenPod } from '#core/identity/seen-pod.ts';
import { sortedBy, sortedText } from '#core/order.ts';
import type { Moment } from '../live/moment.ts';
import type { Renderers } from '../renderers.ts';
import { edgeView } from './edges.ts';
import { nodeView } from './nodes.ts';

/** Labels that every pod of the workload carries with the same value. */
function commonLabels(pods: readonly SeenPod[]): { key: string; value: string }[] {
  const [first, ...others] = pods;
  if (first === undefined) return [];
  const common = [...first.labels].filter(([key, value]) =>
    others.every((pod) => pod.labels.get(key) === value),
  );
  return sortedBy(common, ([key]) => key).map(([key, value]) => ({ key, value }));
}

function policyYamlOf(peer: Peer, moment: Moment, renderers: Renderers): string | null {
  if (peer.kind !== 'workload') return null;
  const proposed = moment.proposal?.proposal.policies.find(({ workload }) => workload === peer.id);
  return proposed === undefined ? null : renderers.renderPolicy(proposed.policy, proposed.reasons);
}

/** Everything known about one vertex. */
export function nodeDetailView(peer: Peer, moment: Moment, renderers: Renderers): NodeDetail {
  const id = peerKey(peer);
  const pods = moment.podsByWorkload.get(id) ?? [];
  const edges = sortedBy(moment.graph.edges.values(), ({ key }) => key);
  const inbound = edges.filter((edge) => peerKey(edge.to) === id);
  const outbound = edges.filter((edge) => peerKey(edge.from) === id);
  return {
    ...nodeView(peer, moment),
    description: describePeer(peer),
    podNames: sortedText(new Set(pods.map((pod) => pod.name))),
    labels: commonLabels(pods),
    inbound: inbound.map((edge) => edgeView(edge, moment)),
    outbound: outbound.map((edge) => edgeView(edge, moment)),
    policyYaml: policyYamlOf(peer, moment, renderers),
  };
}
