import type { Edge, EdgeKey } from '#core/graph/edge.ts';
import type { Peer, WorkloadId } from '#core/identity/peer.ts';
import { sortedText } from '#core/order.ts';
import { ADD_ON_NAMES, type AddOnName, MOST_EVIDENCE, type SystemAddOn } from './add-on.ts';
import { SystemRoles } from './system-role.ts';

/** The workloads whose policies an add-on is about: servers where somebody outside comes in, clients elsewhere. */
const SERVER_SIDE: ReadonlySet<AddOnName> = new Set(['webhooks', 'load-balancer', 'ingress', 'metrics']);

const idsOf = (peer: Peer): readonly WorkloadId[] => (peer.kind === 'workload' ? [peer.id] : []);

interface Gathered {
  readonly evidence: Set<string>;
  readonly edges: Set<EdgeKey>;
  readonly workloads: Set<WorkloadId>;
  conversations: number;
}

/** System traffic among the edges that count as seen, by name, in the order of {@link ADD_ON_NAMES}. */
export function addOnsOf(
  edges: readonly Edge[],
  hasRule: (edge: EdgeKey) => boolean,
): readonly SystemAddOn[] {
  const roles = new SystemRoles(edges);
  const found = new Map<AddOnName, Gathered>();
  for (const edge of edges) {
    const role = roles.roleOf(edge);
    if (role === undefined) continue;
    const known = found.get(role.addOn) ?? {
      evidence: new Set(),
      edges: new Set(),
      workloads: new Set(),
      conversations: 0,
    };
    found.set(role.addOn, known);
    known.evidence.add(role.evidence);
    known.edges.add(edge.key);
    known.conversations += edge.conversations.total;
    for (const id of idsOf(SERVER_SIDE.has(role.addOn) ? edge.to : edge.from)) known.workloads.add(id);
  }
  return ADD_ON_NAMES.flatMap((name) => {
    const gathered = found.get(name);
    if (gathered === undefined) return [];
    const { evidence, edges: keys, workloads, conversations } = gathered;
    return [
      {
        name,
        evidence: sortedText(evidence).slice(0, MOST_EVIDENCE),
        edges: sortedText(keys),
        withoutRule: [...keys].filter((key) => !hasRule(key)).length,
        conversations,
        workloads: sortedText(workloads),
      },
    ];
  });
}
