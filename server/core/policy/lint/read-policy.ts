import type { ObjectSource, PlacedPolicy } from '../cluster/cluster-model.ts';
import { compilePolicy, DIRECTIONS, type Direction } from '../fast/compile-policy.ts';
import { isRecord, listOf } from '../fast/json-shape.ts';
import { type PeerTerm, peerTermsOf } from '../fast/peer-term.ts';
import { type PortTerm, portTermOf } from '../fast/port-axis.ts';
import { type Selector, selectorOf } from '../fast/selector.ts';
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../network-policy.ts';

/** One entry of `from` or `to`. */
export interface ReadPeer {
  readonly field: string;
  /** Undefined when it is malformed and means nobody. */
  readonly term: Exclude<PeerTerm, { readonly kind: 'anyone' }> | undefined;
  /** An object, with no promise as to its fields. */
  readonly written: NetworkPolicyPeer;
}

/** One entry of `ports`: an object, with no promise as to its fields. */
export interface ReadPort {
  readonly field: string;
  readonly written: NetworkPolicyPort;
}

/** One rule of a direction in which the policy does isolate. */
export interface ReadRule {
  readonly policy: ReadPolicy;
  readonly direction: Direction;
  readonly index: number;
  readonly field: string;
  /** `from` or `to`. */
  readonly side: 'from' | 'to';
  /** True when the rule names no peer and so means anybody, in the cluster or out of it. */
  readonly isForAnyone: boolean;
  readonly peers: readonly ReadPeer[];
  /** Empty when the rule names no port and so means all. */
  readonly ports: readonly ReadPort[];
  /** Undefined when no port entry is sound: the rule allows nothing. */
  readonly portTerm: PortTerm | undefined;
}

/** A policy as lint looks at it. */
export interface ReadPolicy {
  readonly policy: NetworkPolicy;
  readonly source: ObjectSource;
  readonly namespace: string;
  /** `shop/db`. */
  readonly name: string;
  readonly subject: Selector;
  readonly isolates: Readonly<Record<Direction, boolean>>;
  /** Rules that have effect. */
  readonly rules: readonly ReadRule[];
}

const NOTHING: Readonly<Record<string, unknown>> = {};

/** The spec as it was written; an empty object where there is none. */
export const specOf = (policy: NetworkPolicy): Readonly<Record<string, unknown>> =>
  isRecord(policy.spec) ? policy.spec : NOTHING;

/** Reads a policy, whatever stands in its place. */
export function readPolicy({ policy, source }: PlacedPolicy): ReadPolicy {
  const compiled = compilePolicy(policy);
  const spec = specOf(policy);
  const namespace = compiled.namespace ?? 'default';
  const isolates = { ingress: compiled.ingress !== undefined, egress: compiled.egress !== undefined };
  const rules: ReadRule[] = [];
  const read: ReadPolicy = {
    policy,
    source,
    namespace,
    name: `${namespace}/${String(compiled.name)}`,
    subject: selectorOf(spec['podSelector'] ?? {}),
    isolates,
    rules,
  };
  for (const direction of DIRECTIONS.filter((each) => isolates[each])) {
    for (const [index, written] of (listOf(spec[direction]) ?? []).entries()) {
      if (isRecord(written)) rules.push(readRule(read, { direction, index, written }));
    }
  }
  return read;
}

interface WrittenRule {
  readonly direction: Direction;
  readonly index: number;
  readonly written: Readonly<Record<string, unknown>>;
}

function readRule(policy: ReadPolicy, { direction, index, written }: WrittenRule): ReadRule {
  const side = direction === 'ingress' ? 'from' : 'to';
  const field = `spec.${direction}[${index}]`;
  const peers = written[side];
  return {
    policy,
    direction,
    index,
    field,
    side,
    isForAnyone: peerTermsOf(peers, policy.namespace).some(({ kind }) => kind === 'anyone'),
    peers: (listOf(peers) ?? []).flatMap((peer, at) =>
      isRecord(peer) ? [readPeer(peer, `${field}.${side}[${at}]`, policy.namespace)] : [],
    ),
    ports: (listOf(written['ports']) ?? []).flatMap((port, at) =>
      isRecord(port) ? [{ field: `${field}.ports[${at}]`, written: port as NetworkPolicyPort }] : [],
    ),
    portTerm: portTermOf(written['ports']),
  };
}

function readPeer(peer: Readonly<Record<string, unknown>>, field: string, namespace: string): ReadPeer {
  const [term] = peerTermsOf([peer], namespace);
  return { field, term: term?.kind === 'anyone' ? undefined : term, written: peer as NetworkPolicyPeer };
}

/** True when the rule is open on every port of every protocol. */
export const isForAllPorts = ({ ports, portTerm }: ReadRule): boolean =>
  portTerm !== undefined && ports.length === 0;
