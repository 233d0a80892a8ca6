import { MINUTE_MS, minuteOf } from '#core/flow/time.ts';
import type { ConversationCounts, Edge, MinuteCount, Outcome, OutcomeCounts } from '#core/graph/edge.ts';
import type { TrainingWindow } from './training-window.ts';

/** What an edge did inside the window, counted in minutes-with-conversations. */
interface MinuteSums {
  readonly conversations: number;
  readonly passed: number;
  readonly denied: number;
}

function sumsOf(minutes: Iterable<MinuteCount>): MinuteSums {
  let conversations = 0;
  let denied = 0;
  for (const minute of minutes) {
    conversations += minute.conversations;
    denied += minute.denied;
  }
  return { conversations, passed: conversations - denied, denied };
}

function capped<Counts extends object>(counts: Counts, limitOf: (name: keyof Counts) => number): Counts {
  const names = Object.keys(counts) as (keyof Counts & string)[];
  const entries = names.map((name) => [name, Math.min(Number(counts[name]), limitOf(name))]);
  return Object.fromEntries(entries) as Counts; // the same names, each with a number
}

const cappedOutcomes = (outcomes: OutcomeCounts, sums: MinuteSums): OutcomeCounts =>
  capped(outcomes, (name: Outcome) => (name === 'denied' ? sums.denied : sums.passed));

const cappedConversations = (counts: ConversationCounts, sums: MinuteSums): ConversationCounts =>
  capped(counts, (name) => (name === 'answered' || name === 'refused' ? sums.passed : sums.conversations));

/**
 * The edge as the window saw it, or undefined when nothing of it lies inside. Minutes decide: they are the only part of
 * an edge that is kept by time. When some lie outside, counts are cut to what the minutes inside can hold (an upper
 * bound), and addresses first seen later are left out; pods and names have no time of their own and stay.
 */
export function sliceOf(edge: Edge, window: TrainingWindow): Edge | undefined {
  if (edge.firstSeenAt >= window.until || edge.lastSeenAt < window.from) return undefined;
  const inside = [...edge.minutes]
    .filter(([minute]) => minute >= minuteOf(window.from) && minute < window.until)
    .sort(([a], [b]) => a - b);
  const [firstMinute] = inside[0] ?? [];
  const [lastMinute] = inside.at(-1) ?? [];
  if (firstMinute === undefined || lastMinute === undefined) return undefined;
  if (inside.length === edge.minutes.size && edge.lastSeenAt < window.until) return edge;
  const lastEnd = Math.min(lastMinute + MINUTE_MS, window.until);
  const sums = sumsOf(inside.map(([, count]) => count));
  return {
    ...edge,
    minutes: new Map(inside),
    conversations: cappedConversations(edge.conversations, sums),
    outcomes: cappedOutcomes(edge.outcomes, sums),
    firstSeenAt: Math.max(edge.firstSeenAt, firstMinute, window.from),
    lastSeenAt: Math.min(edge.lastSeenAt, lastEnd - 1),
    addresses: new Map([...edge.addresses].filter(([, address]) => address.firstSeenAt < window.until)),
  };
}
