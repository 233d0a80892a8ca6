import type { Baseline, BaselineEdge } from '#core/baseline/baseline.ts';
import { isEvidence } from '#core/baseline/evidence.ts';
import { learnContent, RULE_ACTOR } from '#core/baseline/learn.ts';
import { dataSpan } from '#core/baseline/readiness-of.ts';
import { sliceOf } from '#core/baseline/training-slice.ts';
import { type TrainingWindow, touchesScope } from '#core/baseline/training-window.ts';
import { type EpochMs, minuteOf } from '#core/flow/time.ts';
import type { Edge, EdgeKey } from '#core/graph/edge.ts';
import type { SeenWorld } from '#core/identity/seen-pod.ts';
import { sortedBy } from '#core/order.ts';

/** Where the training window is cut. */
export interface Split {
  /** The part of the window that data exists for. */
  readonly span: TrainingWindow;
  /** A full minute, so that no minute lies on both sides. */
  readonly cutAt: EpochMs;
  /** At least one full minute lies on each side. */
  readonly isPossible: boolean;
}

/** Cuts the last `share` (above 0, below 1) off the part of the window that data exists for. */
export function splitOf({ window, coverage }: Pick<Baseline, 'window' | 'coverage'>, share: number): Split {
  const span = dataSpan(window, coverage);
  const cutAt = minuteOf(span.until - (span.until - span.from) * share);
  return { span, cutAt, isPossible: cutAt > minuteOf(span.from) && cutAt < span.until };
}

/** Minutes that were dropped to save memory leave an edge that begins before its first minute. */
const hasLostMinutes = ({ minutes, firstSeenAt }: Edge): boolean => !minutes.has(minuteOf(firstSeenAt));

const partOf = (edge: Edge, window: TrainingWindow): Edge | undefined =>
  sliceOf(edge, window, hasLostMinutes(edge) ? edge.firstSeenAt + 1 : undefined);

/** Everybody met before the cut, with the labels they had then. */
const worldBefore = (world: SeenWorld, cutAt: EpochMs): SeenWorld => ({
  ...world,
  pods: world.pods.filter(({ firstSeenAt }) => firstSeenAt < cutAt),
});

/**
 * Everybody met from the cut on: their labels are those the rest is judged by. Who was not met there, although an edge
 * of theirs may reach into it, stands as he was last seen.
 */
export function worldAfter(world: SeenWorld, cutAt: EpochMs): SeenWorld {
  const later = world.pods.filter(({ lastSeenAt }) => lastSeenAt >= cutAt);
  const present = new Set(later.map(({ workload }) => workload));
  return {
    ...world,
    pods: world.pods.filter((pod) => pod.lastSeenAt >= cutAt || !present.has(pod.workload)),
  };
}

/** A decision that goes against an edge holds for its first part too; what was accepted must earn it again there. */
const standing = (row: BaselineEdge): BaselineEdge =>
  row.decision === 'accepted' || row.actor !== RULE_ACTOR ? row : { ...row, actor: 'hold-out' };

/**
 * The baseline as it would have been learnt at the cut, from the edges that this one keeps: the same rules hold edges for
 * review, on what was known then. People's decisions stay. Edges through which nothing passed are in no baseline, so a
 * scan of which every attempt was denied is not seen here.
 */
export function baselineBefore(baseline: Baseline, { span, cutAt }: Split): Baseline {
  const window = { from: baseline.window.from, until: cutAt };
  const parts = [...baseline.edges.values()]
    .map(({ edge }) => partOf(edge, { from: span.from, until: cutAt }))
    .filter((edge) => edge !== undefined);
  const edges = new Map(parts.map((edge): [EdgeKey, Edge] => [edge.key, edge]));
  const decided = [...baseline.edges].map(([key, row]): [EdgeKey, BaselineEdge] => [key, standing(row)]);
  const content = learnContent({
    // The parts are cut already: no minute of them may be looked for again.
    graph: { edges, peers: new Map(), span: undefined, historyFrom: Number.POSITIVE_INFINITY },
    world: worldBefore(baseline.world, cutAt),
    coverage: baseline.coverage,
    scope: baseline.scope,
    window,
    previous: { ...baseline, edges: new Map(decided) },
  });
  // Nobody ever meets it by its id.
  return { ...content, id: baseline.id, version: baseline.version };
}

/** What of the scope's edges passed from the cut on, by key; addresses that were only used before it are left out. */
export function edgesAfter(baseline: Baseline, { cutAt }: Split): readonly Edge[] {
  const window = { from: cutAt, until: baseline.window.until };
  return sortedBy(baseline.edges.values(), ({ edge }) => edge.key)
    .map(({ edge }) => partOf(edge, window))
    .filter(
      (edge) => edge !== undefined && isEvidence(edge) && touchesScope(baseline.scope, edge.from, edge.to),
    )
    .map((edge) => ({
      ...(edge as Edge),
      addresses: new Map([...(edge as Edge).addresses].filter(([, { lastSeenAt }]) => lastSeenAt >= cutAt)),
    }));
}
