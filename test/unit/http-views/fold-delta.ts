import type { GraphMinute } from '#contract/graph.ts';
import type { GraphDelta, SocketSnapshot } from '#contract/socket.ts';

const byId = <Id, T extends { readonly id: Id }>(items: readonly T[]): Map<Id, T> =>
  new Map(items.map((item) => [item.id, item]));

function foldMinutes(before: readonly GraphMinute[], changed: readonly GraphMinute[]): GraphMinute[] {
  const rows = new Map(before.map((row) => [row.at, row]));
  for (const row of changed) {
    if (row.conversations === 0) rows.delete(row.at);
    else rows.set(row.at, row);
  }
  return [...rows.values()].sort((a, b) => a.at - b.at);
}

/** What a client makes of a delta, by nothing but the words of the contract. */
export function foldDelta({ graph, findings }: SocketSnapshot, delta: GraphDelta): SocketSnapshot {
  if (delta.seq !== graph.seq + 1) throw new Error(`after ${graph.seq} came ${delta.seq}`);
  const nodes = byId(graph.nodes);
  for (const id of delta.removedNodes) nodes.delete(id);
  for (const node of delta.nodes) nodes.set(node.id, node);
  const edges = byId(graph.edges);
  for (const id of delta.removedEdges) edges.delete(id);
  for (const edge of delta.edges) edges.set(edge.id, edge);
  for (const [id, conversations, denied, ratePerMinute, lastSeenAt] of delta.ticks) {
    const edge = edges.get(id);
    if (edge === undefined) throw new Error(`a tick for edge ${id}, which is not there`);
    edges.set(id, { ...edge, conversations, denied, ratePerMinute, lastSeenAt });
  }
  const minutes = foldMinutes(graph.minutes, delta.minutes);
  const known = byId(findings);
  for (const finding of delta.findings) known.set(finding.id, finding);
  const { seq, now, trust } = delta;
  return {
    graph: { ...graph, seq, now, trust, minutes, nodes: [...nodes.values()], edges: [...edges.values()] },
    findings: [...known.values()],
  };
}

const sorted = <T extends { readonly id: number | string }>(items: readonly T[]): T[] =>
  [...items].sort((a, b) => (a.id < b.id ? -1 : 1));

/** The parts that deltas keep up to date, in an order that does not matter. */
export function comparable({ graph, findings }: SocketSnapshot) {
  const { seq, now, trust, minutes, nodes, edges } = graph;
  return { seq, now, trust, minutes, nodes: sorted(nodes), edges: sorted(edges), findings: sorted(findings) };
}
