import type { GraphEdge, GraphNode, GraphSnapshot, Trust } from '#contract/graph.ts';
import type { GraphDelta } from '#contract/socket.ts';
import { fromSnapshot, type LiveGraph } from '../../../web/model/live-graph.ts';

export const trust: Trust = {
  flows: 0,
  conversations: 0,
  undecided: 0,
  undecidedShare: 0,
  unresolved: 0,
  lostEvents: '0',
  badLines: 0,
  silentNodes: [],
  sources: 1,
  directionConflicts: 0,
  closedEarly: 0,
  doubts: [],
};

/** A workload's vertex; its name is `namespace/name`. */
export function workload(path: string, more: Partial<GraphNode> = {}): GraphNode {
  const [namespace = '', label = ''] = path.split('/');
  return {
    id: `workload:c/${namespace}/Deployment/${label}`,
    kind: 'workload',
    label,
    cluster: 'c',
    namespace,
    workloadKind: 'Deployment',
    pods: 1,
    isolation: 'none',
    openFindings: 0,
    ...more,
  };
}

/** A vertex outside the cluster. */
export const outsider = (kind: GraphNode['kind'], label: string): GraphNode => ({
  id: `${kind}:${label}`,
  kind,
  label,
  pods: 0,
  isolation: 'none',
  openFindings: 0,
});

/** An edge between two vertices. */
export function edge(
  id: number,
  ends: readonly [GraphNode, GraphNode],
  more: Partial<GraphEdge> = {},
): GraphEdge {
  const [from, to] = ends;
  return {
    id,
    key: `${from.id}>${to.id}|TCP|${more.port ?? 8080}`,
    from: from.id,
    to: to.id,
    protocol: 'TCP',
    port: 8080,
    conversations: 10,
    denied: 0,
    audited: 0,
    refused: 0,
    ratePerMinute: 1,
    firstSeenAt: 60_000,
    lastSeenAt: 120_000,
    state: 'known',
    admitted: 'admitted',
    findings: 0,
    ...more,
  };
}

/** A snapshot of these vertices and edges. */
export const snapshot = (
  nodes: readonly GraphNode[],
  edges: readonly GraphEdge[],
  more: Partial<GraphSnapshot> = {},
): GraphSnapshot => ({
  seq: 1,
  now: 180_000,
  mode: 'demo',
  span: { from: 0, until: 180_000 },
  title: 'test',
  trainingWindow: null,
  nodes: [...nodes],
  edges: [...edges],
  minutes: [],
  trust,
  ...more,
});

/** The live graph of these vertices and edges. */
export const live = (nodes: readonly GraphNode[], edges: readonly GraphEdge[]): LiveGraph =>
  fromSnapshot({ graph: snapshot(nodes, edges), findings: [] });

/** A delta that changes nothing but its number. */
export const delta = (seq: number, more: Partial<GraphDelta> = {}): GraphDelta => ({
  seq,
  now: 200_000,
  nodes: [],
  removedNodes: [],
  edges: [],
  removedEdges: [],
  ticks: [],
  minutes: [],
  trust,
  findings: [],
  ...more,
});
