import { isAbsent, isObject } from '../literal/fault.ts';
import type { PolicyDirection } from '../literal/verdict.ts';
import type {
  LabelSelector,
  LabelSelectorRequirement,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '../network-policy.ts';

/** A rule of either direction, as its file has it: nothing about it is sure. */
export interface WrittenRule {
  readonly peers: unknown;
  readonly ports: unknown;
  /** It is no object at all, and allows nothing. */
  readonly isMalformed: boolean;
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The entries of a list that may be none. */
export const entriesOf = <T>(list: unknown): readonly T[] => listOf(list) as readonly T[];

/** The rules of one direction; none where the policy has no list of them. */
export function rulesOf(policy: NetworkPolicy, direction: PolicyDirection): readonly WrittenRule[] {
  const rules: unknown = policy?.spec?.[direction];
  const side = direction === 'ingress' ? 'from' : 'to';
  return listOf(rules).map((rule) => {
    const parts = (isObject(rule) ? rule : {}) as Readonly<Record<string, unknown>>;
    return { peers: parts[side], ports: parts['ports'], isMalformed: !isObject(rule) };
  });
}

/** `tier in (web, api)`, `canary does not exist`. */
export function describeRequirement({ key, operator, values }: LabelSelectorRequirement): string {
  const listed = `(${listOf(values).map(String).join(', ')})`;
  switch (operator) {
    case 'In':
      return `${key} in ${listed}`;
    case 'NotIn':
      return `${key} not in ${listed}`;
    case 'Exists':
      return `${key} exists`;
    case 'DoesNotExist':
      return `${key} does not exist`;
    default:
      return `${String(key)} ${String(operator)} ${listed}`;
  }
}

/** Each requirement of a selector as a selector of its own, with its words. */
export function requirementsOf(
  selector: LabelSelector | null | undefined,
): readonly { readonly text: string; readonly key: string; readonly selector: LabelSelector }[] {
  if (isAbsent(selector) || !isObject(selector)) return [];
  const { matchLabels, matchExpressions } = selector;
  const labels = isAbsent(matchLabels) || !isObject(matchLabels) ? [] : Object.entries(matchLabels);
  const expressions = entriesOf<LabelSelectorRequirement>(matchExpressions).filter(isObject);
  return [
    ...labels.map(([key, value]) => ({
      text: `${key}=${String(value)}`,
      key,
      selector: { matchLabels: Object.fromEntries([[key, value]]) },
    })),
    ...expressions.map((each) => ({
      text: describeRequirement(each),
      key: String(each.key),
      selector: { matchExpressions: [each] },
    })),
  ];
}

/** `app=cart, tier in (web)`; a selector without any requirement selects everything. */
export function describeSelector(selector: LabelSelector | null | undefined, everything: string): string {
  const requirements = requirementsOf(selector);
  return requirements.length === 0 ? everything : requirements.map(({ text }) => text).join(', ');
}

/** One entry of `from` or `to`: `pods app=cart of namespaces team=shop`, `10.0.0.0/8 except 10.1.0.0/16`. */
export function describeWrittenPeer(peer: NetworkPolicyPeer): string {
  if (!isObject(peer)) return 'something that is no peer';
  if (!isAbsent(peer.ipBlock)) {
    const except = listOf(peer.ipBlock.except).map(String);
    return `${String(peer.ipBlock.cidr)}${except.length === 0 ? '' : ` except ${except.join(', ')}`}`;
  }
  const selector = describeSelector(peer.podSelector, '');
  const pods = selector === '' ? 'every pod' : `pods ${selector}`;
  if (isAbsent(peer.namespaceSelector)) return `${pods} of the policy's own namespace`;
  const namespaces = describeSelector(peer.namespaceSelector, '');
  return `${pods} of ${namespaces === '' ? 'every namespace' : `namespaces ${namespaces}`}`;
}

/** One entry of `ports`: `TCP 80`, `UDP 1000-2000`, `TCP http`, `every SCTP port`. */
export function describeWrittenPort(entry: NetworkPolicyPort): string {
  if (!isObject(entry)) return 'something that is no port';
  const protocol = String(entry.protocol ?? 'TCP');
  if (isAbsent(entry.port)) return `every ${protocol} port`;
  return `${protocol} ${entry.port}${isAbsent(entry.endPort) ? '' : `-${entry.endPort}`}`;
}

function joined(list: unknown, everything: string, describe: (entry: never) => string): string {
  if (isAbsent(list)) return everything;
  if (!Array.isArray(list)) return 'something that is no list';
  return list.length === 0 ? everything : list.map((entry) => describe(entry as never)).join('; ');
}

/** `from pods app=cart of the policy's own namespace on TCP 80`. */
export function describeWrittenRule(
  { peers, ports, isMalformed }: WrittenRule,
  direction: PolicyDirection,
): string {
  if (isMalformed) return 'something that is no rule';
  const word = direction === 'ingress' ? 'from' : 'to';
  const peerText = joined(peers, 'anybody', describeWrittenPeer);
  return `${word} ${peerText} on ${joined(ports, 'every port', describeWrittenPort)}`;
}
