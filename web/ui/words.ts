import type { GraphEdge, GraphNode } from '#contract/graph.ts';
import { ago, counted, cutMiddle, portName, rate, shortCount } from '../model/format.ts';
import type { Group } from '../model/groups.ts';
import type { Membership } from '../model/membership.ts';
import type { DrawnLine, DrawnVertex } from '../model/picture.ts';
import { strings } from './strings.ts';

/** `shop/cart`, `world`, `api.example.com`. */
export const nodeName = (node: GraphNode): string =>
  node.namespace === undefined ? node.label : `${node.namespace}/${node.label}`;

/** Name of a vertex that may have left the graph. */
export const nameById = (nodes: ReadonlyMap<string, GraphNode>, id: string): string => {
  const node = nodes.get(id);
  return node === undefined ? cutMiddle(id, 48) : nodeName(node);
};

/** A namespace's own name, or the page's words for the places outside. */
export const groupName = (group: Group): string =>
  group.kind === 'namespace' ? (group.namespace ?? '') : strings.map.groups[group.kind];

/** Name of whatever a line ends at. */
export function endName(id: string, membership: Membership, nodes: ReadonlyMap<string, GraphNode>): string {
  const group = membership.groups.get(id);
  if (group !== undefined) return groupName(group);
  const rest = id.startsWith('rest:') ? membership.groups.get(id.slice(5)) : undefined;
  return rest === undefined
    ? nameById(nodes, id)
    : `${groupName(rest)} (${strings.map.rest(0).replace('0 ', '')})`;
}

/** Label of a vertex on the map: its name alone, the box says the rest. */
export const vertexName = (vertex: DrawnVertex): string =>
  vertex.node === undefined ? strings.map.rest(vertex.stands) : vertex.node.label;

/** `8080/TCP`, or `3 ports`. */
export function linePorts(line: DrawnLine): string {
  const [first] = line.edges;
  const ports = new Set(line.edges.map(portName));
  return ports.size === 1 && first !== undefined ? portName(first) : counted(ports.size, 'port');
}

/** `12/min`, with `4 denied` if there are any. */
export function trafficWords(sums: {
  readonly conversations: number;
  readonly denied: number;
  readonly ratePerMinute: number;
}): string {
  const denied = sums.denied > 0 ? `, ${shortCount(sums.denied)} denied` : '';
  return `${counted(sums.conversations, 'conversation')}${denied} · ${rate(sums.ratePerMinute)}/min`;
}

/** One sentence that says what happened on an edge, and when. */
export function edgeSentence(edge: GraphEdge, now: number): string {
  const outcome = outcomeWords(edge);
  if (edge.conversations === 1) return `Seen once, ${ago(edge.firstSeenAt, now)}: ${outcome}.`;
  const times = counted(edge.conversations, 'conversation');
  return `${times}: ${outcome}. First ${ago(edge.firstSeenAt, now)}, last ${ago(edge.lastSeenAt, now)}.`;
}

function outcomeWords({ conversations, denied, refused }: GraphEdge): string {
  const some = conversations === 1 ? '' : 'all ';
  if (denied >= conversations && denied > 0) return `${some}denied by policy`;
  if (denied > 0) return `${shortCount(denied)} denied by policy, the others let through`;
  if (refused > 0) return `${some}let through, ${shortCount(refused)} refused by the server`;
  return `${some}let through`;
}
