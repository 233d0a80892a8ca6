import type { Baseline, BaselineEdge } from '#core/baseline/baseline.ts';
import { touchesScope } from '#core/baseline/training-window.ts';
import { describeEdge, type Edge } from '#core/graph/edge.ts';
import type { Peer } from '#core/identity/peer.ts';
import { sortedBy } from '#core/order.ts';
import { isPolicyProtocol } from '../cell.ts';
import { portCuts } from '../certify/policy-facts.ts';
import { intervalsOf } from '../certify/port-intervals.ts';
import { evaluate } from '../literal/evaluate.ts';
import type { DirectionVerdict, PolicyDirection, Verdict } from '../literal/verdict.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import { passedOf } from '../replay/blocked-edge.ts';
import type { ReplayCourt } from '../replay/replay-court.ts';
import { pairsOf } from '../replay/rule-on-edge.ts';
import type { CniProfile, Connection, Endpoint, World, WorldNamespace, WorldPod } from '../world.ts';

/** One connection that an edge stands for, and which of its ends the cluster's policies govern. */
export interface ObservedConnection {
  readonly connection: Connection;
  /** Directions whose subject is a pod of the cluster. */
  readonly own: readonly PolicyDirection[];
}

/** An edge whose conversations passed, with everything it may have been. */
export interface ObservedEdge {
  readonly edge: Edge;
  readonly line: string;
  readonly conversations: number;
  /** A person said that it is not wanted: no reason to keep a rule. */
  readonly isRejected: boolean;
  /** Which of many ports were used is not known; the connections are one of each that policies tell apart. */
  readonly isVague: boolean;
  readonly connections: readonly ObservedConnection[];
}

const DIRECTIONS: readonly PolicyDirection[] = ['egress', 'ingress'];

const isOwn = (peer: Peer, court: ReplayCourt): boolean =>
  peer.kind === 'workload' && !court.isForeign(peer.id);

function pointsOf(
  edge: Edge,
  policies: readonly NetworkPolicy[],
): readonly Pick<Connection, 'protocol' | 'port'>[] {
  const { protocol, port } = edge;
  if (!isPolicyProtocol(protocol) || port === 'none') return [];
  if (port !== 'many') return [{ protocol, port }];
  const cuts = policies.flatMap((policy) => DIRECTIONS.flatMap((side) => portCuts(policy, side, protocol)));
  return intervalsOf(protocol, cuts).map(({ from }) => ({ protocol, port: from }));
}

function observed(each: BaselineEdge, court: ReplayCourt, policies: readonly NetworkPolicy[]): ObservedEdge {
  const { edge, decision } = each;
  const own = DIRECTIONS.filter((direction) => isOwn(direction === 'egress' ? edge.from : edge.to, court));
  const points = own.length === 0 ? [] : pointsOf(edge, policies);
  const pairs = points.length === 0 ? [] : pairsOf(edge, court);
  return {
    edge,
    line: describeEdge(edge),
    conversations: passedOf(edge),
    isRejected: decision === 'rejected',
    isVague: edge.port === 'many',
    connections: pairs.flatMap((ends) => points.map((point) => ({ connection: { ...ends, ...point }, own }))),
  };
}

/** What passed in the training window, of the scope. Grows with edges times the kinds of pods that carried each. */
export function observedOf(
  { edges, scope }: Pick<Baseline, 'edges' | 'scope'>,
  court: ReplayCourt,
  policies: readonly NetworkPolicy[],
): readonly ObservedEdge[] {
  const own = sortedBy(edges.values(), ({ edge }) => edge.key).filter(
    ({ edge }) => passedOf(edge) > 0 && touchesScope(scope, edge.from, edge.to),
  );
  return own.map((each) => observed(each, court, policies));
}

/** Conversations on some edges. */
export const conversationsOf = (edges: Iterable<ObservedEdge>): number =>
  [...edges].reduce((sum, { conversations }) => sum + conversations, 0);

const namespaceOf = (end: Endpoint): string => (end.kind === 'pod' ? end.pod.namespace : '');

/** One set of policies, judged by the literal evaluator; only those of the namespaces at hand are read. */
export class PolicyBench {
  readonly policies: readonly NetworkPolicy[];
  private readonly namespaces: readonly WorldNamespace[];
  private readonly profile: CniProfile;
  private readonly byNamespace = new Map<string, NetworkPolicy[]>();
  private readonly worlds = new Map<string, World>();

  constructor(
    policies: readonly NetworkPolicy[],
    namespaces: readonly WorldNamespace[],
    profile: CniProfile,
  ) {
    this.policies = policies;
    this.namespaces = namespaces;
    this.profile = profile;
    for (const policy of policies) {
      const namespace = policy.metadata?.namespace ?? 'default';
      const known = this.byNamespace.get(namespace);
      if (known === undefined) this.byNamespace.set(namespace, [policy]);
      else known.push(policy);
    }
  }

  worldFor({ from, to }: Pick<Connection, 'from' | 'to'>): World {
    const names = [...new Set([namespaceOf(from), namespaceOf(to)])];
    const key = names.join('/');
    const known = this.worlds.get(key);
    if (known !== undefined) return known;
    const policies = names.flatMap((name) => this.byNamespace.get(name) ?? []);
    const made = { namespaces: this.namespaces, pods: [], policies };
    this.worlds.set(key, made);
    return made;
  }

  verdict(connection: Connection): Verdict {
    return evaluate(this.worldFor(connection), connection, this.profile);
  }

  /** True when no side that the cluster's policies govern forbids it. */
  admits({ connection, own }: ObservedConnection): boolean {
    const verdict = this.verdict(connection);
    return verdict.reason !== 'policy' || own.every((direction) => verdict[direction].allowed);
  }

  /** The rules of a verdict, with their policies themselves. */
  rulesOf(
    verdict: DirectionVerdict,
    connection: Connection,
  ): readonly { readonly policy: NetworkPolicy; readonly rule: number }[] {
    const { policies } = this.worldFor(connection);
    return verdict.allowedBy.flatMap(({ policy: index, rule }) => {
      const policy = policies[index];
      return policy === undefined ? [] : [{ policy, rule }];
    });
  }

  selectingOf(verdict: DirectionVerdict, connection: Connection): readonly NetworkPolicy[] {
    const { policies } = this.worldFor(connection);
    return verdict.selecting.flatMap((index) => policies[index] ?? []);
  }
}

/** Whether policies isolate a pod does not depend on whom it talks to: any address will do to ask the judge. */
const ELSEWHERE = { kind: 'address', ip: '192.0.2.1' } as const;

/** The policies that isolate a pod in one direction. */
export function isolatingOf(
  bench: PolicyBench,
  pod: WorldPod,
  direction: PolicyDirection,
): readonly NetworkPolicy[] {
  const self = { kind: 'pod', pod } as const;
  const ends = direction === 'ingress' ? { from: ELSEWHERE, to: self } : { from: self, to: ELSEWHERE };
  const connection = { ...ends, protocol: 'TCP', port: 1 } as const;
  return bench.selectingOf(bench.verdict(connection)[direction], connection);
}

export const isIsolated = (bench: PolicyBench, pod: WorldPod, direction: PolicyDirection): boolean =>
  isolatingOf(bench, pod, direction).length > 0;
