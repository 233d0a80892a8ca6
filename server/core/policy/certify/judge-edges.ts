import type { EdgePort } from '#core/graph/edge.ts';
import type { Peer, WorkloadId } from '#core/identity/peer.ts';
import { type CellEdge, isPolicyProtocol } from '../cell.ts';
import { evaluate } from '../literal/evaluate.ts';
import type { Verdict } from '../literal/verdict.ts';
import type { Connection, Endpoint, World } from '../world.ts';
import { type Court, type StandIn, worldWith } from './stand-ins.ts';

/** Answers whether the policies admit an edge: every way in which its ends could have made the connection. */
export type EdgeJudge = (edge: CellEdge) => boolean;

type Stands = ReadonlyMap<WorkloadId, readonly StandIn[]>;

const outsideEndpoints = (peer: Peer, addresses: readonly string[]): readonly Endpoint[] => {
  switch (peer.kind) {
    case 'entity': {
      const { entity } = peer;
      const known = addresses.map((ip): Endpoint => ({ kind: 'entity', entity, ip }));
      return known.length > 0 ? known : [{ kind: 'entity', entity }];
    }
    case 'cidr':
    case 'fqdn': {
      const own = peer.kind === 'cidr' ? [peer.cidr.replace(/\/\d+$/, '')] : [];
      return (addresses.length > 0 ? addresses : own).map((ip): Endpoint => ({ kind: 'address', ip }));
    }
    default:
      return [];
  }
};

function endpointsOf(peer: Peer, edge: CellEdge, pods: readonly StandIn[]): readonly Endpoint[] {
  if (peer.kind !== 'workload') return outsideEndpoints(peer, edge.addresses);
  return pods.map(({ pod }): Endpoint => ({ kind: 'pod', pod }));
}

/** Replicas talk with each other, never with themselves: the server of such a pair is another pod of its kind. */
function serverEndpoints(edge: CellEdge, pods: readonly StandIn[]): readonly Endpoint[] {
  const isSelf = edge.from.kind === 'workload' && edge.to.kind === 'workload' && edge.from.id === edge.to.id;
  if (!isSelf) return endpointsOf(edge.to, edge, pods);
  return pods.map(({ twin }): Endpoint => ({ kind: 'pod', pod: twin }));
}

type Answer = (connection: Connection) => Verdict;

/** Nothing about the port matters where policies have no say: a node may always reach the pods it runs. */
function isFree(ends: Pick<Connection, 'from' | 'to'>, answer: Answer): boolean {
  const { allowed, reason } = answer({ ...ends, protocol: 'TCP', port: 1 });
  return allowed && reason !== 'policy';
}

function isAdmitted(
  ends: Pick<Connection, 'from' | 'to'>,
  { protocol, port }: { protocol: string; port: EdgePort },
  answer: Answer,
): boolean {
  if (!isPolicyProtocol(protocol) || typeof port !== 'number') return isFree(ends, answer);
  return answer({ ...ends, protocol, port }).allowed;
}

/** A judge over all policies at once, nothing left out for speed. */
export function edgeJudge(court: Court, standIns: readonly StandIn[]): EdgeJudge {
  const world: World = worldWith(court, court.policies);
  const stands: Stands = groupStands(standIns);
  const podsOf = (peer: Peer): readonly StandIn[] =>
    peer.kind === 'workload' ? (stands.get(peer.id) ?? []) : [];
  const answer: Answer = (connection) => evaluate(world, connection, court.profile);
  return (edge) => {
    const froms = endpointsOf(edge.from, edge, podsOf(edge.from));
    const tos = serverEndpoints(edge, podsOf(edge.to));
    if (froms.length === 0 || tos.length === 0) return false;
    return froms.every((from) => tos.every((to) => isAdmitted({ from, to }, edge, answer)));
  };
}

function groupStands(standIns: readonly StandIn[]): Stands {
  const groups = new Map<WorkloadId, StandIn[]>();
  for (const standIn of standIns) {
    groups.set(standIn.workload, [...(groups.get(standIn.workload) ?? []), standIn]);
  }
  return groups;
}
