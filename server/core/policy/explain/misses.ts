import { FAULTS, isAbsent, type Outcome } from '../literal/fault.ts';
import { addressesOf, isFindable, type PeerQuestion, peerMatches } from '../literal/peers.ts';
import { isNamedPort, portMatches } from '../literal/ports.ts';
import { selectorMatches } from '../literal/selector.ts';
import type { PolicyDirection } from '../literal/verdict.ts';
import type { LabelSelector, NetworkPolicyPeer, NetworkPolicyPort } from '../network-policy.ts';
import type { Connection, Endpoint, Labels } from '../world.ts';
import {
  describeWrittenPeer,
  describeWrittenPort,
  entriesOf,
  requirementsOf,
  type WrittenRule,
} from './describe-rule.ts';

/** What about a rule can fail to match. */
export const MISS_KINDS = [
  'protocol',
  'port',
  'label',
  'namespace',
  'address',
  /** The rule names pods, and the other end is none that policies see. */
  'no-pod',
  'direction',
  'subject',
  'policy-namespace',
  'fault',
] as const;
export type MissKind = (typeof MISS_KINDS)[number];

/** One thing that kept a rule from matching. Both texts may hold what a stranger wrote. */
export interface Miss {
  readonly what: MissKind;
  /** What the policy asks for, e.g. `app=cart`. */
  readonly wanted: string;
  /** What the connection has instead, e.g. `app=web` or `no label app`. */
  readonly found: string;
  /** The label that was looked at, where it is about one. */
  readonly key?: string;
}

/** Asked of each rule: one connection, seen from the end that policies of one direction govern. */
export interface RuleQuestion {
  readonly connection: Connection;
  readonly direction: PolicyDirection;
  readonly peer: PeerQuestion;
}

function found(labels: Labels, key: string): string {
  const label = labels.find(([name]) => name === key);
  return label === undefined ? `no label ${key}` : `${key}=${label[1]}`;
}

/** The requirements of a selector that some labels do not meet. */
export function selectorMisses(
  what: MissKind,
  selector: LabelSelector | null | undefined,
  labels: Labels,
): readonly Miss[] {
  if (isAbsent(selector)) return [];
  const outcome = selectorMatches(selector, labels);
  if (outcome === 'yes') return [];
  const failing = requirementsOf(selector).filter((each) => selectorMatches(each.selector, labels) !== 'yes');
  if (failing.length === 0) return [faultMiss('a selector', outcome)];
  return failing.map((each) => ({ what, wanted: each.text, found: found(labels, each.key), key: each.key }));
}

/** A piece that is malformed, or that nothing could match. */
export const faultMiss = (wanted: string, outcome: Outcome): Miss => ({
  what: 'fault',
  wanted,
  found: outcome === 'yes' || outcome === 'no' ? 'nothing that it matches' : FAULTS[outcome],
});

function describeOther(other: Endpoint): string {
  const addresses = addressesOf(other);
  const where = addresses.length === 0 ? '' : ` ${addresses.join(', ')}`;
  if (other.kind === 'address') return `address ${other.ip}`;
  if (other.kind === 'entity') return `${other.entity}${where}`;
  const { namespace, name, hostNetwork } = other.pod;
  return `${hostNetwork ? "pod on its node's network" : 'pod'} ${namespace}/${name}${where}`;
}

/** What keeps one entry of `from` or `to` from being the other end; empty when it is. */
export function peerMisses(peer: NetworkPolicyPeer, question: PeerQuestion): readonly Miss[] {
  const outcome = peerMatches(peer, question);
  if (outcome === 'yes') return [];
  if (outcome !== 'no') return [faultMiss(describeWrittenPeer(peer), outcome)];
  const { other, world, profile, policyNamespace } = question;
  if (!isAbsent(peer.ipBlock)) {
    return [{ what: 'address', wanted: describeWrittenPeer(peer), found: describeOther(other) }];
  }
  if (other.kind !== 'pod' || !isFindable(other.pod, profile)) {
    return [{ what: 'no-pod', wanted: describeWrittenPeer(peer), found: describeOther(other) }];
  }
  const { namespace, labels } = other.pod;
  const known = world.namespaces.find(({ name }) => name === namespace);
  const namespaceMisses: readonly Miss[] = isAbsent(peer.namespaceSelector)
    ? namespace === policyNamespace
      ? []
      : [{ what: 'namespace', wanted: `the policy's own namespace ${policyNamespace}`, found: namespace }]
    : selectorMisses('namespace', peer.namespaceSelector, known?.labels ?? []).map((miss) => ({
        ...miss,
        found: `${miss.found} on namespace ${namespace}`,
      }));
  return [...namespaceMisses, ...selectorMisses('label', peer.podSelector, labels)];
}

/** What keeps one entry of `ports` from covering the connection; empty when it does. */
function portMisses(entry: NetworkPolicyPort, connection: Connection): readonly Miss[] {
  const outcome = portMatches(entry, connection);
  if (outcome === 'yes') return [];
  if (outcome !== 'no') return [faultMiss(describeWrittenPort(entry), outcome)];
  const wanted = describeWrittenPort(entry);
  const { protocol, port } = connection;
  const isOtherProtocol = (entry.protocol ?? 'TCP') !== protocol;
  // Nearly there: the same number, asked for over another protocol.
  const isNumberMet = isOtherProtocol && portMatches({ ...entry, protocol }, connection) === 'yes';
  if (isNumberMet) return [{ what: 'protocol', wanted, found: `${protocol} ${port}` }];
  const named = isNamedPort(entry) ? ` (no port of that name on ${describeOther(connection.to)} is it)` : '';
  const miss: Miss = { what: 'port', wanted, found: `${protocol} ${port}${named}` };
  return isOtherProtocol ? [{ what: 'protocol', wanted, found: protocol }, miss] : [miss];
}

/** How far off each miss is: whoever is named is meant, on another port; a block or another subject hardly is a slip. */
const WEIGHTS: Readonly<Record<MissKind, number>> = {
  protocol: 1,
  port: 2,
  label: 3,
  namespace: 3,
  fault: 3,
  direction: 4,
  address: 5,
  'no-pod': 5,
  subject: 5,
  'policy-namespace': 5,
};

/** How far off some misses are together; 0 only for none. */
export const weightOf = (misses: readonly Miss[]): number =>
  misses.reduce((sum, { what }) => sum + WEIGHTS[what], 0);

/** The list that weighs least, the first of those alike. */
export function lightest(lists: readonly (readonly Miss[])[]): readonly Miss[] {
  const [first = [], ...rest] = lists;
  return rest.reduce((best, each) => (weightOf(each) < weightOf(best) ? each : best), first);
}

/** What keeps a rule from matching, told apart by its two parts; both empty when it matches. */
export interface RuleMisses {
  readonly peer: readonly Miss[];
  readonly port: readonly Miss[];
}

const NONE: readonly Miss[] = [];

function portPart(ports: unknown, question: RuleQuestion, isBlock: boolean): readonly Miss[] {
  if (isAbsent(ports)) return NONE;
  if (!Array.isArray(ports)) return [faultMiss('ports', 'not_a_list')];
  if (ports.length === 0) return NONE;
  return lightest(
    entriesOf<NetworkPolicyPort>(ports).map((entry) =>
      // A block of addresses declares no port names.
      isBlock && isNamedPort(entry)
        ? [{ what: 'port', wanted: describeWrittenPort(entry), found: 'an ipBlock, which has no port names' }]
        : portMisses(entry, question.connection),
    ),
  );
}

/** What keeps a rule from matching: the parts of it that come nearest. */
export function ruleMisses(rule: WrittenRule, question: RuleQuestion): RuleMisses {
  const { peers, ports, isMalformed } = rule;
  if (isMalformed) return { peer: [faultMiss('a rule', 'not_an_object')], port: NONE };
  if (isAbsent(peers)) return { peer: NONE, port: portPart(ports, question, false) };
  if (!Array.isArray(peers)) return { peer: [faultMiss('peers', 'not_a_list')], port: NONE };
  if (peers.length === 0) return { peer: NONE, port: portPart(ports, question, false) };
  const parts = entriesOf<NetworkPolicyPeer>(peers).map((peer): RuleMisses => {
    const isBlock = question.direction === 'egress' && !isAbsent(peer?.ipBlock);
    return { peer: peerMisses(peer, question.peer), port: portPart(ports, question, isBlock) };
  });
  const [first, ...rest] = parts;
  const weigh = ({ peer, port }: RuleMisses): number => weightOf(peer) + weightOf(port);
  return rest.reduce(
    (best, each) => (weigh(each) < weigh(best) ? each : best),
    first ?? { peer: NONE, port: NONE },
  );
}
