import type { Peer, WorkloadId } from '#core/identity/peer.ts';
import { type CellEdge, isPolicyProtocol } from '../cell.ts';
import { endpointsOf } from '../edge-endpoints.ts';
import { evaluate } from '../literal/evaluate.ts';
import type { Verdict } from '../literal/verdict.ts';
import type { Connection, Endpoint } from '../world.ts';
import { leavingAlone } from './foreign.ts';
import { LocalWorlds } from './local-worlds.ts';
import { type Court, type StandIn, worldWith } from './stand-ins.ts';

/** Answers whether the policies admit an edge: every way in which its ends could have made the connection. */
export type EdgeJudge = (edge: CellEdge) => boolean;

type Stands = ReadonlyMap<WorkloadId, readonly StandIn[]>;

/** Addresses folded beyond every budget name nobody: what is judged must be what a rule could say. */
const standsOf = (peer: Peer, edge: CellEdge, pods: readonly StandIn[]): readonly Endpoint[] =>
  peer.kind === 'other-external' ? [] : endpointsOf(peer, edge.addresses, () => pods.map(({ pod }) => pod));

/** Replicas talk with each other, never with themselves: the server of such a pair is another pod of its kind. */
function serverEndpoints(edge: CellEdge, pods: readonly StandIn[]): readonly Endpoint[] {
  const isSelf = edge.from.kind === 'workload' && edge.to.kind === 'workload' && edge.from.id === edge.to.id;
  if (!isSelf) return standsOf(edge.to, edge, pods);
  return pods.map(({ twin }): Endpoint => ({ kind: 'pod', pod: twin }));
}

type Answer = (connection: Connection) => Verdict;
type Ends = Pick<Connection, 'from' | 'to'>;

/** Nothing about the port matters where policies have no say: a node may always reach the pods it runs. */
function isFree(ends: Ends, answer: Answer): boolean {
  const { allowed, reason } = answer({ ...ends, protocol: 'TCP', port: 1 });
  return allowed && reason !== 'policy';
}

/** A judge over all policies of the namespaces that an edge touches: no others can speak about it. */
export function edgeJudge(court: Court, standIns: readonly StandIn[]): EdgeJudge {
  const worlds = new LocalWorlds(worldWith(court, court.policies));
  const stands: Stands = groupStands(standIns);
  const podsOf = (peer: Peer): readonly StandIn[] =>
    peer.kind === 'workload' ? (stands.get(peer.id) ?? []) : [];
  return (edge) => {
    const { protocol, port } = edge;
    const [clients, servers] = [podsOf(edge.from), podsOf(edge.to)];
    const foreign = { from: isForeign(clients), to: isForeign(servers) };
    const answer: Answer = ({ protocol: asked, port: at, ...ends }) => {
      const { from, to, profile } = leavingAlone({ ...ends, profile: court.profile }, foreign);
      return evaluate(worlds.for(from, to), { from, to, protocol: asked, port: at }, profile);
    };
    const isAdmitted = (ends: Ends): boolean =>
      isPolicyProtocol(protocol) && typeof port === 'number'
        ? answer({ ...ends, protocol, port }).allowed
        : isFree(ends, answer);
    const froms = standsOf(edge.from, edge, clients);
    const tos = serverEndpoints(edge, servers);
    if (froms.length === 0 || tos.length === 0) return false;
    return froms.every((from) => tos.every((to) => isAdmitted({ from, to })));
  };
}

const isForeign = (pods: readonly StandIn[]): boolean => pods.some((pod) => pod.isForeign);

function groupStands(standIns: readonly StandIn[]): Stands {
  const groups = new Map<WorkloadId, StandIn[]>();
  for (const standIn of standIns) {
    groups.set(standIn.workload, [...(groups.get(standIn.workload) ?? []), standIn]);
  }
  return groups;
}
