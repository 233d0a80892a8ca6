import { sortedBy } from '#core/order.ts';
import { evaluate } from '../literal/evaluate.ts';
import type { PolicyDirection } from '../literal/verdict.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { CniProfile, Connection, Endpoint, World } from '../world.ts';
import { entriesOf } from './describe-rule.ts';
import type { PolicyRule } from './missing-rule.ts';
import type { Resident } from './population.ts';

/** A rule, and the policy it goes into. */
export interface PatchPart {
  readonly direction: PolicyDirection;
  /** Index in `world.policies`; undefined for a policy of its own. */
  readonly addTo: number | undefined;
  readonly rule: PolicyRule;
  /** The policy with the rule in it. */
  readonly policy: NetworkPolicy;
}

/** The rules that are missing, at most one a direction, and what they allow beside what was asked for. */
export interface Patch {
  readonly parts: readonly PatchPart[];
  readonly alsoAllows: readonly AlsoAllowed[];
  /** Pairs of ends that were asked about to find that out. */
  readonly pairsChecked: number;
}

/** Two ends, as `shop/cart[Deployment]` or an address, that could not talk on the port before. */
export interface AlsoAllowed {
  readonly from: string;
  readonly to: string;
}

/** A policy with one more rule; undefined when it holds something else than a list of rules. */
export function withRule(
  policy: NetworkPolicy,
  direction: PolicyDirection,
  rule: PolicyRule,
): NetworkPolicy | undefined {
  const rules: unknown = policy.spec?.[direction] ?? [];
  if (!Array.isArray(rules)) return undefined;
  return { ...policy, spec: { ...policy.spec, [direction]: [...entriesOf<PolicyRule>(rules), rule] } };
}

/** The world after a patch; indexes of its policies stay, new ones come last. */
export function withParts(world: World, parts: readonly PatchPart[]): World {
  const policies = [...world.policies];
  for (const { addTo, policy, direction, rule } of parts) {
    const known = addTo === undefined ? undefined : policies[addTo];
    // Both parts may go into one policy: the second finds the first already there.
    if (addTo === undefined || known === undefined) policies.push(policy);
    else policies[addTo] = withRule(known, direction, rule) ?? policy;
  }
  return { ...world, policies };
}

/** One end of a pair to check: who it is, and what stands for it. */
export interface CheckedEnd {
  readonly text: string;
  /** Same for all pods of one workload. */
  readonly owner: string;
  readonly endpoint: Endpoint;
  readonly isForeign: boolean;
}

/** An end for each pod. */
export const podEnd = ({ pod, owner, text, isForeign }: Resident): CheckedEnd => ({
  text,
  owner,
  endpoint: { kind: 'pod', pod },
  isForeign,
});

export interface Checking {
  readonly world: World;
  readonly profile: CniProfile;
  readonly protocol: Connection['protocol'];
  readonly port: number;
}

/** Whether the policies allow it; ends of another cluster are under no policy of this one. */
export function isAllowedBetween(
  from: CheckedEnd,
  to: CheckedEnd,
  { world, profile, protocol, port }: Checking,
): boolean {
  const verdict = evaluate(world, { from: from.endpoint, to: to.endpoint, protocol, port }, profile);
  if (verdict.reason !== 'policy') return verdict.allowed;
  return (from.isForeign || verdict.egress.allowed) && (to.isForeign || verdict.ingress.allowed);
}

/** Pods have replicas, and a pod may always talk with itself: the other end is another pod of its kind. */
const twinOf = (end: CheckedEnd): CheckedEnd => {
  const { endpoint } = end;
  if (endpoint.kind !== 'pod') return end;
  return { ...end, endpoint: { kind: 'pod', pod: { ...endpoint.pod, name: `${endpoint.pod.name}-twin` } } };
};

/** Which ends a patch may open: pairs it can not change are not asked about. */
export interface PatchReach {
  /** Governed by a policy that the patch touches, or named by its rule. */
  readonly from: readonly CheckedEnd[];
  readonly to: readonly CheckedEnd[];
}

/** The policies as they are, and with a patch. */
export interface BeforeAndAfter {
  readonly before: Checking;
  readonly after: Checking;
}

/** Everything the patched policies allow on the port that they did not allow before, but for the pair asked about. */
export function alsoAllowed(
  { from, to }: PatchReach,
  asked: { readonly from: string; readonly to: string },
  { before, after }: BeforeAndAfter,
): Pick<Patch, 'alsoAllows' | 'pairsChecked'> {
  const pairs = from.flatMap((client) =>
    to
      .filter((server) => client.owner !== asked.from || server.owner !== asked.to)
      .map((each) => ({ client, server: each.endpoint === client.endpoint ? twinOf(each) : each })),
  );
  const opened = pairs.filter(
    ({ client, server }) =>
      isAllowedBetween(client, server, after) && !isAllowedBetween(client, server, before),
  );
  const texts = new Map(
    opened.map(({ client, server }) => [
      `${client.text}>${server.text}`,
      { from: client.text, to: server.text },
    ]),
  );
  return { alsoAllows: sortedBy(texts, ([key]) => key).map(([, each]) => each), pairsChecked: pairs.length };
}
