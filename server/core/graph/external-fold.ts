import { type Peer, peerKey } from '#core/identity/peer.ts';
import { hostPrefix, parseIp, prefixOf } from '#core/net/ip.ts';
import type { EdgeEnds } from './edge.ts';

/** How coarsely a group of external peers is named: each address and name, prefixes and names, or all as one. */
export type FoldLevel = 'address' | 'prefix' | 'all';

const RANK: Readonly<Record<FoldLevel, number>> = { address: 0, prefix: 1, all: 2 };

/** The next coarser level; `all` is the last. */
export const coarser = (level: FoldLevel): FoldLevel => (level === 'address' ? 'prefix' : 'all');

export const isCoarser = (level: FoldLevel, than: FoldLevel): boolean => RANK[level] > RANK[than];

const isExternal = ({ kind }: Peer): boolean =>
  kind === 'cidr' || kind === 'fqdn' || kind === 'other-external';

/**
 * The external peer as a group at this level names it: itself, its /24 or /64, or everything outside. A name has no
 * prefix, and no parent domain that a rule could safely stand for: it stays itself for as long as prefixes are enough.
 */
export function foldedPeer(peer: Peer, level: FoldLevel): Peer {
  if (!isExternal(peer) || level === 'address') return peer;
  if (level === 'all') return { kind: 'other-external' };
  const ip = peer.kind === 'cidr' ? parseIp(peer.cidr.split('/')[0] ?? '') : undefined;
  if (peer.kind !== 'cidr' || ip === undefined) return peer;
  const isHost = peer.cidr === hostPrefix(ip);
  return isHost ? { kind: 'cidr', cidr: prefixOf(ip, ip.family === 4 ? 24 : 64) } : peer;
}

/** The level at which a peer shows itself to be folded already, e.g. on an edge that was moved here from elsewhere. */
function levelOf(peer: Peer): FoldLevel {
  if (peer.kind === 'other-external') return 'all';
  if (peer.kind !== 'cidr') return 'address';
  return peer.cidr.endsWith('/32') || peer.cidr.endsWith('/128') ? 'address' : 'prefix';
}

/** What an edge with the outside counts towards. */
export interface OutsideEdge {
  /** All traffic of one inside peer with the outside in one direction over one protocol. */
  readonly traffic: string;
  /** The part of it on one port. */
  readonly group: string;
  readonly level: FoldLevel;
}

/** Undefined for an edge both of whose ends are inside. */
export function outsideEdge(ends: EdgeEnds): OutsideEdge | undefined {
  const side = isExternal(ends.to) ? 'to' : 'from';
  if (!isExternal(ends[side])) return undefined;
  const traffic = `${peerKey(side === 'to' ? ends.from : ends.to)} ${side} ${ends.protocol}`;
  return { traffic, group: `${traffic} ${ends.port}`, level: levelOf(ends[side]) };
}
