import type { LabelSelector, NetworkPolicy, NetworkPolicyPort } from '../network-policy.ts';
import type { PolicyProtocol } from '../world.ts';

/**
 * Where a verdict could change, read off the policies: ports, blocks and label keys that appear in them. Nothing here
 * says what a policy admits; that is the judge's to say, cell by cell. Policies may come from a file, so whatever is
 * not of the expected shape is passed over: the judge reads it as matching nothing.
 */
type Side = 'ingress' | 'egress';

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fieldOf = (value: unknown, field: string): unknown => (isRecord(value) ? value[field] : undefined);

const rulesOf = (policy: NetworkPolicy, side: Side): readonly unknown[] => listOf(fieldOf(policy.spec, side));

const peersOf = (policy: NetworkPolicy, side: Side): readonly unknown[] =>
  rulesOf(policy, side).flatMap((rule) => listOf(fieldOf(rule, side === 'ingress' ? 'from' : 'to')));

function cutsOfPort(entry: unknown, protocol: PolicyProtocol): readonly number[] {
  const { port, endPort, protocol: own } = (isRecord(entry) ? entry : {}) as NetworkPolicyPort;
  if ((own ?? 'TCP') !== protocol || typeof port !== 'number') return [];
  return [port, (typeof endPort === 'number' ? endPort : port) + 1];
}

/** Ports at which the policy's word on a protocol may change: the first of each range, and the first after it. */
export const portCuts = (policy: NetworkPolicy, side: Side, protocol: PolicyProtocol): readonly number[] =>
  rulesOf(policy, side).flatMap((rule) =>
    listOf(fieldOf(rule, 'ports')).flatMap((entry) => cutsOfPort(entry, protocol)),
  );

/** Every CIDR the policy's rules of one direction mention, exceptions too. */
export function cidrsOf(policy: NetworkPolicy, side: Side): readonly string[] {
  const blocks = peersOf(policy, side).map((peer) => fieldOf(peer, 'ipBlock'));
  const texts = blocks.flatMap((block) => [fieldOf(block, 'cidr'), ...listOf(fieldOf(block, 'except'))]);
  return texts.filter((text) => typeof text === 'string');
}

function keysOf(selector: unknown): readonly string[] {
  const { matchLabels, matchExpressions } = (isRecord(selector) ? selector : {}) as LabelSelector;
  const own = isRecord(matchLabels) ? Object.keys(matchLabels) : [];
  const keys = listOf(matchExpressions).map((each) => fieldOf(each, 'key'));
  return [...own, ...keys.filter((key) => typeof key === 'string')];
}

/** Every pod label the policies look at: pods that differ in others alone are one to them. */
export function podLabelKeys(policies: readonly NetworkPolicy[]): ReadonlySet<string> {
  return new Set(
    policies.flatMap((policy) => {
      const peers = [...peersOf(policy, 'ingress'), ...peersOf(policy, 'egress')];
      return [policy.spec?.podSelector, ...peers.map((peer) => fieldOf(peer, 'podSelector'))].flatMap(keysOf);
    }),
  );
}

/** Rules of all policies. */
export const ruleCount = (policies: readonly NetworkPolicy[]): number =>
  policies.reduce(
    (sum, policy) => sum + rulesOf(policy, 'ingress').length + rulesOf(policy, 'egress').length,
    0,
  );
