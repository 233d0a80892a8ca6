import { type EpochMs, MINUTE_MS } from '#core/flow/time.ts';
import type { Edge } from '#core/graph/edge.ts';

/** A pace is known from this many minutes with conversations on. */
const PACE_NEEDS_MINUTES = 5;
/** -ln(10⁻⁶): at its own pace a quiet this long comes once in a million (Poisson). */
const RARE = 13.8;
/** Jobs and people keep to a calendar, so the longest gap seen is allowed three times over. */
const GAPS_ALLOWED = 3;

/** The longest quiet between minutes with conversations, in ms. */
function longestGap(minutes: readonly EpochMs[]): number {
  return minutes.reduce((longest, minute, index) => {
    const before = minutes[index - 1];
    return before === undefined ? longest : Math.max(longest, minute - before);
  }, 0);
}

/**
 * How long this edge must be quiet before its own past does not explain it, in ms; undefined when it was not seen often
 * enough to have a rhythm. `until` is the end of the time the edge was watched.
 */
export function quietExplainedMs(edge: Pick<Edge, 'minutes'>, until: EpochMs): number | undefined {
  const minutes = [...edge.minutes.keys()].sort((a, b) => a - b);
  const first = minutes[0];
  if (first === undefined || minutes.length < PACE_NEEDS_MINUTES) return undefined;
  const watchedMinutes = Math.max(minutes.length, (until - first) / MINUTE_MS);
  const pace = minutes.length / watchedMinutes;
  return Math.max((RARE / pace) * MINUTE_MS, longestGap(minutes) * GAPS_ALLOWED);
}
