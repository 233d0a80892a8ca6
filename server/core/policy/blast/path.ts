import type { ClusterPod } from '../cluster/cluster-model.ts';
import { hasBit, NOBODY } from '../fast/bits.ts';
import type { ClassId } from '../fast/end-class.ts';
import type { FastEngine, PortPoint } from '../fast/fast-engine.ts';
import type { ReachGraph } from './reach-graph.ts';
import type { HostedNode, Seat } from './seats.ts';
import type { Spread } from './spread.ts';
import { type Ruling, verdictBench } from './verdict-bench.ts';

/** One connection of a path, from one pod to the next. */
export interface PathHop {
  /** Indexes of workloads. */
  readonly from: number;
  readonly to: number;
  readonly fromPod: ClusterPod;
  readonly toPod: ClusterPod;
  readonly point: PortPoint;
  /** The literal evaluator's word on it; `verdict.allowed` is false only where the two evaluators differ. */
  readonly ruling: Ruling;
}

/** The port that is used where every port counts and a node's own network opens all of them. */
const ANY_POINT: PortPoint = { protocol: 'TCP', port: 1 };

type Step = Pick<PathHop, 'fromPod' | 'toPod' | 'point'>;

/** Which pod is looked for, and who may connect to it. */
type Wanted = readonly [isTarget: (pod: ClusterPod) => boolean, held: readonly ClusterPod[]];

/** The hop at which each pod is reached first; 0 for those the spread starts from. */
function firstHops({ seating }: ReachGraph, spread: Spread, start: number): ReadonlyMap<ClusterPod, number> {
  const { seats, nodes, starts } = seating;
  const hops = new Map<ClusterPod, number>();
  const reach = (pods: readonly ClusterPod[] | undefined, hop: number): void => {
    for (const pod of pods ?? []) if (!hops.has(pod)) hops.set(pod, hop);
  };
  reach(starts[start]?.pods, 0);
  for (const [index, hop] of spread.entries()) {
    for (const id of hop.seats) reach(seats[id]?.pods, index + 1);
    for (const id of hop.nodes) reach(nodes[id]?.everybody.pods, index + 1);
    for (const id of hop.hosts) reach(nodes[id]?.hosts.pods, index + 1);
  }
  return hops;
}

/** Looks back through a spread, hop by hop, for one way it took. */
class Trace {
  private readonly graph: ReachGraph;
  private readonly spread: Spread;
  private readonly hops: ReadonlyMap<ClusterPod, number>;

  constructor(graph: ReachGraph, spread: Spread, start: number) {
    this.graph = graph;
    this.spread = spread;
    this.hops = firstHops(graph, spread, start);
  }

  /** The steps to a workload that is reached first at this hop (from 1). */
  to(workload: number, hop: number): readonly Step[] {
    const steps: Step[] = [];
    let target = (pod: ClusterPod): boolean => pod.workload === workload;
    for (let at = hop; at > 0; at -= 1) {
      const step = this.step(target, at);
      if (step === undefined) return [];
      steps.unshift(step);
      target = (pod) => pod === step.fromPod;
    }
    return steps;
  }

  /** One connection that reached such a pod at this hop, from one that was reached at the hop before and not earlier. */
  private step(isTarget: (pod: ClusterPod) => boolean, hop: number): Step | undefined {
    const { nodes } = this.graph.seating;
    const held = [...this.hops].filter(([, at]) => at === hop - 1).map(([pod]) => pod);
    const { seats = [], nodes: whole = [], hosts = [], from = [] } = this.spread[hop - 1] ?? {};
    const wanted: Wanted = [(pod) => isTarget(pod) && this.hops.get(pod) === hop, held];
    const ways = [
      ...seats.map((id) => () => this.stepToSeat(id, from, wanted)),
      ...whole.map((id) => () => this.stepOnNode(nodes[id], wanted)),
      ...hosts.map((id) => () => this.stepToNode(nodes[id], wanted)),
    ];
    for (const way of ways) {
      const step = way();
      if (step !== undefined) return step;
    }
    return undefined;
  }

  private stepToSeat(id: number, from: readonly ClassId[], [isTarget, held]: Wanted): Step | undefined {
    const { engine, rows, seating } = this.graph;
    const seat = seating.seats[id];
    const toPod = seat?.pods.find(isTarget);
    const classId = from.find((each) => hasBit(rows[each] ?? NOBODY, id));
    if (seat === undefined || toPod === undefined || classId === undefined) return undefined;
    const fromPod = held.find(({ pod }) => engine.classOf({ kind: 'pod', pod }) === classId);
    const point = pointBetween(engine, classId, seat);
    return fromPod === undefined || point === undefined ? undefined : { fromPod, toPod, point };
  }

  /** A pod on its node's network reaches every pod of the node. */
  private stepOnNode(node: HostedNode | undefined, [isTarget, held]: Wanted): Step | undefined {
    const toPod = node?.everybody.pods.find(isTarget);
    const fromPod = held.find(({ pod }) => pod.hostNetwork && pod.node === node?.name);
    return fromPod && toPod && { fromPod, toPod, point: this.anyPortOf(toPod) };
  }

  /** Where the network has it so, a pod reaches those that are its own node. */
  private stepToNode(node: HostedNode | undefined, [isTarget, held]: Wanted): Step | undefined {
    const toPod = node?.hosts.pods.find(isTarget);
    const fromPod = held.find(({ pod }) => pod.node === node?.name);
    return fromPod && toPod && { fromPod, toPod, point: this.anyPortOf(toPod) };
  }

  private anyPortOf({ workload }: ClusterPod): PortPoint {
    return this.graph.request.listeners?.points[workload]?.[0] ?? ANY_POINT;
  }
}

/** The first port on which a class reaches a seat where it listens. */
function pointBetween(engine: FastEngine, from: number, seat: Seat): PortPoint | undefined {
  const points = seat.points ?? engine.intervals().map(({ protocol, from: port }) => ({ protocol, port }));
  return points.find((point) => engine.admits(from, seat.classId, point));
}

/** A shortest way to a workload first reached at this hop, each connection of it put before the literal evaluator. */
export function pathTo(
  graph: ReachGraph,
  spread: Spread,
  ends: { readonly start: number; readonly target: number; readonly hop: number },
): readonly PathHop[] {
  const judge = verdictBench(graph.world, graph.request.profile);
  return new Trace(graph, spread, ends.start).to(ends.target, ends.hop).map(({ fromPod, toPod, point }) => {
    const from = { kind: 'pod', pod: fromPod.pod } as const;
    const to = { kind: 'pod', pod: toPod.pod } as const;
    const ruling = judge({ from, to, ...point });
    return { from: fromPod.workload, to: toPod.workload, fromPod, toPod, point, ruling };
  });
}
