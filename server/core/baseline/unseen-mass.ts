import { type EpochMs, MINUTE_MS, minuteOf } from '#core/flow/time.ts';
import type { Edge } from '#core/graph/edge.ts';
import { minutesInside } from './training-slice.ts';
import type { TrainingWindow } from './training-window.ts';

/** Time windows a span is cut into at most. */
const TIME_WINDOWS = 60;

/** How often edges were met again, counted in (edge, time window) pairs. */
export interface Incidence {
  readonly edges: number;
  /** Edges met in one time window only. */
  readonly once: number;
  /** All pairs. */
  readonly total: number;
  /** Length of one time window, in ms: whole minutes, which is what edges are kept by. */
  readonly windowMs: number;
  /** Good and Turing's estimate of the share of pairs that no edge here stands for, 0 to 1; 1 for no data. */
  readonly unseenMass: number;
}

/** Minutes of the edge within the span; undefined when it was not seen there. */
function minutesSeen(edge: Edge, span: TrainingWindow): EpochMs[] | undefined {
  if (edge.firstSeenAt >= span.until || edge.lastSeenAt < span.from) return undefined;
  const minutes = minutesInside(edge, span).map(([minute]) => minute);
  const isForgotten = edge.minutes.size === 0; // its history was dropped to save memory
  return minutes.length > 0 || isForgotten ? minutes : undefined;
}

/**
 * The estimate is I. J. Good's ("The population frequencies of species and the estimation of population parameters",
 * Biometrika 40, 1953): what was met once, divided by everything met. A span shorter than two time windows counts as one
 * even where it touches two minutes: there is nothing to meet again in it, so the unseen mass is 1.
 */
export function incidenceOf(edges: Iterable<Edge>, span: TrainingWindow): Incidence {
  const from = minuteOf(span.from);
  const spanMs = span.until - span.from;
  const windowMs = Math.max(1, Math.ceil(spanMs / TIME_WINDOWS / MINUTE_MS)) * MINUTE_MS;
  const slotMs = spanMs < 2 * windowMs ? Number.POSITIVE_INFINITY : windowMs;
  let [count, once, total] = [0, 0, 0];
  for (const edge of edges) {
    const minutes = minutesSeen(edge, span);
    if (minutes === undefined) continue;
    const slots = new Set(minutes.map((minute) => Math.floor((minute - from) / slotMs)));
    const met = Math.max(1, slots.size);
    count += 1;
    total += met;
    if (met === 1) once += 1;
  }
  return { edges: count, once, total, windowMs, unseenMass: total === 0 ? 1 : once / total };
}

/** How many hours of the span, counted from its start, hold at least one conversation of these edges. */
export function hoursCovered(edges: Iterable<Edge>, span: TrainingWindow): number {
  const hours = new Set<number>();
  for (const edge of edges) {
    for (const minute of minutesSeen(edge, span) ?? []) {
      hours.add(Math.floor((minute - minuteOf(span.from)) / (60 * MINUTE_MS)));
    }
  }
  return hours.size;
}
