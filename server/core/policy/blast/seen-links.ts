import { type Edge, isAllowedEvidence } from '#core/graph/edge.ts';
import { describePeer, type Peer, parseWorkloadId } from '#core/identity/peer.ts';
import { isPolicyProtocol } from '../cell.ts';
import type { ClusterModel } from '../cluster/cluster-model.ts';
import type { PortPoint } from '../fast/fast-engine.ts';

/** What one edge of a recording says about the workloads of a model. */
export interface SeenLink {
  /** Index of the workload that connected; undefined for whoever is none of the model. */
  readonly from: number | undefined;
  /** Index of the workload that was connected to. */
  readonly to: number | undefined;
  /** The other end in words, as `describePeer` has it. */
  readonly toText: string;
  /** Undefined for protocols without ports, and where there were too many to tell. */
  readonly point: PortPoint | undefined;
  /** Every conversation was refused: nobody listened. */
  readonly isRefused: boolean;
}

type Places = (peer: Peer) => number | undefined;

/** Flows do not always know an owner's kind: then the name in its namespace is enough. */
function placesIn({ workloads }: ClusterModel, cluster: string): Places {
  const byName = new Map<string, number>();
  for (const [index, { namespace, kind, name }] of workloads.entries()) {
    byName.set(`${namespace}/${kind}/${name}`, index);
    if (!byName.has(`${namespace}/${name}`)) byName.set(`${namespace}/${name}`, index);
  }
  return (peer) => {
    if (peer.kind !== 'workload') return undefined;
    const { namespace, kind, name, cluster: own } = parseWorkloadId(peer.id);
    if (own !== cluster) return undefined;
    return byName.get(`${namespace}/${kind}/${name}`) ?? byName.get(`${namespace}/${name}`);
  };
}

function pointOf({ protocol, port }: Edge): PortPoint | undefined {
  return isPolicyProtocol(protocol) && typeof port === 'number' ? { protocol, port } : undefined;
}

const isRefused = ({ conversations }: Edge): boolean =>
  conversations.total > 0 && conversations.refused >= conversations.total;

/** The edges that passed when they were recorded and that have an end in the model. */
export function seenLinksOf(
  edges: Iterable<Edge>,
  model: ClusterModel,
  cluster: string,
): readonly SeenLink[] {
  const places = placesIn(model, cluster);
  const links: SeenLink[] = [];
  for (const edge of edges) {
    const [from, to] = [places(edge.from), places(edge.to)];
    if (!isAllowedEvidence(edge) || (from === undefined && to === undefined)) continue;
    const toText = describePeer(edge.to);
    links.push({ from, to, toText, point: pointOf(edge), isRefused: isRefused(edge) });
  }
  return links;
}
