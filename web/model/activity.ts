import { MINUTE_MS, minuteOf } from '#core/flow/time.ts';
import type { LiveGraph } from './live-graph.ts';

/** Conversations of one minute of the data's clock. */
export interface MinuteActivity {
  readonly at: number;
  readonly conversations: number;
  readonly denied: number;
}

/** What happened since the page began to listen, by minute, oldest first. */
export type Activity = readonly MinuteActivity[];

const KEPT_MINUTES = 1440;

/** The activity with what the graph gained between two moments, counted in the later one's minute. */
export function withGain(activity: Activity, before: LiveGraph, after: LiveGraph): Activity {
  let conversations = 0;
  let denied = 0;
  for (const edge of after.edgesById.values()) {
    const old = before.edgesById.get(edge.id);
    if (old === edge) continue;
    conversations += Math.max(edge.conversations - (old?.conversations ?? 0), 0);
    denied += Math.max(edge.denied - (old?.denied ?? 0), 0);
  }
  if (conversations === 0) return activity;
  const at = minuteOf(after.now);
  const last = activity.at(-1);
  if (last === undefined || last.at < at) {
    return [...activity, { at, conversations, denied }].slice(-KEPT_MINUTES);
  }
  return [
    ...activity.slice(0, -1),
    { at: last.at, conversations: last.conversations + conversations, denied: last.denied + denied },
  ];
}

/** Edges first seen in one slice of time. */
export interface FirstSeen {
  readonly from: number;
  readonly until: number;
  readonly edges: number;
  /** Of them, not in the baseline. */
  readonly newEdges: number;
}

/** The span cut into at most `slices` of whole minutes, each with the edges that were first seen in it. */
export function firstSeenBySlice(graph: LiveGraph, slices: number): readonly FirstSeen[] {
  if (graph.span === null) return [];
  const from = minuteOf(graph.span.from);
  const width = Math.max(MINUTE_MS, Math.ceil((graph.span.until - from) / slices / MINUTE_MS) * MINUTE_MS);
  const count = Math.max(1, Math.ceil((graph.span.until - from + 1) / width));
  const counts = Array.from({ length: count }, () => ({ edges: 0, newEdges: 0 }));
  for (const edge of graph.edgesById.values()) {
    const slice = counts[Math.min(Math.max(Math.floor((edge.firstSeenAt - from) / width), 0), count - 1)];
    if (slice === undefined) continue;
    slice.edges += 1;
    slice.newEdges += edge.state === 'new' ? 1 : 0;
  }
  return counts.map((slice, i) => ({ from: from + i * width, until: from + (i + 1) * width, ...slice }));
}
