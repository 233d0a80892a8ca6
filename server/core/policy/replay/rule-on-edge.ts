import type { Edge } from '#core/graph/edge.ts';
import type { Peer } from '#core/identity/peer.ts';
import { hostPrefix, parseIp } from '#core/net/ip.ts';
import { isPolicyProtocol } from '../cell.ts';
import { portCuts } from '../certify/policy-facts.ts';
import { intervalsOf } from '../certify/port-intervals.ts';
import { type ConnectionEnds, pairsBetween } from '../edge-endpoints.ts';
import type { PolicyProtocol } from '../world.ts';
import type { ReplayCourt } from './replay-court.ts';
import { type Ruling, ruleOnPair, type UnjudgedReason } from './rule-on-pair.ts';

type Blocked = Extract<Ruling, { kind: 'blocked' }>;

/** What the policies say of an edge, over all pods and addresses that carried it. */
export type EdgeRuling =
  | { readonly kind: 'admitted'; readonly open: boolean }
  /** `extent` is `some` when other pods or addresses of the edge pass. */
  | { readonly kind: 'blocked'; readonly extent: 'all' | 'some'; readonly pairs: readonly Blocked[] }
  | { readonly kind: 'unjudged'; readonly reason: UnjudgedReason }
  /** No end is a pod of the cluster: nothing governs it. */
  | { readonly kind: 'ungoverned' };

const unjudged = (reason: UnjudgedReason): EdgeRuling => ({ kind: 'unjudged', reason });

/** A prefix or "everything else" that stands for more addresses than are kept. */
function isFolded(peer: Peer): boolean {
  if (peer.kind === 'other-external') return true;
  if (peer.kind !== 'cidr') return false;
  const ip = parseIp(peer.cidr.replace(/\/\d+$/, ''));
  return ip === undefined || peer.cidr !== hostPrefix(ip);
}

const hasUnknownAddresses = (edge: Edge): boolean =>
  (isFolded(edge.from) || isFolded(edge.to)) &&
  (edge.addresses.size === 0 || edge.truncated.has('addresses'));

/** The pods that were seen to carry an edge, unless there were too many to keep: every two that may have met. */
export function pairsOf(edge: Edge, court: ReplayCourt): readonly ConnectionEnds[] {
  const isCut = edge.truncated.has('pods');
  const nobody = new Set<string>();
  const pairs = pairsBetween(
    { from: edge.from, to: edge.to, addresses: [...edge.addresses.keys()] },
    (id) => {
      const isClient = edge.from.kind === 'workload' && edge.from.id === id;
      const isServer = edge.to.kind === 'workload' && edge.to.id === id;
      const names = [...(isClient ? edge.fromPods : []), ...(isServer ? edge.toPods : [])];
      return court.podsOf(id, isCut ? nobody : new Set(names));
    },
  );
  return pairs;
}

function summedUp(rulings: readonly Ruling[]): EdgeRuling {
  const pairs = rulings.filter((each) => each.kind === 'blocked');
  if (pairs.length > 0) {
    return { kind: 'blocked', extent: pairs.length === rulings.length ? 'all' : 'some', pairs };
  }
  const unsure = rulings.find((each) => each.kind === 'unsure');
  if (unsure !== undefined) return unjudged(unsure.reason);
  return { kind: 'admitted', open: rulings.every((each) => each.kind === 'admitted' && each.open) };
}

const isGoverned = (peer: Peer, court: ReplayCourt): boolean =>
  peer.kind === 'workload' && !court.isForeign(peer.id);

const isPeerForeign = (peer: Peer, court: ReplayCourt): boolean =>
  peer.kind === 'workload' && court.isForeign(peer.id);

interface Asked {
  readonly edge: Edge;
  readonly pairs: readonly ConnectionEnds[];
  readonly court: ReplayCourt;
}

function rulingOnPort({ edge, pairs, court }: Asked, protocol: PolicyProtocol, port: number): EdgeRuling {
  const foreign = { from: isPeerForeign(edge.from, court), to: isPeerForeign(edge.to, court) };
  return summedUp(pairs.map((ends) => ruleOnPair({ ends, protocol, port, foreign }, court)));
}

/** Which of many ports were used is not known: the answer counts only where it is the same for every port. */
function rulingOnManyPorts(asked: Asked, protocol: PolicyProtocol): EdgeRuling {
  const policies = asked.pairs.flatMap(({ from, to }) => asked.court.benchFor(from, to).world.policies);
  const cuts = [...new Set(policies)].flatMap((policy) => [
    ...portCuts(policy, 'egress', protocol),
    ...portCuts(policy, 'ingress', protocol),
  ]);
  const rulings = intervalsOf(protocol, cuts).map(({ from }) => rulingOnPort(asked, protocol, from));
  const [first] = rulings;
  const isSame = rulings.every((each) => each.kind === first?.kind);
  return isSame && first !== undefined && first.kind !== 'unjudged' ? first : unjudged('folded');
}

/** Where no policy isolates either end, whatever protocol it is passes. */
function rulingOnOtherProtocol(asked: Asked): EdgeRuling {
  const ruling = rulingOnPort(asked, 'TCP', 1);
  return ruling.kind === 'admitted' && ruling.open ? ruling : unjudged('protocol-not-expressible');
}

/** Judges an edge by everybody who was seen to carry it. */
export function ruleOnEdge(edge: Edge, court: ReplayCourt): EdgeRuling {
  if (!isGoverned(edge.from, court) && !isGoverned(edge.to, court)) return { kind: 'ungoverned' };
  const asked = { edge, pairs: pairsOf(edge, court), court };
  if (asked.pairs.length === 0) return unjudged(hasUnknownAddresses(edge) ? 'folded' : 'peer-unknown');
  const { protocol, port } = edge;
  if (!isPolicyProtocol(protocol) || port === 'none') return rulingOnOtherProtocol(asked);
  const ruling = port === 'many' ? rulingOnManyPorts(asked, protocol) : rulingOnPort(asked, protocol, port);
  const isPartial = ruling.kind === 'admitted' && !ruling.open && hasUnknownAddresses(edge);
  return isPartial ? unjudged('folded') : ruling;
}
