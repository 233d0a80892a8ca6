import { formatInstant } from '#core/flow/time.ts';
import type { Edge } from '#core/graph/edge.ts';
import { describePeer, type Peer, parseWorkloadId, peerKey } from '#core/identity/peer.ts';
import { printable } from './terminal.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text for XML 1.0, which has no place for most control characters even when they are escaped. */
const xmlText = (text: string): string =>
  printable(text)
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);

type Value = string | number;

/** What is written of each edge, in the order of the keys. */
const EDGE_DATA: readonly (readonly [name: string, type: 'string' | 'int', of: (edge: Edge) => Value])[] = [
  ['protocol', 'string', ({ protocol }) => protocol],
  ['port', 'string', ({ port }) => String(port)],
  ['conversations', 'int', ({ conversations }) => conversations.total],
  ['denied', 'int', ({ outcomes }) => outcomes.denied],
  ['audited', 'int', ({ outcomes }) => outcomes.audited],
  ['refused', 'int', ({ conversations }) => conversations.refused],
  ['firstSeen', 'string', ({ firstSeenAt }) => formatInstant(firstSeenAt)],
  ['lastSeen', 'string', ({ lastSeenAt }) => formatInstant(lastSeenAt)],
];

const NODE_DATA: readonly (readonly [name: string, of: (peer: Peer) => string | undefined])[] = [
  ['label', describePeer],
  ['kind', ({ kind }) => kind],
  ['namespace', (peer) => (peer.kind === 'workload' ? parseWorkloadId(peer.id).namespace : undefined)],
];

const data = (key: string, value: Value): string =>
  `      <data key="${key}">${typeof value === 'number' ? value : xmlText(value)}</data>\n`;

function node(peer: Peer): string {
  const rows = NODE_DATA.flatMap(([name, of]) => {
    const value = of(peer);
    return value === undefined ? [] : [data(`node-${name}`, value)];
  });
  return `    <node id="${xmlText(peerKey(peer))}">\n${rows.join('')}    </node>\n`;
}

function link(edge: Edge): string {
  const ends = `source="${xmlText(peerKey(edge.from))}" target="${xmlText(peerKey(edge.to))}"`;
  const rows = EDGE_DATA.map(([name, , of]) => data(`edge-${name}`, of(edge)));
  return `    <edge ${ends}>\n${rows.join('')}    </edge>\n`;
}

const keyLine = (of: 'node' | 'edge', name: string, type: string): string =>
  `  <key id="${of}-${name}" for="${of}" attr.name="${name}" attr.type="${type}"/>\n`;

/**
 * The graph as GraphML (http://graphml.graphdrawing.org/specification.html), which Gephi, yEd and Cytoscape read.
 * Peers and edges are written in the order they come in.
 */
export function graphml(peers: readonly Peer[], edges: readonly Edge[]): string {
  const keys = [
    ...NODE_DATA.map(([name]) => keyLine('node', name, 'string')),
    ...EDGE_DATA.map(([name, type]) => keyLine('edge', name, type)),
  ];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n',
    ...keys,
    '  <graph id="bulkhead" edgedefault="directed">\n',
    ...peers.map(node),
    ...edges.map(link),
    '  </graph>\n',
    '</graphml>\n',
  ].join('');
}
