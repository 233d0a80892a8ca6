import { type Bits, hasBit, onesIn, setBit, wordsFor } from '../fast/bits.ts';
import type { ReachGraph } from './reach-graph.ts';
import type { Start } from './seats.ts';
import { spreadFrom, workloadsIn } from './spread.ts';

/** How far a compromised pod of one workload gets. Counts are of other workloads. */
export interface Radius {
  readonly workload: number;
  readonly direct: number;
  /** After any number of hops. */
  readonly reached: number;
  /** Hops until nobody new is reached. */
  readonly hops: number;
  /** It reaches some address outside itself, in one hop. */
  readonly leaves: boolean;
}

/** The figure of a whole cluster. */
export interface ClusterRadius {
  /** Workloads that have a living pod: those that can be compromised and reached. */
  readonly workloads: number;
  readonly meanDirect: number;
  readonly meanReached: number;
  readonly worstReached: number;
  /** Ordered pairs of different workloads of which the first reaches the second in one hop, and in any number. */
  readonly directPairs: number;
  readonly reachedPairs: number;
  /** Largest first. */
  readonly radii: readonly Radius[];
}

/** A workload that must not be reached, and how many others reach it. */
export interface JewelReach {
  readonly jewel: number;
  readonly direct: number;
  /** In any number of hops. */
  readonly reached: number;
}

type Done = ((done: number, total: number) => void) | undefined;

/** A walk, with the workloads it reached as sets of indexes. */
interface Known {
  readonly direct: Bits;
  readonly reached: Bits;
  readonly hops: number;
}

function walked(graph: ReachGraph, start: Start): Known {
  const reached = new Uint32Array(wordsFor(graph.request.model.workloads.length));
  let direct: Bits | undefined;
  const spread = spreadFrom(graph, start);
  for (const hop of spread) {
    for (const workloads of workloadsIn(graph, hop)) for (const own of workloads) setBit(reached, own);
    direct ??= reached.slice();
  }
  return { direct: direct ?? reached, reached, hops: spread.length };
}

/** Counts who reaches the workloads that must not be reached. */
class JewelCount {
  all: readonly JewelReach[];

  constructor(jewels: readonly number[]) {
    this.all = jewels.map((jewel) => ({ jewel, direct: 0, reached: 0 }));
  }

  add(workload: number, walk: Known): void {
    this.all = this.all.map((each) => {
      if (each.jewel === workload) return each;
      const [direct, reached] = [hasBit(walk.direct, each.jewel), hasBit(walk.reached, each.jewel)];
      return { ...each, direct: each.direct + Number(direct), reached: each.reached + Number(reached) };
    });
  }
}

/** Workloads whose pods policies can not tell apart walk the same way. */
const startKey = ({ classes, places }: Start): string =>
  [classes, places.hosts, places.guests].map((each) => each.join()).join('|');

const sizeWithout = (set: Bits, own: number): number =>
  set.reduce((sum, word) => sum + onesIn(word), 0) - (hasBit(set, own) ? 1 : 0);

/**
 * The radius of every workload, one walk for each kind of pod. Work grows with kinds × classes × seats ÷ 32: 2 000
 * workloads that policies all tell apart are a quarter of a billion steps.
 */
export function clusterRadiusOf(
  graph: ReachGraph,
  asked: { readonly jewels: readonly number[]; readonly onProgress?: Done },
): { readonly cluster: ClusterRadius; readonly jewels: readonly JewelReach[] } {
  const { seating } = graph;
  const known = new Map<string, Known>();
  const living = [...seating.starts.entries()].filter(([, { pods }]) => pods.length > 0);
  const jewels = new JewelCount(asked.jewels);
  const radii = living.map(([workload, start], done): Radius => {
    asked.onProgress?.(done, living.length);
    const key = startKey(start);
    const walk = known.get(key) ?? walked(graph, start);
    known.set(key, walk);
    jewels.add(workload, walk);
    return {
      workload,
      direct: sizeWithout(walk.direct, workload),
      reached: sizeWithout(walk.reached, workload),
      hops: walk.hops,
      leaves: start.classes.some((id) => graph.leaving.has(id)),
    };
  });
  return { cluster: summedUp(radii), jewels: jewels.all };
}

function summedUp(radii: readonly Radius[]): ClusterRadius {
  const directPairs = radii.reduce((sum, { direct }) => sum + direct, 0);
  const reachedPairs = radii.reduce((sum, { reached }) => sum + reached, 0);
  const count = Math.max(1, radii.length);
  return {
    workloads: radii.length,
    meanDirect: directPairs / count,
    meanReached: reachedPairs / count,
    worstReached: radii.reduce((most, { reached }) => Math.max(most, reached), 0),
    directPairs,
    reachedPairs,
    radii: radii.toSorted((a, b) => b.reached - a.reached || b.direct - a.direct || a.workload - b.workload),
  };
}
