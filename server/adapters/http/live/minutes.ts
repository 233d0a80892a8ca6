import type { GraphMinute } from '#contract/graph.ts';
import { MINUTE_MS, minuteOf } from '#core/flow/time.ts';
import type { Moment } from './moment.ts';

/** Minutes a picture holds at most: a day. */
export const MINUTES_AT_MOST = 1440;

/** The edges' minutes added up, oldest first, for the last {@link MINUTES_AT_MOST} minutes of data. */
export function minuteViews({ graph, now }: Moment): GraphMinute[] {
  const from = minuteOf(now) - (MINUTES_AT_MOST - 1) * MINUTE_MS;
  const sums = new Map<number, { conversations: number; denied: number }>();
  for (const edge of graph.edges.values()) {
    if (edge.lastSeenAt < from) continue;
    for (const [at, { conversations, denied }] of edge.minutes) {
      if (at < from) continue;
      const sum = sums.get(at);
      if (sum === undefined) sums.set(at, { conversations, denied });
      else {
        sum.conversations += conversations;
        sum.denied += denied;
      }
    }
  }
  return [...sums]
    .filter(([, { conversations }]) => conversations > 0)
    .sort(([a], [b]) => a - b)
    .map(([at, sum]) => ({ at, ...sum }));
}

/** The rows that make `after` out of `before`: those that are new or other, and empty ones for those that went. */
export function minuteChanges(before: readonly GraphMinute[], after: readonly GraphMinute[]): GraphMinute[] {
  const known = new Map(before.map((row) => [row.at, row]));
  const changed = after.filter(({ at, conversations, denied }) => {
    const row = known.get(at);
    known.delete(at);
    return row?.conversations !== conversations || row.denied !== denied;
  });
  const gone = [...known.keys()].map((at) => ({ at, conversations: 0, denied: 0 }));
  return [...gone, ...changed].sort((a, b) => a.at - b.at);
}
