import type { ConnectionEnds } from '../edge-endpoints.ts';
import { entriesOf, rulesOf, type WrittenRule } from '../explain/describe-rule.ts';
import { type Miss, ruleMisses } from '../explain/misses.ts';
import { evaluate } from '../literal/evaluate.ts';
import type { DirectionVerdict, PolicyDirection, Verdict } from '../literal/verdict.ts';
import type { NetworkPolicy, NetworkPolicyPort } from '../network-policy.ts';
import type { Connection, Endpoint, NamedPort, PolicyProtocol } from '../world.ts';
import type { ReplayCourt } from './replay-court.ts';

/** Why the recording does not say whether a conversation would have passed. */
export const UNJUDGED_REASONS = [
  /** ICMP and other protocols that NetworkPolicy does not know. */
  'protocol-not-expressible',
  /** More ports or addresses than the budget: the edge names no single one. */
  'folded',
  /** Neither pods nor addresses of an end are known. */
  'peer-unknown',
  /** An end's address decides, and is not in the recording. */
  'address-unknown',
  /** A pod's labels decide, and are not in the recording. */
  'labels-unknown',
  /** A namespace's labels decide, and are not in the recording. */
  'namespace-labels-unknown',
  /** A rule names its port; what the name stands for is not in the recording. */
  'named-port',
] as const;
export type UnjudgedReason = (typeof UNJUDGED_REASONS)[number];

/** What the policies say of one pair of ends. */
export type Ruling =
  /** `open`: no policy isolates either end, or none can forbid it. */
  | { readonly kind: 'admitted'; readonly open: boolean }
  | {
      readonly kind: 'blocked';
      readonly directions: readonly PolicyDirection[];
      readonly ends: ConnectionEnds;
      readonly verdict: Verdict;
    }
  | { readonly kind: 'unsure'; readonly reason: UnjudgedReason };

/** One pair of ends on one port. */
export interface PairQuestion {
  readonly ends: ConnectionEnds;
  readonly protocol: PolicyProtocol;
  readonly port: number;
  /** Ends of another cluster, where the policies are not applied. */
  readonly foreign: { readonly from: boolean; readonly to: boolean };
}

const hasNoLabels = (end: Endpoint): boolean => end.kind === 'pod' && end.pod.labels.length === 0;

/** Names that the rules of a policy give to ports. */
const portNames = (policy: NetworkPolicy, direction: PolicyDirection): readonly string[] =>
  rulesOf(policy, direction).flatMap(({ ports }) =>
    entriesOf<NetworkPolicyPort>(ports).flatMap((entry) =>
      typeof entry?.port === 'string' ? [entry.port] : [],
    ),
  );

/** The connection as if each name of a port stood for the one that was used. */
function withEveryName(
  connection: Connection,
  policies: readonly NetworkPolicy[],
  direction: PolicyDirection,
): Connection {
  const { to, protocol, port } = connection;
  if (to.kind !== 'pod') return connection;
  const names = new Set(policies.flatMap((policy) => portNames(policy, direction)));
  const namedPorts = [...names].map((name): NamedPort => ({ name, protocol, port }));
  return { ...connection, to: { kind: 'pod', pod: { ...to.pod, namedPorts } } };
}

/** A miss that might be none, if the recording said more. */
function excuseFor({ what, key }: Miss, other: Endpoint, court: ReplayCourt): UnjudgedReason | undefined {
  if (
    what === 'namespace' &&
    other.kind === 'pod' &&
    key !== undefined &&
    key !== 'kubernetes.io/metadata.name'
  ) {
    return court.isUnlabelled(other.pod.namespace) ? 'namespace-labels-unknown' : undefined;
  }
  if (what !== 'address' || other.kind !== 'entity' || other.ip !== undefined) return undefined;
  const { ipBlockMatchesNodes, ipBlockMatchesReserved } = court.profile;
  const isHeldAgainst = other.entity === 'world' || ipBlockMatchesNodes || ipBlockMatchesReserved;
  return isHeldAgainst ? 'address-unknown' : undefined;
}

/** One rule of a policy, asked about a connection that it did not let through. */
export interface RuleAsked {
  readonly policy: NetworkPolicy;
  readonly direction: PolicyDirection;
  readonly rule: WrittenRule;
  readonly connection: Connection;
}

/** Why a rule that does not match might, if the recording said more; undefined when it never does. */
export function doubtOfRule(asked: RuleAsked, court: ReplayCourt): UnjudgedReason | undefined {
  const { policy, direction, rule } = asked;
  const { world } = court.benchFor(asked.connection.from, asked.connection.to);
  const connection = withEveryName(asked.connection, [policy], direction);
  const other = direction === 'egress' ? connection.to : connection.from;
  const policyNamespace = policy.metadata?.namespace ?? 'default';
  const peer = { world, profile: court.profile, policyNamespace, other, direction, family: undefined };
  const parts = ruleMisses(rule, { connection, direction, peer });
  const misses = [...parts.peer, ...parts.port];
  if (misses.length === 0) return 'named-port';
  const excuses = misses.map((miss) => excuseFor(miss, other, court));
  return excuses.every((excuse) => excuse !== undefined) ? excuses[0] : undefined;
}

/** Why a denial in one direction may be none: some rule fails only by what the recording does not say. */
function doubtAbout(
  own: DirectionVerdict,
  connection: Connection,
  court: ReplayCourt,
): UnjudgedReason | undefined {
  const { policies } = court.benchFor(connection.from, connection.to).world;
  const { direction } = own;
  for (const index of own.selecting) {
    const policy = policies[index];
    if (policy === undefined) continue;
    for (const rule of rulesOf(policy, direction)) {
      const doubt = doubtOfRule({ policy, direction, rule, connection }, court);
      if (doubt !== undefined) return doubt;
    }
  }
  return undefined;
}

/** Judges one pair by the literal evaluator, and says where the recording leaves the answer open. */
export function ruleOnPair(question: PairQuestion, court: ReplayCourt): Ruling {
  const { ends, protocol, port, foreign } = question;
  const bench = court.benchFor(ends.from, ends.to);
  const connection: Connection = { ...ends, protocol, port };
  const verdict = evaluate(bench.world, connection, court.profile);
  if (verdict.reason !== 'policy') return { kind: 'admitted', open: true };
  if (bench.looksAtLabels && (hasNoLabels(ends.from) || hasNoLabels(ends.to))) {
    return { kind: 'unsure', reason: 'labels-unknown' };
  }
  const governing = [foreign.from ? undefined : verdict.egress, foreign.to ? undefined : verdict.ingress];
  const denying = governing.filter(
    (each) => each !== undefined && !each.allowed,
  ) as readonly DirectionVerdict[];
  if (denying.length === 0) return { kind: 'admitted', open: !governing.some((each) => each?.isolated) };
  const doubts = denying.map((each) => doubtAbout(each, connection, court));
  const [doubt] = doubts;
  if (doubts.every((each) => each !== undefined) && doubt !== undefined)
    return { kind: 'unsure', reason: doubt };
  return { kind: 'blocked', directions: denying.map(({ direction }) => direction), ends, verdict };
}
