import { canonicalJson, toJson } from '#core/baseline/canonical-json.ts';
import type { Edge } from '#core/graph/edge.ts';
import { describePeer, type Peer } from '#core/identity/peer.ts';
import { sortedBy } from '#core/order.ts';
import type { NetworkPolicyPeer } from '../../network-policy.ts';
import type { Contribution, PortChoice } from '../contribution.ts';

/** One port that a peer is allowed, and the edges that ask for it. */
export interface PortAsk {
  readonly choice: PortChoice;
  readonly edges: readonly Edge[];
}

/** One entry of a rule's list of peers, with every port it is allowed in one direction of one subject. */
export interface PeerRow {
  /** The name whose addresses must share a rule with each other and with nobody else; empty where there is none. */
  readonly group: string;
  readonly peer: NetworkPolicyPeer;
  /** The peer as canonical text: its key and its place in every list. */
  readonly text: string;
  /** Whom it stands for. */
  readonly others: readonly Peer[];
  /** By {@link portText}. */
  readonly asks: ReadonlyMap<string, PortAsk>;
  /** Set when a budget of extras made it wider than what was seen: how a comment says whom it means. */
  readonly widened?: string;
}

/** A peer as canonical text. */
export const peerText = (peer: NetworkPolicyPeer): string => canonicalJson(toJson(peer));

/** A port as text that sorts by protocol and number. */
export const portText = ({ protocol, port }: PortChoice): string =>
  `${protocol} ${String(port).padStart(5, '0')}`;

const byText = (rows: Iterable<PeerRow>): readonly PeerRow[] =>
  sortedBy(rows, ({ group, text }) => `${group}|${text}`);

function withAsks(
  known: ReadonlyMap<string, PortAsk>,
  more: Iterable<readonly [string, PortAsk]>,
): ReadonlyMap<string, PortAsk> {
  const asks = new Map(known);
  for (const [key, { choice, edges }] of more) {
    asks.set(key, { choice, edges: [...(asks.get(key)?.edges ?? []), ...edges] });
  }
  return asks;
}

/** Unites rows into one that has the ports of all. */
export function unitedRow(
  rows: readonly PeerRow[],
  as: Pick<PeerRow, 'group' | 'peer' | 'text' | 'widened'>,
): PeerRow {
  const others = new Map(rows.flatMap((row) => row.others.map((other) => [describePeer(other), other])));
  const asks = rows.reduce((all, row) => withAsks(all, row.asks), new Map() as PeerRow['asks']);
  return { ...as, others: sortedBy(others.values(), describePeer), asks };
}

/** What the edges of one direction ask for, by peer; in an order that depends on nothing else. */
export function peerRowsOf(contributions: readonly Contribution[]): readonly PeerRow[] {
  const rows = new Map<string, PeerRow[]>();
  for (const { other, peers, ports, edge } of contributions) {
    const group = other.kind === 'fqdn' ? other.name : '';
    const asks = new Map(ports.map((choice) => [portText(choice), { choice, edges: [edge] }]));
    // Each address on its own: one name may have others on another port.
    for (const peer of peers) {
      const text = peerText(peer);
      const key = `${group}|${text}`;
      rows.set(key, [...(rows.get(key) ?? []), { group, peer, text, others: [other], asks }]);
    }
  }
  return byText(
    [...rows.values()].flatMap((same) => (same[0] === undefined ? [] : [unitedRow(same, same[0])])),
  );
}

/** The same rows with some of them replaced. */
export const withRow = (
  rows: readonly PeerRow[],
  gone: readonly PeerRow[],
  row: PeerRow,
): readonly PeerRow[] => byText([...rows.filter((each) => !gone.includes(each)), row]);
