import type { PeerKey } from '#core/identity/peer.ts';
import { peerKey } from '#core/identity/peer.ts';
import type { CellEdge } from '../cell.ts';
import { isPolicyProtocol } from '../cell.ts';
import { policyId } from '../certify/content-hash.ts';
import { type Court, type StandIn, worldWith } from '../certify/stand-ins.ts';
import { endpointsOf } from '../edge-endpoints.ts';
import { evaluate } from '../literal/evaluate.ts';
import type { DirectionVerdict } from '../literal/verdict.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { Endpoint } from '../world.ts';

/** `shop/web-3f2a egress[0]`: a rule as certificates name it. */
export const ruleName = (policy: NetworkPolicy, direction: 'ingress' | 'egress', index: number): string =>
  `${policyId(policy)} ${direction}[${index}]`;

/** Rules of which one is enough to let some connection of these edges through, and what becomes of it without them. */
export interface Reliance {
  readonly rules: readonly string[];
  /** Indexes of edges. */
  readonly edges: ReadonlySet<number>;
}

interface End {
  readonly endpoint: Endpoint;
  readonly selecting: StandIn['selecting'];
}

const NOBODY: StandIn['selecting'] = { ingress: [], egress: [] };

type Stands = ReadonlyMap<PeerKey, readonly StandIn[]>;

function standsOf(standIns: readonly StandIn[]): Stands {
  const stands = new Map<PeerKey, StandIn[]>();
  for (const each of standIns) stands.set(each.place, [...(stands.get(each.place) ?? []), each]);
  return stands;
}

/** Whoever may have been one end; the server of a pair of replicas is another pod than its client. */
function endsOf(edge: CellEdge, side: 'from' | 'to', stands: Stands): readonly End[] {
  const peer = edge[side];
  if (peer.kind !== 'workload') {
    return peer.kind === 'other-external'
      ? []
      : endpointsOf(peer, edge.addresses, () => []).map((endpoint) => ({ endpoint, selecting: NOBODY }));
  }
  const isSelf = side === 'to' && edge.from.kind === 'workload' && edge.from.id === peer.id;
  return (stands.get(peerKey(peer)) ?? []).map(({ pod, twin, selecting }) => ({
    endpoint: { kind: 'pod', pod: isSelf ? twin : pod },
    selecting,
  }));
}

/** The rules that let a connection through, by the literal evaluator; a side that is open or closed relies on none. */
class Relying {
  private readonly groups = new Map<
    string,
    { readonly rules: readonly string[]; readonly edges: Set<number> }
  >();

  note(
    index: number,
    { isolated, allowedBy, direction }: DirectionVerdict,
    policies: readonly NetworkPolicy[],
  ): void {
    if (!isolated || allowedBy.length === 0) return;
    const rules = allowedBy.flatMap(({ policy, rule }) => {
      const named = policies[policy];
      return named === undefined ? [] : [ruleName(named, direction, rule)];
    });
    const key = rules.join('\n');
    const group = this.groups.get(key) ?? { rules, edges: new Set() };
    group.edges.add(index);
    this.groups.set(key, group);
  }

  all(): readonly Reliance[] {
    return [...this.groups.values()];
  }
}

/** Edges between two chances to do other work. */
const EDGES_A_STEP = 100;

/** Every pair of ends that could have made the connections of an edge. */
const pairsOf = (edge: CellEdge, stands: Stands): readonly (readonly [from: End, to: End])[] =>
  endsOf(edge, 'from', stands).flatMap((from) => endsOf(edge, 'to', stands).map((to) => [from, to] as const));

/**
 * On which rules each edge relies, whichever pods its ends are: asked of the literal evaluator, connection by
 * connection, under the policies that select either end. Since rules only ever allow, a rule is needed where it is the
 * only one of its list. Grows with edges × pods that stand for their ends.
 */
export function* findingReliance(
  court: Court,
  standIns: readonly StandIn[],
  edges: readonly CellEdge[],
): Generator<undefined, readonly Reliance[]> {
  const stands = standsOf(standIns);
  const relying = new Relying();
  for (const [index, edge] of edges.entries()) {
    if (index % EDGES_A_STEP === 0) yield undefined;
    const { protocol, port } = edge;
    if (!isPolicyProtocol(protocol) || typeof port !== 'number') continue;
    for (const [from, to] of pairsOf(edge, stands)) {
      const policies = [...new Set([...from.selecting.egress, ...to.selecting.ingress])];
      const ends = { from: from.endpoint, to: to.endpoint, protocol, port };
      const verdict = evaluate(worldWith(court, policies), ends, court.profile);
      if (verdict.reason !== 'policy') continue;
      relying.note(index, verdict.egress, policies);
      relying.note(index, verdict.ingress, policies);
    }
  }
  return relying.all();
}
