import type { Edge } from '#core/graph/edge.ts';
import { describePeer, parseWorkloadId } from '#core/identity/peer.ts';
import { compareText, sortedText } from '#core/order.ts';
import { isPolicyProtocol } from '../cell.ts';
import { passedOf } from '../replay/blocked-edge.ts';
import type { PolicyProtocol } from '../world.ts';
import type { PodPort, PortUse, Usage } from './door.ts';

/** A port as flows know it: flows may not know the kind of a workload. */
export interface SeenPort {
  readonly namespace: string;
  readonly name: string;
  readonly protocol: PolicyProtocol;
  readonly port: number;
}

interface Tally {
  readonly at: SeenPort;
  readonly edges: Edge[];
}

const nameOf = ({ namespace, name }: Pick<SeenPort, 'namespace' | 'name'>): string => `${namespace}/${name}`;

const keyOf = (at: SeenPort): string => `${nameOf(at)}|${at.protocol}|${at.port}`;

function summedUse(edges: readonly Edge[]): PortUse {
  const by = new Map<string, number>();
  for (const edge of edges) {
    const peer = describePeer(edge.from);
    by.set(peer, (by.get(peer) ?? 0) + passedOf(edge));
  }
  const sum = (count: (edge: Edge) => number): number =>
    edges.reduce((total, edge) => total + count(edge), 0);
  const passed = edges.filter((edge) => passedOf(edge) > 0);
  return {
    conversations: sum(passedOf),
    answered: sum(({ conversations }) => conversations.answered),
    denied: sum(({ outcomes }) => outcomes.denied),
    lastSeenAt: (passed.length > 0 ? passed : edges).reduce(
      (last, edge) => Math.max(last, edge.lastSeenAt),
      0,
    ),
    by: [...by]
      .map(([peer, conversations]) => ({ peer, conversations }))
      .filter(({ conversations }) => conversations > 0)
      .sort((a, b) => b.conversations - a.conversations || compareText(a.peer, b.peer)),
    services: sortedText(new Set(edges.flatMap(({ services }) => [...services]))),
    isPerhaps: passed.length > 0 && passed.every(({ port }) => port === 'many'),
  };
}

/** What a recording shows of the ports of one cluster. Memory grows with edges. */
export class PortUses {
  private readonly tallies = new Map<string, Tally>();
  /** Edges whose port is one of many. */
  private readonly vague = new Map<string, Edge[]>();
  private readonly workloads = new Set<string>();

  constructor(edges: Iterable<Edge>, cluster: string) {
    for (const edge of edges) {
      for (const peer of [edge.from, edge.to])
        if (peer.kind === 'workload' && parseWorkloadId(peer.id).cluster === cluster)
          this.workloads.add(nameOf(parseWorkloadId(peer.id)));
      this.add(edge, cluster);
    }
  }

  private add(edge: Edge, cluster: string): void {
    const { to, protocol, port } = edge;
    if (to.kind !== 'workload' || !isPolicyProtocol(protocol) || port === 'none') return;
    const owner = parseWorkloadId(to.id);
    if (owner.cluster !== cluster) return;
    const { namespace, name } = owner;
    if (port === 'many') {
      const key = `${nameOf(owner)}|${protocol}`;
      this.vague.set(key, [...(this.vague.get(key) ?? []), edge]);
      return;
    }
    const at = { namespace, name, protocol, port };
    const known = this.tallies.get(keyOf(at));
    if (known === undefined) this.tallies.set(keyOf(at), { at, edges: [edge] });
    else known.edges.push(edge);
  }

  /** Ports of which a server answered at least once. */
  answering(): readonly SeenPort[] {
    return [...this.tallies.values()]
      .filter(({ edges }) => edges.some(({ conversations }) => conversations.answered > 0))
      .map(({ at }) => at);
  }

  usageOf({ workload, protocol, port }: Omit<PodPort, 'doors'>, isUngoverned: boolean): Usage {
    const at = { namespace: workload.namespace, name: workload.name, protocol, port };
    const own = this.tallies.get(keyOf(at))?.edges ?? [];
    const vague = this.vague.get(`${nameOf(at)}|${protocol}`) ?? [];
    const edges = own.length > 0 ? own : vague;
    if (edges.length > 0) {
      const use = summedUse(edges);
      if (use.conversations > 0) return { kind: 'used', use };
      if (use.denied > 0) return { kind: 'denied', use };
    }
    if (isUngoverned) return { kind: 'host-network' };
    return { kind: this.workloads.has(nameOf(at)) ? 'unused' : 'workload-unseen' };
  }
}
