import type { EpochMs } from '#core/flow/time.ts';
import { describeEdge, type Edge } from '#core/graph/edge.ts';
import type { Peer } from '#core/identity/peer.ts';
import { sortedText } from '#core/order.ts';
import { isPolicyProtocol } from '../cell.ts';
import { type MissingRule, missingRule, type RulePeer } from '../explain/missing-rule.ts';
import { type NearMiss, nearestRule } from '../explain/near-miss.ts';
import { withRule } from '../explain/patch.ts';
import { evaluate } from '../literal/evaluate.ts';
import type { PolicyDirection } from '../literal/verdict.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { Endpoint } from '../world.ts';
import type { ReplayCourt } from './replay-court.ts';
import type { EdgeRuling } from './rule-on-edge.ts';

type BlockedRuling = Extract<EdgeRuling, { kind: 'blocked' }>;

/** A rule that was nearly met, with its policy itself. */
export type NearRule = Omit<NearMiss, 'policy'> & { readonly policy: NetworkPolicy };

/** One direction that would have blocked an edge. */
export interface BlockedSide {
  readonly direction: PolicyDirection;
  /** Namespace the rule belongs into: that of the pods it would govern. */
  readonly namespace: string;
  /** Those that isolate the end, and of which no rule lets it through. */
  readonly isolatedBy: readonly NetworkPolicy[];
  readonly nearest: NearRule | undefined;
  /** Checked by the literal evaluator: with it in one of those policies this direction allows what it blocked. */
  readonly missing: MissingRule;
}

/** Conversations that passed, and that the policies would have blocked. */
export interface BlockedEdge {
  readonly edge: Edge;
  /** `shop/cart[Deployment] => shop/db[StatefulSet] : TCP 5432`. */
  readonly line: string;
  readonly conversations: number;
  readonly lastSeenAt: EpochMs;
  /** `some`: other pods or addresses of the edge would have passed, so that the count is the most it can be. */
  readonly extent: 'all' | 'some';
  /** Pods as `namespace/pod`, or addresses, at most three each. */
  readonly fromExamples: readonly string[];
  readonly toExamples: readonly string[];
  readonly sides: readonly BlockedSide[];
}

const MOST_EXAMPLES = 3;

/** Conversations that passed as far as anybody saw: a denied one would be no loss. */
export const passedOf = ({ conversations, outcomes }: Edge): number =>
  Math.max(0, conversations.total - outcomes.denied - outcomes.failed);

function examplesOf(edge: Edge, side: 'from' | 'to', ruling: BlockedRuling): readonly string[] {
  const ends = ruling.pairs.map((pair) => pair.ends[side]);
  const addresses = ends.flatMap((end) => (end.kind === 'pod' ? [] : [end.ip ?? '']));
  const seen = side === 'from' ? edge.fromPods : edge.toPods;
  const pods = ends.flatMap((end) => (end.kind === 'pod' ? [`${end.pod.namespace}/${end.pod.name}`] : []));
  // Those that were judged stand for their like; where all were blocked, any that was seen is an example.
  const blocked = pods.filter((name) => seen.has(name));
  const names = ruling.extent === 'all' && seen.size > 0 ? seen : blocked.length > 0 ? blocked : pods;
  const known = edge[side].kind === 'workload' ? names : addresses.filter((ip) => ip !== '');
  return sortedText(new Set(known)).slice(0, MOST_EXAMPLES);
}

const uniqueEnds = (ends: readonly Endpoint[]): readonly Endpoint[] => [
  ...new Map(ends.map((end) => [JSON.stringify(end), end])).values(),
];

function rulePeer(peer: Peer, ends: readonly Endpoint[], court: ReplayCourt): RulePeer {
  const resident = peer.kind === 'workload' ? court.residentOf(peer.id) : undefined;
  return resident === undefined
    ? { kind: 'outside', endpoints: uniqueEnds(ends) }
    : { kind: 'workload', resident };
}

const NO_SINGLE_PORT: MissingRule = {
  kind: 'none',
  reason: 'no-single-port',
  note: 'It used more ports than are kept apart; which of them a rule should name is not known.',
};

const NOTHING_HELPS: MissingRule = {
  kind: 'none',
  reason: 'no-rule-helps',
  note: 'Policies that are malformed isolate it; a rule in them would not be read.',
};

type Blocked = BlockedRuling['pairs'][number];

/** A rule that is proposed must do what it says, for each pair that was blocked. */
function isRemedy(
  rule: Extract<MissingRule, { kind: 'rule' }>['rule'],
  pairs: readonly Blocked[],
  at: SideAsked,
): boolean {
  const { direction, court, edge } = at;
  const { protocol, port } = edge;
  if (!isPolicyProtocol(protocol) || typeof port !== 'number') return false;
  return pairs.every(({ ends, verdict }) => {
    const { world } = court.benchFor(ends.from, ends.to);
    return verdict[direction].selecting.some((index) => {
      const policy = world.policies[index];
      const patched = policy && withRule(policy, direction, rule);
      if (patched === undefined) return false;
      const policies = world.policies.with(index, patched);
      return evaluate({ ...world, policies }, { ...ends, protocol, port }, court.profile)[direction].allowed;
    });
  });
}

interface SideAsked {
  readonly edge: Edge;
  readonly direction: PolicyDirection;
  readonly court: ReplayCourt;
}

function missingFor(pairs: readonly Blocked[], namespace: string, at: SideAsked): MissingRule {
  const { edge, direction, court } = at;
  const { protocol, port } = edge;
  if (!isPolicyProtocol(protocol) || typeof port !== 'number') return NO_SINGLE_PORT;
  const side = direction === 'egress' ? 'to' : 'from';
  const peer = rulePeer(
    edge[side],
    pairs.map(({ ends }) => ends[side]),
    court,
  );
  const { book, profile } = court;
  const missing = missingRule({ direction, namespace, peer, protocol, port, book, profile });
  if (missing.kind === 'none') return missing;
  return isRemedy(missing.rule, pairs, at) ? missing : NOTHING_HELPS;
}

function nearestFor({ ends, verdict }: Blocked, { edge, direction, court }: SideAsked): NearRule | undefined {
  const { protocol, port } = edge;
  if (!isPolicyProtocol(protocol) || typeof port !== 'number') return undefined;
  const { world } = court.benchFor(ends.from, ends.to);
  const connection = { ...ends, protocol, port };
  const near = nearestRule({
    world,
    connection,
    profile: court.profile,
    family: verdict.family,
    verdict: verdict[direction],
  });
  const policy = near && world.policies[near.policy];
  return policy && { ...near, policy };
}

function sideOf(ruling: BlockedRuling, at: SideAsked): readonly BlockedSide[] {
  const { direction, court } = at;
  const pairs = ruling.pairs.filter(({ directions }) => directions.includes(direction));
  const [first] = pairs;
  if (first === undefined) return [];
  const isolatedBy = new Set(
    pairs.flatMap(({ ends, verdict }) => {
      const { policies } = court.benchFor(ends.from, ends.to).world;
      return verdict[direction].selecting
        .map((index) => policies[index])
        .filter((policy) => policy !== undefined);
    }),
  );
  const subject = direction === 'egress' ? first.ends.from : first.ends.to;
  const namespace = subject.kind === 'pod' ? subject.pod.namespace : '';
  const missing = missingFor(pairs, namespace, at);
  return [{ direction, namespace, isolatedBy: [...isolatedBy], nearest: nearestFor(first, at), missing }];
}

/** Says which conversations an edge would have lost, why, and what is missing. */
export function blockedEdge(edge: Edge, ruling: BlockedRuling, court: ReplayCourt): BlockedEdge {
  const directions: readonly PolicyDirection[] = ['egress', 'ingress'];
  return {
    edge,
    line: describeEdge(edge),
    conversations: passedOf(edge),
    lastSeenAt: edge.lastSeenAt,
    extent: ruling.extent,
    fromExamples: examplesOf(edge, 'from', ruling),
    toExamples: examplesOf(edge, 'to', ruling),
    sides: directions.flatMap((direction) => sideOf(ruling, { edge, direction, court })),
  };
}
