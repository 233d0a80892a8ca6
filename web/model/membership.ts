import type { GraphEdge, GraphNode } from '#contract/graph.ts';
import { sortedText } from '#core/order.ts';
import { type Group, type GroupId, groupOf, parseGroupId } from './groups.ts';
import type { Arrow } from './layering.ts';
import type { LiveGraph } from './live-graph.ts';
import type { Placement } from './placement.ts';

/** Which vertex is in which group. */
export interface Membership {
  readonly groups: ReadonlyMap<GroupId, Group>;
  readonly groupOfNode: ReadonlyMap<string, GroupId>;
  readonly membersOf: ReadonlyMap<GroupId, readonly GraphNode[]>;
}

/**
 * The placement with a home for each outside vertex met for the first time. Homes last: a peer that only called and
 * is now called as well stays where a person last saw it.
 */
export function withHomes(placement: Placement, graph: LiveGraph): Placement {
  const homeless = [...graph.nodesById.values()].filter(
    (node) => node.kind !== 'workload' && !placement.homes.has(node.id),
  );
  if (homeless.length === 0) return placement;
  const called = new Set<string>();
  const calling = new Set<string>();
  for (const edge of graph.edgesById.values()) {
    called.add(edge.to);
    calling.add(edge.from);
  }
  const homes = new Map(placement.homes);
  for (const node of homeless) {
    const sides = { calls: calling.has(node.id), isCalled: called.has(node.id) };
    homes.set(node.id, groupOf(node, sides).id);
  }
  return { ...placement, homes };
}

/** Who is in which group, members in order of id. */
export function membershipOf(graph: LiveGraph, placement: Placement): Membership {
  const groups = new Map<GroupId, Group>();
  const groupOfNode = new Map<string, GroupId>();
  const membersOf = new Map<GroupId, GraphNode[]>();
  for (const id of sortedText(graph.nodesById.keys())) {
    const node = graph.nodesById.get(id);
    if (node === undefined) continue;
    const home = parseGroupId(placement.homes.get(id) ?? '');
    const group = node.kind === 'workload' || home === undefined ? groupOf(node, NOT_CALLED) : home;
    groups.set(group.id, group);
    groupOfNode.set(id, group.id);
    const members = membersOf.get(group.id);
    if (members === undefined) membersOf.set(group.id, [node]);
    else members.push(node);
  }
  return { groups, groupOfNode, membersOf };
}

const NOT_CALLED = { calls: true, isCalled: false } as const;

/** One arrow per pair of different groups that talk; edges to DNS and the like count once each. */
export function groupArrows(
  edges: Iterable<GraphEdge>,
  groupOfNode: ReadonlyMap<string, GroupId>,
): readonly Arrow[] {
  const weights = new Map<string, Arrow>();
  for (const edge of edges) {
    const from = groupOfNode.get(edge.from);
    const to = groupOfNode.get(edge.to);
    if (from === undefined || to === undefined || from === to) continue;
    const key = `${from} ${to}`;
    weights.set(key, { from, to, weight: (weights.get(key)?.weight ?? 0) + 1 });
  }
  return [...weights.values()];
}
