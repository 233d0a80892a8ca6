import type { ClusterModel } from '../cluster/cluster-model.ts';
import type { PortSet } from '../connections/port-set.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { CniProfile } from '../world.ts';
import { type Doors, doorsOf, pairsAt, portsByWorkload } from './doors.ts';
import type { Listeners } from './listeners.ts';
import { type OutsideReach, outsideOf } from './outside.ts';
import { type PathHop, pathTo } from './path.ts';
import { type ClusterRadius, clusterRadiusOf, type JewelReach } from './radius.ts';
import { type ReachGraph, reachGraphOf } from './reach-graph.ts';
import { spreadFrom, workloadsByHop } from './spread.ts';

/** One set of policies that reach is asked under. */
export const BLAST_STAGES = ['open', 'current', 'proposal'] as const;
export type BlastStage = (typeof BLAST_STAGES)[number];

export interface StagePolicies {
  readonly stage: BlastStage;
  readonly policies: readonly NetworkPolicy[];
}

/** Everything that a compromise may be asked about. */
export interface BlastRequest {
  readonly model: ClusterModel;
  readonly profile: CniProfile;
  /** Undefined: every port that policies allow counts. */
  readonly listeners: Listeners | undefined;
  readonly stages: readonly StagePolicies[];
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** A set of policies with who reaches whom under it. */
export interface StagedGraph {
  readonly stage: BlastStage;
  readonly graph: ReachGraph;
}

/** What is reached within some number of hops. */
export interface HopFigures {
  readonly workloads: number;
  /** Workload-port pairs; every single port counts where no listeners are known. */
  readonly pairs: number;
}

export interface ReachedWorkload {
  readonly workload: number;
  /** Hops it takes, from 1. */
  readonly hops: number;
  /** Ports on which it is first reached. */
  readonly ports: PortSet;
}

/** A workload that must not be reached, and the shortest way to it; none when it is not reached. */
export interface JewelPath {
  readonly jewel: number;
  readonly path: readonly PathHop[];
}

/** What a compromised pod of one workload reaches under one set of policies. */
export interface Blast {
  readonly stage: BlastStage;
  /** By hop, from 1, as many as were asked for. */
  readonly byHop: readonly HopFigures[];
  /** After any number of hops. */
  readonly closure: HopFigures;
  /** Hops until nobody new is reached. */
  readonly hops: number;
  /** Nearest first. */
  readonly reached: readonly ReachedWorkload[];
  readonly outside: {
    readonly direct: readonly OutsideReach[];
    /** Through whoever was reached. */
    readonly closure: readonly OutsideReach[];
  };
  /** Nodes and the API server, whose addresses are not known: reached in one hop, or in some number. */
  readonly entities: { readonly direct: boolean; readonly closure: boolean };
  readonly jewels: readonly JewelPath[];
}

/** Works out who reaches whom, once for each set of policies. */
export const stagedGraphs = ({
  model,
  profile,
  listeners,
  stages,
  onProgress,
}: BlastRequest): readonly StagedGraph[] =>
  stages.map(({ stage, policies }) => ({
    stage,
    graph: reachGraphOf({ model, policies, profile, listeners, onProgress }),
  }));

/** Where somebody is who has no pod. */
const NOWHERE = { classes: [], places: { hosts: [], guests: [] } };

const EVERY_HOP = Number.POSITIVE_INFINITY;

function reachedOf(byHop: readonly (readonly number[])[], { inside }: Doors): readonly ReachedWorkload[] {
  return byHop.flatMap((found, index) => {
    if (found.length === 0) return [];
    const ports = portsByWorkload(inside, index + 1);
    return found.map((workload) => ({ workload, hops: index + 1, ports: ports.get(workload) ?? [] }));
  });
}

/** What a compromised pod of a workload reaches, in one hop, in two, and in any number. */
export function blastOf(
  { stage, graph }: StagedGraph,
  start: number,
  asked: { readonly hops: number; readonly jewels: readonly number[] },
): Blast {
  const spread = spreadFrom(graph, graph.seating.starts[start] ?? NOWHERE);
  const byHop = workloadsByHop(graph, spread, start);
  const doors = doorsOf(graph, spread, start);
  const countAt = (hop: number): number => byHop.slice(0, hop).reduce((sum, found) => sum + found.length, 0);
  const figuresAt = (hop: number): HopFigures => ({
    workloads: countAt(hop),
    pairs: pairsAt(doors.inside, hop),
  });
  const jewels = asked.jewels
    .filter((jewel) => jewel !== start)
    .map((jewel): JewelPath => {
      const hop = byHop.findIndex((found) => found.includes(jewel)) + 1;
      return { jewel, path: hop === 0 ? [] : pathTo(graph, spread, { start, target: jewel, hop }) };
    });
  return {
    stage,
    byHop: Array.from({ length: asked.hops }, (_, index) => figuresAt(index + 1)),
    closure: figuresAt(EVERY_HOP),
    hops: byHop.filter((found) => found.length > 0).length,
    reached: reachedOf(byHop, doors),
    outside: { direct: outsideOf(graph, doors, 1), closure: outsideOf(graph, doors, EVERY_HOP) },
    entities: { direct: doors.entities.some(({ hop }) => hop === 1), closure: doors.entities.length > 0 },
    jewels,
  };
}

/** The cluster's figures under one set of policies. */
export interface ClusterBlast {
  readonly stage: BlastStage;
  readonly radius: ClusterRadius;
  readonly jewels: readonly JewelReach[];
}

/** The figures of a whole cluster, workload by workload. */
export function clusterBlastOf(
  { stage, graph }: StagedGraph,
  jewels: readonly number[],
  onProgress?: (done: number, total: number) => void,
): ClusterBlast {
  const radius = clusterRadiusOf(graph, { jewels, onProgress });
  return { stage, radius: radius.cluster, jewels: radius.jewels };
}
