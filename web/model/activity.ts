import type { FindingView } from '#contract/learning.ts';
import { MINUTE_MS, minuteOf } from '#core/flow/time.ts';
import type { LiveGraph } from './live-graph.ts';

/** The time bar looks back a day: as far as the minutes go. */
const BACK_MS = 1440 * MINUTE_MS;

/** What happened in one slice of time. */
export interface Slice {
  readonly from: number;
  readonly until: number;
  readonly conversations: number;
  readonly denied: number;
  /** Edges first seen in it. */
  readonly edges: number;
  /** Of them, not in the baseline. */
  readonly newEdges: number;
  /** Findings that began in it. */
  readonly findings: number;
}

/** Times in epoch milliseconds; `until` is not part of it. */
export interface Stretch {
  readonly from: number;
  readonly until: number;
}

/** Minutes that a slice is long. */
export const minutesOf = ({ from, until }: Stretch): number => Math.round((until - from) / MINUTE_MS);

/** An edge that went silent did so after its last conversation; every other finding begins with its first. */
const startOf = ({ kind, firstSeenAt, lastSeenAt }: FindingView): number =>
  kind === 'gone-silent' ? lastSeenAt : firstSeenAt;

/**
 * The last day of the span cut into at most `slices` of whole minutes; what came before it is left out. Empty while
 * nothing was seen.
 */
export function activityBySlice(graph: LiveGraph, slices: number): readonly Slice[] {
  const { span } = graph;
  if (span === null) return [];
  const end = minuteOf(span.until) + MINUTE_MS;
  const from = Math.max(minuteOf(span.from), end - BACK_MS);
  const width = Math.max(Math.ceil((end - from) / slices / MINUTE_MS), 1) * MINUTE_MS;
  const counts = Array.from({ length: Math.ceil((end - from) / width) }, () => ({
    conversations: 0,
    denied: 0,
    edges: 0,
    newEdges: 0,
    findings: 0,
  }));
  const sliceAt = (at: number): (typeof counts)[number] | undefined =>
    counts[Math.floor((at - from) / width)];
  for (const { at, conversations, denied } of graph.minutes) {
    const slice = sliceAt(at);
    if (slice === undefined) continue;
    slice.conversations += conversations;
    slice.denied += denied;
  }
  for (const { firstSeenAt, state } of graph.edgesById.values()) {
    const slice = sliceAt(firstSeenAt);
    if (slice === undefined) continue;
    slice.edges += 1;
    slice.newEdges += state === 'new' ? 1 : 0;
  }
  for (const finding of graph.findingsById.values()) {
    const slice = sliceAt(startOf(finding));
    if (slice !== undefined) slice.findings += 1;
  }
  return counts.map((slice, i) => ({ from: from + i * width, until: from + (i + 1) * width, ...slice }));
}
