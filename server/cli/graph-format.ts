import { asciiJson } from '#core/ascii-json.ts';
import { formatInstant } from '#core/flow/time.ts';
import { describeEdge, type Edge, OUTCOMES } from '#core/graph/edge.ts';
import type { ServiceGraph } from '#core/graph/service-graph.ts';
import { describePeer, type Peer, parseWorkloadId, peerKey } from '#core/identity/peer.ts';
import { compareText, sortedBy } from '#core/order.ts';
import { graphml } from './graph-graphml.ts';
import { jsonText, printable } from './terminal.ts';

export const GRAPH_FORMATS = ['text', 'json', 'ndjson', 'dot', 'graphml', 'csv'] as const;
export type GraphFormat = (typeof GRAPH_FORMATS)[number];

const sortedEdges = (graph: ServiceGraph): Edge[] =>
  [...graph.edges.values()].sort((a, b) => compareText(describeEdge(a), describeEdge(b)));

function notes(edge: Edge): string {
  const { outcomes, conversations } = edge;
  const parts = [
    ...OUTCOMES.filter((outcome) => outcome !== 'forwarded' && outcomes[outcome] > 0).map(
      (outcome) => `${outcomes[outcome]} ${outcome}`,
    ),
    ...(conversations.refused > 0 ? [`${conversations.refused} refused`] : []),
  ];
  return parts.length === 0 ? '' : `, ${parts.join(', ')}`;
}

function text(graph: ServiceGraph): string {
  return sortedEdges(graph)
    .map((edge) => {
      const count = edge.conversations.total;
      return printable(
        `${describeEdge(edge)} (${count} conversation${count === 1 ? '' : 's'}${notes(edge)})`,
      );
    })
    .map((line) => `${line}\n`)
    .join('');
}

function plainPeer(peer: Peer): Record<string, unknown> {
  if (peer.kind !== 'workload') return { ...peer, key: peerKey(peer) };
  const { cluster, namespace, kind, name } = parseWorkloadId(peer.id);
  return { kind: 'workload', key: peerKey(peer), cluster, namespace, workloadKind: kind, name };
}

/** One edge as plain data, times as RFC 3339. */
export const plainEdge = (edge: Edge): Record<string, unknown> => ({
  key: edge.key,
  line: describeEdge(edge),
  from: peerKey(edge.from),
  to: peerKey(edge.to),
  protocol: edge.protocol,
  port: edge.port,
  conversations: edge.conversations,
  outcomes: edge.outcomes,
  proofs: edge.proofs,
  firstSeenAt: formatInstant(edge.firstSeenAt),
  lastSeenAt: formatInstant(edge.lastSeenAt),
  minutes: [...edge.minutes]
    .sort(([a], [b]) => a - b)
    .map(([at, count]) => ({ at: formatInstant(at), ...count })),
  fromPods: [...edge.fromPods].sort(),
  toPods: [...edge.toPods].sort(),
  addresses: sortedBy(edge.addresses.values(), ({ ip }) => ip).map(({ ip }) => ip),
  names: [...edge.names].sort(),
  methods: Object.fromEntries(sortedBy(edge.l7.methods, ([key]) => key)),
  paths: Object.fromEntries(sortedBy(edge.l7.paths, ([key]) => key)),
  dnsNames: Object.fromEntries(sortedBy(edge.l7.dnsNames, ([key]) => key)),
  allowedBy: [...edge.allowedBy.keys()].sort(),
  deniedBy: [...edge.deniedBy.keys()].sort(),
  services: [...edge.services].sort(),
  aggregated: edge.aggregated,
  truncated: [...edge.truncated].sort(),
});

/** Whoever is an end of an edge, in order of keys. */
function peersOf(graph: ServiceGraph): readonly Peer[] {
  const ends = [...graph.edges.values()].flatMap(({ from, to }) => [from, to]);
  return sortedBy(new Map(ends.map((peer) => [peerKey(peer), peer])).values(), peerKey);
}

/** The graph as plain data: vertices and edges in their one order. */
export const plainGraph = (graph: ServiceGraph): Record<string, unknown> => ({
  nodes: peersOf(graph).map(plainPeer),
  edges: sortedEdges(graph).map(plainEdge),
});

/** One edge a line. */
const ndjson = (graph: ServiceGraph): string =>
  sortedEdges(graph)
    .map((edge) => `${asciiJson(JSON.stringify(plainEdge(edge)))}\n`)
    .join('');

/** A DOT string: quotes and backslashes escaped, nothing that could end the line. */
const dotText = (value: string): string =>
  `"${printable(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

function dot(graph: ServiceGraph): string {
  const edges = sortedEdges(graph).map((edge) => {
    const isDenied = edge.outcomes.denied > 0 && edge.outcomes.forwarded + edge.outcomes.redirected === 0;
    const style = isDenied ? ', color="#d55e00", style=dashed' : '';
    const label = `${edge.protocol} ${edge.port}`;
    return `  ${dotText(describePeer(edge.from))} -> ${dotText(describePeer(edge.to))} [label=${dotText(label)}${style}];\n`;
  });
  return `digraph bulkhead {\n  rankdir=LR;\n  node [shape=box, fontname="sans-serif"];\n${edges.join('')}}\n`;
}

const FORMULA_START = /^[=+\-@\t\r\n＝＋－＠]/;

/** A CSV cell that no spreadsheet takes for a formula: always quoted, dangerous beginnings behind an apostrophe. */
function csvCell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const safe = FORMULA_START.test(value) ? `'${value}` : value;
  return `"${printable(safe).replaceAll('"', '""')}"`;
}

const CSV_HEAD = ['from', 'to', 'protocol', 'port', 'conversations', 'answered', 'refused', ...OUTCOMES];

function csv(graph: ServiceGraph): string {
  const rows = sortedEdges(graph).map((edge) => [
    describePeer(edge.from),
    describePeer(edge.to),
    edge.protocol,
    edge.port,
    edge.conversations.total,
    edge.conversations.answered,
    edge.conversations.refused,
    ...OUTCOMES.map((outcome) => edge.outcomes[outcome]),
    formatInstant(edge.firstSeenAt),
    formatInstant(edge.lastSeenAt),
  ]);
  const lines = [[...CSV_HEAD, 'first_seen', 'last_seen'], ...rows];
  return lines.map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}

const RENDERERS: Readonly<Record<GraphFormat, (graph: ServiceGraph) => string>> = {
  text,
  json: (graph) => jsonText(plainGraph(graph)),
  ndjson,
  dot,
  graphml: (graph) => graphml(peersOf(graph), sortedEdges(graph)),
  csv,
};

/** Renders a graph; equal graphs give equal bytes. */
export const formatGraph = (graph: ServiceGraph, format: GraphFormat): string => RENDERERS[format](graph);
