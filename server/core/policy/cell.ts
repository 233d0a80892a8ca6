import type { Edge, EdgePort } from '#core/graph/edge.ts';
import { type Peer, type PeerKey, peerKey } from '#core/identity/peer.ts';
import { hostPrefix, parseIp } from '#core/net/ip.ts';
import { sortedText } from '#core/order.ts';
import type { PolicyProtocol } from './world.ts';

/** What certificate and proposal need of an edge's ends. */
export interface CellEdge {
  readonly from: Peer;
  readonly to: Peer;
  readonly protocol: string;
  readonly port: EdgePort;
  /** Addresses of an end outside the cluster, canonical and sorted. */
  readonly addresses: readonly string[];
}

/** One from–to–protocol–port. An end outside the cluster is one address: a cell has no names. */
export interface Cell {
  readonly from: PeerKey;
  readonly to: PeerKey;
  readonly protocol: PolicyProtocol;
  readonly port: number;
}

/** A cell that is admitted on purpose although nobody was seen in it. */
export interface DeclaredCell extends Cell {
  /** One sentence. */
  readonly why: string;
}

/** A port-less pair of ends, as a text key. */
export const pairKey = (from: PeerKey, to: PeerKey): string => `${from}>${to}`;

/** The key of a cell. */
export const cellKey = ({ from, to, protocol, port }: Cell): string =>
  `${pairKey(from, to)}|${protocol}|${port}`;

/** The key of one address outside the cluster; undefined for a text that is none. */
export function addressKey(ip: string): PeerKey | undefined {
  const parsed = parseIp(ip);
  return parsed === undefined ? undefined : peerKey({ kind: 'cidr', cidr: hostPrefix(parsed) });
}

/** The places a peer stands for: a workload or an entity itself, anything outside each of its addresses. */
export function placesOf(peer: Peer, addresses: readonly string[]): readonly PeerKey[] {
  if (peer.kind === 'workload') return [peerKey(peer)];
  const places = addresses.map(addressKey).filter((key) => key !== undefined);
  return peer.kind === 'entity' || places.length === 0 ? [peerKey(peer), ...places] : places;
}

/** True for the protocols that a NetworkPolicy knows. */
export const isPolicyProtocol = (protocol: string): protocol is PolicyProtocol =>
  protocol === 'TCP' || protocol === 'UDP' || protocol === 'SCTP';

/** Every cell of an edge; none when it has no single port or a protocol that policies do not know. */
export function cellsOf(edge: CellEdge): readonly Cell[] {
  const { protocol, port } = edge;
  if (!isPolicyProtocol(protocol) || typeof port !== 'number') return [];
  const targets = placesOf(edge.to, edge.addresses);
  return placesOf(edge.from, edge.addresses).flatMap((from) =>
    targets.map((to) => ({ from, to, protocol, port })),
  );
}

/** The ends of an edge with its addresses in canonical form; what is no address is left out. */
export function cellEdgeOf(edge: Edge): CellEdge {
  const { from, to, protocol, port } = edge;
  const canonical = [...edge.addresses.keys()].map(canonicalIp).filter((ip) => ip !== undefined);
  return { from, to, protocol, port, addresses: sortedText(new Set(canonical)) };
}

function canonicalIp(ip: string): string | undefined {
  const parsed = parseIp(ip);
  return parsed === undefined ? undefined : hostPrefix(parsed).replace(/\/\d+$/, '');
}
