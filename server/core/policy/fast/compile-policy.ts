import type { NetworkPolicy } from '../network-policy.ts';
import { isMissing, isRecord, listOf } from './json-shape.ts';
import { type PeerTerm, peerTermsOf } from './peer-term.ts';
import { type PortTerm, portTermOf } from './port-axis.ts';
import { ANY_LABELS, type Selector, selectorOf, UNREADABLE } from './selector.ts';

export type Direction = 'ingress' | 'egress';

export const DIRECTIONS: readonly Direction[] = ['ingress', 'egress'];

/** One peer of one rule, on the ports of the rule. */
export interface Grant {
  readonly peer: PeerTerm;
  readonly ports: PortTerm;
}

/** What a policy does in one direction: it isolates whom it may be about, and lets the grants through. */
export interface Clause {
  readonly subjects: Selector;
  /** Empty when it can not be read for sure whom, or which direction, the policy is about. */
  readonly grants: readonly Grant[];
  /** Some grant to anyone depends on what a port name stands for at each end. */
  readonly namesAnywhere: boolean;
}

/** A policy that was read once. */
export interface CompiledPolicy {
  readonly source: NetworkPolicy;
  /** Undefined when it belongs to no namespace a pod can be in. */
  readonly namespace: string | undefined;
  readonly name: unknown;
  readonly ingress: Clause | undefined;
  readonly egress: Clause | undefined;
}

/** Reads a policy, whatever stands in its place: a malformed piece lets nothing through. */
export function compilePolicy(source: NetworkPolicy): CompiledPolicy {
  const metadata: Partial<NetworkPolicy['metadata']> | null | undefined = source?.metadata;
  // A manifest without a namespace belongs to `default`.
  const written: unknown = metadata?.namespace ?? 'default';
  const name: unknown = metadata?.name;
  if (typeof written !== 'string') {
    return { source, namespace: undefined, name, ingress: undefined, egress: undefined };
  }
  const [ingress, egress] = DIRECTIONS.map((direction) => clauseOf(source?.spec, direction, written));
  return { source, namespace: written, name, ingress, egress };
}

function clauseOf(spec: unknown, direction: Direction, namespace: string): Clause | undefined {
  if (!isRecord(spec)) return { subjects: UNREADABLE, grants: [], namesAnywhere: false };
  const covers = typesCover(spec, direction);
  if (covers === 'no') return undefined;
  const subjects = isMissing(spec['podSelector']) ? ANY_LABELS : selectorOf(spec['podSelector']);
  const isClear = covers === 'yes' && subjects.isSound;
  const rules = isClear ? (listOf(spec[direction]) ?? []) : [];
  const grants = rules.flatMap((rule) => grantsOf(rule, direction, namespace));
  return { subjects, grants, namesAnywhere: grants.some(isNamedAnywhere) };
}

const isNamedAnywhere = ({ peer, ports }: Grant): boolean => peer.kind === 'anyone' && ports.names.length > 0;

/** Without `policyTypes` a policy is about ingress, and about egress only if it has an egress rule. */
function typesCover(
  spec: Readonly<Record<string, unknown>>,
  direction: Direction,
): 'yes' | 'no' | 'malformed' {
  const types = isMissing(spec['policyTypes']) ? [] : listOf(spec['policyTypes']);
  if (types === undefined || !types.every((type) => type === 'Ingress' || type === 'Egress')) {
    return 'malformed';
  }
  if (types.length > 0) return types.includes(direction === 'ingress' ? 'Ingress' : 'Egress') ? 'yes' : 'no';
  return direction === 'ingress' ? 'yes' : hasRule(spec['egress']);
}

function hasRule(egress: unknown): 'yes' | 'no' | 'malformed' {
  if (isMissing(egress)) return 'no';
  const rules = listOf(egress);
  if (rules === undefined) return 'malformed';
  return rules.length > 0 ? 'yes' : 'no';
}

function grantsOf(rule: unknown, direction: Direction, namespace: string): readonly Grant[] {
  if (!isRecord(rule)) return [];
  const ports = portTermOf(rule['ports']);
  if (ports === undefined) return [];
  return peerTermsOf(rule[direction === 'ingress' ? 'from' : 'to'], namespace, direction)
    .map((peer) => ({ peer, ports: portsTowards(peer, ports, direction) }))
    .filter((grant) => grant.ports.spans.length + grant.ports.names.length > 0);
}

/** Addresses declare no port names, so towards a block only numbers count. */
const portsTowards = (peer: PeerTerm, ports: PortTerm, direction: Direction): PortTerm =>
  direction === 'egress' && peer.kind === 'block' ? { spans: ports.spans, names: [] } : ports;

/** The clauses a policy has. */
export const clausesOf = ({ ingress, egress }: CompiledPolicy): readonly Clause[] =>
  [ingress, egress].filter((clause) => clause !== undefined);
