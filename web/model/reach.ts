import type { GraphEdge, GraphNode } from '#contract/graph.ts';
import { compareText } from '#core/order.ts';
import { workloadText } from './asked-ends.ts';
import type { Blast } from './ports.ts';

/** Under which policies a reach is looked at: those the cluster has, or the proposal's in their place. */
export const UNDER = ['now', 'proposal'] as const;
export type Under = (typeof UNDER)[number];

/** A reach to be shown on the map. */
export interface Reach {
  /** Id of the workload that is taken over. */
  readonly of: string;
  readonly under: Under;
}

/** A reach as the server answered it. */
export interface Reached extends Reach {
  /** Vertices that are reached in any number of hops, and the workload itself. */
  readonly ids: ReadonlySet<string>;
  /** Workloads that are reached, drawn or not. */
  readonly workloads: number;
}

type Stages = Blast['readings'][number]['stages'][number];
type Stage = Extract<Stages, { readonly byHop: unknown }>;

/** What is reached under one set of policies, counting ports that somebody is known to listen on. */
export interface Reading {
  /** Undefined when there is no proposal, or none was asked about. */
  readonly proposal: Stage | undefined;
  /** The current policies where the server knows them, else none at all. */
  readonly now: Stage | undefined;
}

/** The stages of an answer about one workload. */
export function readingOf(blast: Blast): Reading {
  const stages = (blast.readings.find(({ ports }) => ports === 'listening')?.stages ?? []).filter(
    (each): each is Stage => 'byHop' in each,
  );
  const named = (name: Stage['stage']): Stage | undefined => stages.find(({ stage }) => stage === name);
  return { proposal: named('proposal'), now: named('current') ?? named('open') };
}

/** Workloads, and with ports where they are counted; `undefined` where it is not known. */
export interface HopRow {
  readonly hops: 1 | 2 | 'any';
  readonly now: number | undefined;
  readonly proposal: number | undefined;
  readonly used: number | undefined;
}

/** How many workloads are reached in one, two and any number of hops. */
export function hopRowsOf(blast: Blast): readonly HopRow[] {
  const { now, proposal } = readingOf(blast);
  const fresh = blast.used?.byHop.map(({ workloads }) => workloads.length);
  const used = (hops: number): number | undefined => fresh?.slice(0, hops).reduce((sum, n) => sum + n, 0);
  const within = (stage: Stage | undefined, hops: number): number | undefined =>
    (stage?.byHop[hops - 1] ?? stage?.closure)?.workloads;
  return [
    { hops: 1, now: within(now, 1), proposal: within(proposal, 1), used: used(1) },
    { hops: 2, now: within(now, 2), proposal: within(proposal, 2), used: used(2) },
    {
      hops: 'any',
      now: now?.closure.workloads,
      proposal: proposal?.closure.workloads,
      used: used(fresh?.length ?? 0),
    },
  ];
}

/** A workload that is reached in one hop. `used` is undefined where no flows are known. */
export interface DirectReach {
  readonly workload: string;
  readonly ports: string;
  readonly used: string | undefined;
  readonly isUsed: boolean | undefined;
}

/** Who is reached directly under the proposal, or now where there is none: what was never used comes first. */
export function directReachOf(blast: Blast): readonly DirectReach[] {
  const { proposal, now } = readingOf(blast);
  const uses = blast.used && new Map(blast.used.direct.map(({ workload, text }) => [workload, text]));
  return ((proposal ?? now)?.reached ?? [])
    .filter(({ hops }) => hops === 1)
    .map(({ workload, text }) => ({
      workload,
      ports: text,
      used: uses?.get(workload),
      isUsed: uses?.has(workload),
    }))
    .sort((a, b) => Number(a.isUsed) - Number(b.isUsed) || compareText(a.workload, b.workload));
}

/** The vertex of each workload of a cluster, by the name it has in answers. */
export function workloadIds(nodes: Iterable<GraphNode>, cluster: string): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  for (const node of nodes) {
    const text = workloadText(node);
    if (text !== undefined && (node.cluster ?? cluster) === cluster) ids.set(text, node.id);
  }
  return ids;
}

/** What the map lights of an answer. A reach under a proposal that is not there is the one there is now. */
export function reachedOf(blast: Blast, reach: Reach, nodes: Iterable<GraphNode>): Reached {
  const { proposal, now } = readingOf(blast);
  const isProposed = reach.under === 'proposal' && proposal !== undefined;
  const reached = (isProposed ? proposal : now)?.reached ?? [];
  const known = workloadIds(nodes, blast.cluster);
  const ids = reached.flatMap(({ workload }) => known.get(workload) ?? []);
  return {
    of: reach.of,
    under: isProposed ? 'proposal' : 'now',
    ids: new Set([reach.of, ...ids]),
    workloads: reached.length,
  };
}

/** True when the edge can be a step of whoever took the workload over; every edge is while no reach is shown. */
export function isWithin(reached: Reached | undefined, edge: GraphEdge): boolean {
  if (reached === undefined) return true;
  const isStep = reached.ids.has(edge.from) && reached.ids.has(edge.to) && edge.to !== reached.of;
  return isStep && (reached.under === 'now' || edge.admitted !== 'blocked');
}

/** True when both light the same. */
export function isSameReached(a: Reached | undefined, b: Reached | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const isSameReach = a.of === b.of && a.under === b.under && a.workloads === b.workloads;
  return isSameReach && a.ids.size === b.ids.size && [...a.ids].every((id) => b.ids.has(id));
}
