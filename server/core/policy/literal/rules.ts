import type {
  NetworkPolicy,
  NetworkPolicyEgressRule,
  NetworkPolicyIngressRule,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '../network-policy.ts';
import type { Endpoint } from '../world.ts';
import { type Fault, isAbsent, isObject } from './fault.ts';
import { peerMatches } from './peers.ts';
import { isNamedPort, portMatches } from './ports.ts';
import type { Minutes } from './verdict.ts';

/** A policy that selects the subject, open at the rules of the direction that is judged. */
export interface OpenPolicy {
  readonly minutes: Minutes;
  /** Index in `world.policies`. */
  readonly index: number;
  readonly policy: NetworkPolicy;
  readonly namespace: string;
  /** The end that is not the subject. */
  readonly other: Endpoint;
}

type Rule = NetworkPolicyIngressRule & NetworkPolicyEgressRule;

/** One rule of an open policy. */
interface OpenRule {
  readonly open: OpenPolicy;
  readonly rule: Rule;
  readonly index: number;
}

/** Where a rule was met: index of the entry, or undefined when the rule leaves that part open to anything. */
type Met = { readonly index: number | undefined } | undefined;

const ANYTHING: Met = { index: undefined };

/** The entries of a rule that let the connection through. */
interface Match {
  readonly peer: Met;
  readonly port: Met;
}

/** Writes down every rule of the policy that allows the connection. */
export function readRules(open: OpenPolicy): void {
  const { direction, allowedBy } = open.minutes;
  const rules: unknown = open.policy.spec[direction];
  if (isAbsent(rules)) return;
  if (!Array.isArray(rules)) {
    doubt(open, `spec.${direction}`, 'not_a_list');
    return;
  }
  for (let index = 0; index < rules.length; index += 1) {
    const match = matchIn({ open, rule: rules[index], index });
    if (match === undefined) continue;
    allowedBy.push({ policy: open.index, rule: index, peer: match.peer?.index, port: match.port?.index });
  }
}

/** A rule allows the connection when one of its ports and one of its peers do; ports are the quicker to read. */
function matchIn(at: OpenRule): Match | undefined {
  if (!isObject(at.rule)) return doubt(at.open, pathOf(at), 'not_an_object');
  const port = portFrom(at, 0);
  if (port === undefined) return undefined;
  const peers: unknown = at.rule[sideOf(at)];
  if (isAbsent(peers)) return { peer: ANYTHING, port };
  if (!Array.isArray(peers)) return doubtPart(at, sideOf(at), 'not_a_list');
  if (peers.length === 0) return { peer: ANYTHING, port };
  for (let index = 0; index < peers.length; index += 1) {
    const met = isPeer(at, peers[index], index) ? portForPeer(at, peers[index], port) : undefined;
    if (met !== undefined) return { peer: { index }, port: met };
  }
  return undefined;
}

function isPeer(at: OpenRule, peer: NetworkPolicyPeer, index: number): boolean {
  const { minutes, namespace, other } = at.open;
  const { direction } = minutes;
  const { world, profile, family } = minutes.question;
  const answer = peerMatches(peer, { world, profile, family, other, direction, policyNamespace: namespace });
  if (answer !== 'yes' && answer !== 'no') doubtPart(at, `${sideOf(at)}[${index}]`, answer);
  return answer === 'yes';
}

/** The first port entry, from `start` on, that covers the connection. */
function portFrom(at: OpenRule, start: number): Met {
  const ports: unknown = at.rule.ports;
  if (isAbsent(ports)) return ANYTHING;
  if (!Array.isArray(ports)) return doubtPart(at, 'ports', 'not_a_list');
  if (ports.length === 0) return ANYTHING;
  for (let index = start; index < ports.length; index += 1) {
    const answer = portMatches(ports[index], at.open.minutes.question.connection);
    if (answer === 'yes') return { index };
    if (answer !== 'no') doubtPart(at, `ports[${index}]`, answer);
  }
  return undefined;
}

/** A block of addresses declares no port names, so towards one only entries that give a number count. */
function portForPeer(at: OpenRule, peer: NetworkPolicyPeer, port: Met): Met {
  if (at.open.minutes.direction === 'ingress' || isAbsent(peer.ipBlock)) return port;
  const ports: readonly NetworkPolicyPort[] = at.rule.ports ?? [];
  let met = port;
  while (met?.index !== undefined && isNamed(ports[met.index])) met = portFrom(at, met.index + 1);
  return met;
}

const isNamed = (entry: NetworkPolicyPort | undefined): boolean => entry !== undefined && isNamedPort(entry);

const sideOf = (at: OpenRule): 'from' | 'to' => (at.open.minutes.direction === 'ingress' ? 'from' : 'to');

const pathOf = (at: OpenRule): string => `spec.${at.open.minutes.direction}[${at.index}]`;

const doubtPart = (at: OpenRule, part: string, fault: Fault): undefined =>
  doubt(at.open, `${pathOf(at)}.${part}`, fault);

function doubt({ minutes, index }: OpenPolicy, path: string, fault: Fault): undefined {
  const isKnown = minutes.doubts.some((known) => known.policy === index && known.path === path);
  if (!isKnown) minutes.doubts.push({ policy: index, path, fault });
}
