import type { GraphEdge, GraphNode } from '#contract/graph.ts';
import type { FindingView } from '#contract/learning.ts';
import { testOf } from '#core/query/match-query.ts';
import { holdsText } from '#core/query/match-text.ts';
import { parseQuery } from '#core/query/parse-query.ts';
import type { QueryFault, QueryNode, QueryTerm } from '#core/query/query.ts';
import type { QueryEdge, QueryEnd, QueryVerdict } from '#core/query/query-edge.ts';
import type { LiveGraph } from './live-graph.ts';

/** An edge with both of its ends. */
export interface EndedEdge {
  readonly edge: GraphEdge;
  readonly from: GraphNode;
  readonly to: GraphNode;
}

/** What the query bar asks for. While its text is no query it asks for everything, and the fault says why. */
export interface Asked {
  readonly fault: QueryFault | undefined;
  /** True when it asks for anything in particular. */
  readonly isActive: boolean;
  matchesEdge(ended: EndedEdge): boolean;
  /** True when the vertex alone is meant; what only edges have never means a vertex. */
  matchesNode(node: GraphNode): boolean;
  matchesFinding(finding: FindingView, ended: EndedEdge | undefined): boolean;
}

/** The edge of this number with its ends; undefined when it is not in the graph. */
export function endedEdge(graph: LiveGraph, id: number | null): EndedEdge | undefined {
  const edge = id === null ? undefined : graph.edgesById.get(id);
  const from = edge && graph.nodesById.get(edge.from);
  const to = edge && graph.nodesById.get(edge.to);
  return edge && from && to && { edge, from, to };
}

const EVERYTHING: QueryNode = { kind: 'all', of: [] };

const endOf = (node: GraphNode): QueryEnd => ({
  kind: node.kind,
  text: node.namespace === undefined ? node.label : `${node.namespace}/${node.label}`,
  namespace: node.namespace,
  name: node.kind === 'workload' ? node.label : undefined,
  labels: node.labels,
});

function verdictsOf({ conversations, denied, audited }: GraphEdge): readonly QueryVerdict[] {
  const verdicts: QueryVerdict[] = [];
  if (conversations > denied + audited) verdicts.push('allowed');
  if (denied > 0) verdicts.push('denied');
  if (audited > 0) verdicts.push('audited');
  return verdicts;
}

const queryEdge = ({ edge, from, to }: EndedEdge): QueryEdge => ({
  from: endOf(from),
  to: endOf(to),
  protocol: edge.protocol,
  port: edge.port,
  verdicts: verdictsOf(edge),
  policies: edge.policies ?? [],
  names: [],
  addresses: [],
  isNew: edge.state === 'unjudged' ? undefined : edge.state === 'new',
  rate: edge.ratePerMinute,
});

/** Fields that a single vertex has. */
const OF_A_VERTEX: ReadonlySet<QueryTerm['field']> = new Set([
  'text',
  'either',
  'ns',
  'workload',
  'label',
  'fqdn',
]);

function isOfAVertex(node: QueryNode): boolean {
  if (node.kind === 'term') return OF_A_VERTEX.has(node.field);
  return node.kind === 'not' ? isOfAVertex(node.of) : node.of.every(isOfAVertex);
}

/** The vertex as an edge to itself: what holds for either end holds for it. */
const alone = (node: GraphNode): QueryEdge => ({
  from: endOf(node),
  to: endOf(node),
  protocol: '',
  port: 'none',
  verdicts: [],
  policies: [],
  names: [],
  addresses: [],
  isNew: undefined,
  rate: 0,
});

/** True when the words of the query hold for a text; conditions about edges say nothing of it. */
function wordsHold(node: QueryNode, text: string): boolean {
  switch (node.kind) {
    case 'term':
      return node.field === 'text' && node.values.some((word) => holdsText(text, word));
    case 'not':
      return !wordsHold(node.of, text);
    case 'all':
      return node.of.every((part) => wordsHold(part, text));
    default:
      return node.of.some((part) => wordsHold(part, text));
  }
}

/** Reads the query bar. */
export function askedBy(text: string): Asked {
  const parsed = parseQuery(text);
  const node = parsed.ok ? parsed.value : EVERYTHING;
  const test = testOf(node);
  const isActive = parsed.ok && text.trim() !== '';
  const meansVertices = isActive && isOfAVertex(node);
  return {
    fault: parsed.ok ? undefined : parsed.error,
    isActive,
    matchesEdge: (ended) => test(queryEdge(ended)),
    matchesNode: (vertex) => meansVertices && test(alone(vertex)),
    matchesFinding: ({ title, line }, ended) =>
      wordsHold(node, `${title} ${line}`) || (ended !== undefined && test(queryEdge(ended))),
  };
}
