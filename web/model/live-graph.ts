import type { GraphEdge, GraphMinute, GraphNode, GraphSnapshot, Trust } from '#contract/graph.ts';
import type { FindingView } from '#contract/learning.ts';
import type { EdgeTick, GraphDelta, SocketSnapshot } from '#contract/socket.ts';
import { failed, ok, type Result } from '#core/result.ts';

/** The picture of the network as the page last heard it; times in epoch milliseconds of the data's clock. */
export interface LiveGraph {
  readonly seq: number;
  readonly now: number;
  readonly mode: GraphSnapshot['mode'];
  readonly title: string;
  readonly span: GraphSnapshot['span'];
  readonly trainingWindow: GraphSnapshot['trainingWindow'];
  readonly nodesById: ReadonlyMap<string, GraphNode>;
  readonly edgesById: ReadonlyMap<number, GraphEdge>;
  /** Oldest first; none for a minute without conversations. */
  readonly minutes: readonly GraphMinute[];
  readonly trust: Trust;
  readonly findingsById: ReadonlyMap<string, FindingView>;
}

/** A delta that does not follow the last one: the page must ask for a snapshot. */
export interface SequenceGap {
  readonly code: 'sequence_gap';
  readonly expected: number;
  readonly got: number;
}

/** The graph a snapshot describes. */
export function fromSnapshot({ graph, findings }: SocketSnapshot): LiveGraph {
  return {
    seq: graph.seq,
    now: graph.now,
    mode: graph.mode,
    title: graph.title,
    span: graph.span,
    trainingWindow: graph.trainingWindow,
    nodesById: new Map(graph.nodes.map((node) => [node.id, node])),
    edgesById: new Map(graph.edges.map((edge) => [edge.id, edge])),
    minutes: graph.minutes,
    trust: graph.trust,
    findingsById: new Map(findings.map((finding) => [finding.id, finding])),
  };
}

/**
 * The graph after a delta. A delta the graph already contains leaves it as it is; one that skips a number is a gap,
 * since what was missed can not be guessed.
 */
export function withDelta(graph: LiveGraph, delta: GraphDelta): Result<LiveGraph, SequenceGap> {
  if (delta.seq <= graph.seq) return ok(graph);
  if (delta.seq !== graph.seq + 1) {
    return failed({ code: 'sequence_gap', expected: graph.seq + 1, got: delta.seq });
  }
  const now = Math.max(graph.now, delta.now);
  const edgesById = patchedEdges(graph.edgesById, delta);
  return ok({
    ...graph,
    seq: delta.seq,
    now,
    span: widened(graph.span, edgesById, now),
    nodesById: patchedNodes(graph.nodesById, delta),
    edgesById,
    minutes: patchedMinutes(graph.minutes, delta.minutes),
    trust: delta.trust,
    findingsById: withFindings(graph.findingsById, delta.findings),
  });
}

/** Findings with these new or changed ones; the same map when there are none. */
export function withFindings(
  findings: ReadonlyMap<string, FindingView>,
  changed: readonly FindingView[],
): ReadonlyMap<string, FindingView> {
  if (changed.length === 0) return findings;
  return new Map([...findings, ...changed.map((finding) => [finding.id, finding] as const)]);
}

function patchedMinutes(
  minutes: readonly GraphMinute[],
  changed: readonly GraphMinute[],
): readonly GraphMinute[] {
  if (changed.length === 0) return minutes;
  const rows = new Map([...minutes, ...changed].map((row) => [row.at, row]));
  return [...rows.values()].filter(({ conversations }) => conversations > 0).sort((a, b) => a.at - b.at);
}

function patchedNodes(
  nodes: ReadonlyMap<string, GraphNode>,
  delta: GraphDelta,
): ReadonlyMap<string, GraphNode> {
  if (delta.nodes.length === 0 && delta.removedNodes.length === 0) return nodes;
  const patched = new Map(nodes);
  for (const id of delta.removedNodes) patched.delete(id);
  for (const node of delta.nodes) patched.set(node.id, node);
  return patched;
}

function patchedEdges(
  edges: ReadonlyMap<number, GraphEdge>,
  delta: GraphDelta,
): ReadonlyMap<number, GraphEdge> {
  const patched = new Map(edges);
  for (const id of delta.removedEdges) patched.delete(id);
  for (const edge of delta.edges) patched.set(edge.id, edge);
  for (const tick of delta.ticks) {
    const edge = patched.get(tick[0]);
    if (edge !== undefined) patched.set(edge.id, withTick(edge, tick));
  }
  return patched;
}

const withTick = (
  edge: GraphEdge,
  [, conversations, denied, ratePerMinute, lastSeenAt]: EdgeTick,
): GraphEdge => ({ ...edge, conversations, denied, ratePerMinute, lastSeenAt });

function widened(
  span: LiveGraph['span'],
  edges: ReadonlyMap<number, GraphEdge>,
  now: number,
): LiveGraph['span'] {
  if (span !== null) return { from: span.from, until: Math.max(span.until, now) };
  let from = Number.POSITIVE_INFINITY;
  for (const edge of edges.values()) from = Math.min(from, edge.firstSeenAt);
  return Number.isFinite(from) ? { from, until: now } : null;
}
