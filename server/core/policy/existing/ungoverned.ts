import { isInScope, type Scope } from '#core/baseline/training-window.ts';
import { describePeer } from '#core/identity/peer.ts';
import { sortedBy } from '#core/order.ts';
import type { PolicyDirection } from '../literal/verdict.ts';
import type { UngovernedSide } from './existing-review.ts';
import { conversationsOf, type ObservedConnection, type ObservedEdge, type PolicyBench } from './observed.ts';

/** Directions in which no policy has a say about a pod of the cluster. */
function openSides({ connection, own }: ObservedConnection, bench: PolicyBench): readonly PolicyDirection[] {
  const verdict = bench.verdict(connection);
  return verdict.reason === 'policy' ? own.filter((direction) => !verdict[direction].isolated) : [];
}

/** Workloads of the scope with observed conversations in a direction in which nothing isolates them, sorted. */
export function ungovernedOf(
  observed: readonly ObservedEdge[],
  { bench, scope }: { readonly bench: PolicyBench; readonly scope: Scope },
): readonly UngovernedSide[] {
  const sides = new Map<string, { workload: string; direction: PolicyDirection; edges: Set<ObservedEdge> }>();
  for (const each of observed) {
    for (const direction of each.connections.flatMap((connection) => openSides(connection, bench))) {
      const peer = direction === 'egress' ? each.edge.from : each.edge.to;
      if (peer.kind !== 'workload' || !isInScope(scope, peer.id)) continue;
      const workload = describePeer(peer);
      const key = `${workload} ${direction}`;
      const known = sides.get(key) ?? { workload, direction, edges: new Set() };
      sides.set(key, known);
      known.edges.add(each);
    }
  }
  return sortedBy(sides.values(), ({ workload, direction }) => `${workload} ${direction}`).map(
    ({ edges, ...side }) => ({ ...side, edges: edges.size, conversations: conversationsOf(edges) }),
  );
}
