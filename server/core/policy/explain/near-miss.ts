import { isAbsent } from '../literal/fault.ts';
import { isGoverned } from '../literal/peers.ts';
import type { DirectionVerdict, PolicyDirection } from '../literal/verdict.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { CniProfile, Connection, IpFamily, World, WorldPod } from '../world.ts';
import { describeSelector, rulesOf } from './describe-rule.ts';
import { faultMiss, type Miss, type RuleMisses, ruleMisses, selectorMisses, weightOf } from './misses.ts';

/** A rule that would have allowed the connection, but for what did not match. */
export interface NearMiss {
  /** Index in `world.policies`. */
  readonly policy: number;
  /** Where the rule stands, which need not be the direction that was asked about. */
  readonly direction: PolicyDirection;
  /** Index in `spec.ingress` or `spec.egress`. */
  readonly rule: number;
  /** Never empty; what the policy is about first. */
  readonly misses: readonly Miss[];
}

/** A connection that was denied in one direction. */
export interface Denied {
  readonly world: World;
  readonly connection: Connection;
  readonly profile: CniProfile;
  readonly family: IpFamily | undefined;
  readonly verdict: DirectionVerdict;
}

interface Candidate {
  readonly policy: NetworkPolicy;
  readonly index: number;
  readonly subject: WorldPod;
}

/** Paths of doubts that are about the policy as a whole. */
const WHOLE_POLICY: ReadonlySet<string> = new Set(['spec', 'spec.podSelector', 'spec.policyTypes']);

const namespaceOf = (policy: NetworkPolicy): string => policy?.metadata?.namespace ?? 'default';

function typesText(policy: NetworkPolicy): string {
  const types: unknown = policy.spec.policyTypes;
  return Array.isArray(types) && types.length > 0
    ? types.map(String).join(' and ')
    : 'no policyTypes, so Ingress';
}

/** Why the policy as a whole has no say in the direction; empty when it has. */
function policyMisses({ policy, index, subject }: Candidate, denied: Denied): readonly Miss[] {
  const { verdict } = denied;
  // A policy that can not be read as to whom it is about isolates, and allows nothing.
  const doubt = verdict.doubts.find((each) => each.policy === index && WHOLE_POLICY.has(each.path));
  if (doubt !== undefined) return [faultMiss(doubt.path, doubt.fault)];
  if (verdict.selecting.includes(index)) return [];
  const namespace = namespaceOf(policy);
  const elsewhere: readonly Miss[] =
    namespace === subject.namespace
      ? []
      : [{ what: 'policy-namespace', wanted: namespace, found: subject.namespace }];
  const selector = policy?.spec?.podSelector;
  const subjectMisses = isAbsent(selector) ? [] : selectorMisses('subject', selector, subject.labels);
  const misses = [...elsewhere, ...subjectMisses];
  if (misses.length > 0) return misses;
  return [{ what: 'direction', wanted: typesText(policy), found: verdict.direction }];
}

/** A rule that stands under the other direction, of a policy that is about the right pods. */
const turned = (asked: PolicyDirection, written: PolicyDirection): readonly Miss[] =>
  asked === written ? [] : [{ what: 'direction', wanted: written, found: asked }];

function missesOf(
  candidate: Candidate,
  denied: Denied,
  written: PolicyDirection,
): readonly (RuleMisses & { all: readonly Miss[] })[] {
  const { connection, world, profile, family, verdict } = denied;
  const { direction } = verdict;
  const other = direction === 'egress' ? connection.to : connection.from;
  const peer = { world, profile, family, other, direction, policyNamespace: namespaceOf(candidate.policy) };
  const own = policyMisses(candidate, denied);
  return rulesOf(candidate.policy, written).map((rule) => {
    const parts = ruleMisses(rule, { connection, direction: verdict.direction, peer });
    // A policy that does not cover the direction needs no second word about the rule's own.
    const about = own.some(({ what }) => what === 'direction')
      ? own
      : [...own, ...turned(verdict.direction, written)];
    return { ...parts, all: [...about, ...parts.peer, ...parts.port] };
  });
}

/** Every selector of a policy in words, for the reader who looks for the one that was meant. */
export const subjectText = (policy: NetworkPolicy): string => {
  const pods = describeSelector(policy?.spec?.podSelector, '');
  return `${pods === '' ? 'every pod' : `pods ${pods}`} of ${namespaceOf(policy)}`;
};

const DIRECTIONS: readonly PolicyDirection[] = ['ingress', 'egress'];

/** Every rule of every policy that is right about the peer or about the port, with what is wrong about it. */
function* nearMisses(denied: Denied, subject: WorldPod): Generator<NearMiss> {
  for (const [index, policy] of denied.world.policies.entries()) {
    for (const direction of DIRECTIONS) {
      const rules = missesOf({ policy, index, subject }, denied, direction);
      for (const [rule, { peer, port, all }] of rules.entries()) {
        if (peer.length === 0 || port.length === 0) yield { policy: index, direction, rule, misses: all };
      }
    }
  }
}

/**
 * The rule that came nearest to allowing the connection in a direction that denied it, over all policies. Who the peer
 * is or what the port is must be right; a rule that is about somebody else and something else is near to nothing.
 */
export function nearestRule(denied: Denied): NearMiss | undefined {
  const { connection, verdict } = denied;
  const subject = verdict.direction === 'egress' ? connection.from : connection.to;
  if (subject.kind !== 'pod' || !isGoverned(subject.pod, denied.profile)) return undefined;
  let best: NearMiss | undefined;
  for (const each of nearMisses(denied, subject.pod)) {
    if (best === undefined || weightOf(each.misses) < weightOf(best.misses)) best = each;
  }
  return best;
}
