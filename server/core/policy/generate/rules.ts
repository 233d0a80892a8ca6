import type { Edge, EdgeKey } from '#core/graph/edge.ts';
import { describePeer } from '#core/identity/peer.ts';
import { compareText, sortedBy, sortedText } from '#core/order.ts';
import type { NetworkPolicyPeer, NetworkPolicyPort } from '../network-policy.ts';
import { printable } from '../printable.ts';
import type { RuleReason } from '../proposal.ts';
import { withNamespaceLists } from './compress/namespace-lists.ts';
import { type PeerRow, peerText, portText } from './compress/peer-row.ts';
import { portNumbers, rangedPorts } from './compress/port-ranges.ts';
import { type Rectangle, rectanglesByEqualRows, rectanglesOf } from './compress/rectangles.ts';
import { confidenceOf } from './confidence.ts';
import type { PortChoice } from './contribution.ts';

/** Rules of one direction, in canonical order, and why each exists. */
export interface DirectionRules {
  readonly rules: readonly {
    readonly peers: readonly NetworkPolicyPeer[];
    readonly ports: readonly NetworkPolicyPort[];
  }[];
  readonly reasons: readonly RuleReason[];
}

/** How rules are written: `grouped` only shares a rule among peers with equal ports, `compressed` does all it can. */
export interface RuleStyle {
  readonly form: 'grouped' | 'compressed';
  /** The network reads `endPort`. */
  readonly hasRanges: boolean;
}

/** One rule before it is written. */
interface RuleDraft {
  readonly rows: readonly PeerRow[];
  readonly peers: readonly NetworkPolicyPeer[];
  readonly ports: readonly NetworkPolicyPort[];
  readonly edges: readonly Edge[];
  readonly order: string;
}

/** Named peers shown in a comment; the rule itself lists all. */
const PEERS_IN_COMMENT = 4;

function portsPhrase(ports: readonly NetworkPolicyPort[]): string {
  const protocols = sortedText(new Set(ports.map(({ protocol }) => protocol ?? 'TCP')));
  const of = (protocol: string): string =>
    portNumbers(ports.filter((each) => (each.protocol ?? 'TCP') === protocol));
  return protocols.map((protocol) => `${protocol} ${of(protocol)}`).join(' and ');
}

function namesOf(rows: readonly PeerRow[]): readonly string[] {
  const others = rows.filter(({ widened }) => widened === undefined).flatMap((row) => row.others);
  const widened = rows.flatMap((row) => (row.widened === undefined ? [] : [row.widened]));
  return [...sortedText(new Set(widened)), ...sortedText(new Set(others.map(describePeer)))];
}

function commentOf({ rows, ports }: RuleDraft, direction: 'ingress' | 'egress'): string {
  const names = namesOf(rows);
  const shown = names.slice(0, PEERS_IN_COMMENT).join(', ');
  const more = names.length > PEERS_IN_COMMENT ? ` and ${names.length - PEERS_IN_COMMENT} more` : '';
  return printable(`${direction === 'egress' ? 'to' : 'from'} ${shown}${more} on ${portsPhrase(ports)}`);
}

function draftOf(rows: readonly PeerRow[], columns: readonly string[], style: RuleStyle): RuleDraft {
  const asks = rows.flatMap(({ asks }) => columns.flatMap((column) => asks.get(column) ?? []));
  const choices = new Map(asks.map(({ choice }): [string, PortChoice] => [portText(choice), choice]));
  const edges = new Map(asks.flatMap((ask) => ask.edges.map((edge): [EdgeKey, Edge] => [edge.key, edge])));
  const ports = sortedBy(choices.values(), portText).map(({ protocol, port }) => ({ protocol, port }));
  const peers = sortedBy(new Map(rows.map((row) => [row.text, row.peer])).values(), peerText);
  const isCompressed = style.form === 'compressed';
  return {
    rows,
    peers: isCompressed ? withNamespaceLists(peers) : peers,
    ports: isCompressed && style.hasRanges ? rangedPorts(ports) : ports,
    edges: sortedBy(edges.values(), ({ key }) => key),
    order: `${peers.map(peerText).join(',')}|${columns.join(',')}`,
  };
}

const portsOfRow = ({ asks }: PeerRow): ReadonlySet<string> => new Set(asks.keys());

/** The rules of one group; the addresses of a name share a rule only where they share all of their ports. */
function draftsOf(rows: readonly PeerRow[], style: RuleStyle): readonly RuleDraft[] {
  const isName = rows.some(({ group }) => group !== '');
  const cover = style.form === 'compressed' && !isName ? rectanglesOf : rectanglesByEqualRows;
  return cover(rows.map(portsOfRow)).map(({ rows: indexes, columns }: Rectangle) => {
    const own = indexes.map((index) => rows[index]).filter((row) => row !== undefined);
    return draftOf(own, columns, style);
  });
}

function groupsOf(rows: readonly PeerRow[]): readonly (readonly PeerRow[])[] {
  const groups = new Map<string, PeerRow[]>();
  for (const row of rows) {
    const known = groups.get(row.group);
    if (known === undefined) groups.set(row.group, [row]);
    else known.push(row);
  }
  return [...groups.values()];
}

/** Peers that are listed, and rules that list them: what a reader has to go through. */
export function clausesOf(rows: readonly PeerRow[]): { readonly rules: number; readonly peers: number } {
  const rectangles = groupsOf(rows).flatMap((group) => rectanglesOf(group.map(portsOfRow)));
  return {
    rules: rectangles.length,
    peers: rectangles.reduce((sum, rectangle) => sum + rectangle.rows.length, 0),
  };
}

/** Writes the rules for what peers are allowed, admitting nothing more, in an order that only depends on it. */
export function rulesOf(
  rows: readonly PeerRow[],
  direction: 'ingress' | 'egress',
  style: RuleStyle,
): DirectionRules {
  const drafts = groupsOf(rows)
    .flatMap((group) => draftsOf(group, style))
    .sort((a, b) => compareText(a.order, b.order));
  return {
    rules: drafts.map(({ peers, ports }) => ({ peers, ports })),
    reasons: drafts.map((draft, index) => ({
      direction,
      index,
      edges: draft.edges.map(({ key }): EdgeKey => key),
      comment: commentOf(draft, direction),
      confidence: confidenceOf(draft.edges),
    })),
  };
}
