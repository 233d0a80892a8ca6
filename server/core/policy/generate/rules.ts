import { canonicalJson, toJson } from '#core/baseline/canonical-json.ts';
import type { Edge, EdgeKey } from '#core/graph/edge.ts';
import { describePeer, type Peer } from '#core/identity/peer.ts';
import { compareText, sortedBy, sortedText } from '#core/order.ts';
import type { NetworkPolicyPeer, NetworkPolicyPort } from '../network-policy.ts';
import { printable } from '../printable.ts';
import type { RuleReason } from '../proposal.ts';
import { confidenceOf } from './confidence.ts';
import type { Contribution, PortChoice } from './contribution.ts';

/** Rules of one direction, in canonical order, and why each exists. */
export interface DirectionRules {
  readonly rules: readonly {
    readonly peers: readonly NetworkPolicyPeer[];
    readonly ports: readonly NetworkPolicyPort[];
  }[];
  readonly reasons: readonly RuleReason[];
}

/** Everything one peer is asked for, or everybody who is asked for the same. */
interface Bundle {
  readonly others: readonly Peer[];
  readonly peers: readonly NetworkPolicyPeer[];
  readonly ports: readonly PortChoice[];
  readonly edges: readonly Edge[];
}

/** Named peers shown in a comment; the rule itself lists all. */
const PEERS_IN_COMMENT = 4;

const textOf = (peer: NetworkPolicyPeer): string => canonicalJson(toJson(peer));

const uniqueBy = <T>(items: readonly T[], key: (item: T) => string): readonly T[] =>
  sortedBy(new Map(items.map((item) => [key(item), item])).values(), key);

const portText = ({ protocol, port }: PortChoice): string => `${protocol} ${String(port).padStart(5, '0')}`;

function bundled(bundles: readonly Bundle[]): Bundle {
  return {
    others: uniqueBy(
      bundles.flatMap(({ others }) => others),
      describePeer,
    ),
    peers: uniqueBy(
      bundles.flatMap(({ peers }) => peers),
      textOf,
    ),
    ports: uniqueBy(
      bundles.flatMap(({ ports }) => ports),
      portText,
    ),
    edges: uniqueBy(
      bundles.flatMap(({ edges }) => edges),
      ({ key }) => key,
    ),
  };
}

function groupBundles<T>(
  items: readonly T[],
  key: (item: T) => string,
  bundle: (item: T) => Bundle,
): Bundle[] {
  const groups = new Map<string, Bundle[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), bundle(item)]);
  return [...groups.values()].map(bundled);
}

/** Peers that are allowed the same ports share a rule; a name keeps its own, so that its addresses stay together. */
function sharedKey({ ports, others }: Bundle): string {
  const [only] = others;
  const name = only?.kind === 'fqdn' ? only.name : '';
  return `${ports.map(portText).join(',')}|${name}`;
}

function portsPhrase(ports: readonly PortChoice[]): string {
  const protocols = sortedText(new Set(ports.map(({ protocol }) => protocol)));
  const of = (protocol: string): string =>
    ports
      .filter((each) => each.protocol === protocol)
      .map(({ port }) => port)
      .join(', ');
  return protocols.map((protocol) => `${protocol} ${of(protocol)}`).join(' and ');
}

function commentOf({ others, ports }: Bundle, direction: 'ingress' | 'egress'): string {
  const names = others.map(describePeer);
  const shown = names.slice(0, PEERS_IN_COMMENT).join(', ');
  const more = names.length > PEERS_IN_COMMENT ? ` and ${names.length - PEERS_IN_COMMENT} more` : '';
  return printable(`${direction === 'egress' ? 'to' : 'from'} ${shown}${more} on ${portsPhrase(ports)}`);
}

const orderOf = ({ peers, ports }: Bundle): string =>
  `${peers.map(textOf).join(',')}|${ports.map(portText).join(',')}`;

/** Merges what edges ask for without admitting anything more, and puts it in an order that only depends on it. */
export function rulesOf(
  contributions: readonly Contribution[],
  direction: 'ingress' | 'egress',
): DirectionRules {
  const wanted = contributions
    .filter((each) => each.direction === direction)
    .flatMap(({ other, otherKey, peers, ports, edge }) =>
      // Each address on its own: one name may have others on another port.
      peers.map((peer) => ({
        key: `${otherKey}|${textOf(peer)}`,
        bundle: { others: [other], peers: [peer], ports, edges: [edge] },
      })),
    );
  const byPeer = groupBundles(
    wanted,
    ({ key }) => key,
    ({ bundle }) => bundle,
  );
  const shared = groupBundles(byPeer, sharedKey, (bundle) => bundle).sort((a, b) =>
    compareText(orderOf(a), orderOf(b)),
  );
  return {
    rules: shared.map(({ peers, ports }) => ({
      peers,
      ports: ports.map(({ protocol, port }) => ({ protocol, port })),
    })),
    reasons: shared.map((bundle, index) => ({
      direction,
      index,
      edges: bundle.edges.map(({ key }): EdgeKey => key),
      comment: commentOf(bundle, direction),
      confidence: confidenceOf(bundle.edges),
    })),
  };
}
