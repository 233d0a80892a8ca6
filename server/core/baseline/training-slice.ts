import { type EpochMs, MINUTE_MS, minuteOf } from '#core/flow/time.ts';
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

/** A copy that stays as it is while the live graph goes on counting. */
const copyOf = (edge: Edge): Edge => ({
  ...edge,
  conversations: { ...edge.conversations },
  outcomes: { ...edge.outcomes },
  proofs: { ...edge.proofs },
  minutes: new Map(edge.minutes),
  fromPods: new Set(edge.fromPods),
  toPods: new Set(edge.toPods),
  addresses: new Map(edge.addresses),
  names: new Set(edge.names),
  l7: {
    methods: new Map(edge.l7.methods),
    paths: new Map(edge.l7.paths),
    dnsNames: new Map(edge.l7.dnsNames),
  },
  allowedBy: new Map(edge.allowedBy),
  deniedBy: new Map(edge.deniedBy),
  services: new Set(edge.services),
  truncated: new Set(edge.truncated),
});

const isInside = (at: EpochMs, window: TrainingWindow): boolean => at >= window.from && at < window.until;

const isSeenInside = (edge: Edge, window: TrainingWindow): boolean =>
  isInside(edge.firstSeenAt, window) || isInside(edge.lastSeenAt, window);

const liesInside = (edge: Edge, window: TrainingWindow): boolean =>
  isInside(edge.firstSeenAt, window) && isInside(edge.lastSeenAt, window);

/** The minutes of an edge that the window holds at least in part, in order. */
export const minutesInside = (edge: Edge, window: TrainingWindow): (readonly [EpochMs, MinuteCount])[] =>
  [...edge.minutes]
    .filter(([minute]) => minute >= minuteOf(window.from) && minute < window.until)
    .sort(([a], [b]) => a - b);

/** Cuts the counts of an edge to what the minutes inside can hold. */
function cutTo(edge: Edge, inside: readonly (readonly [EpochMs, MinuteCount])[]): Edge {
  const sums = sumsOf(inside.map(([, count]) => count));
  return {
    ...edge,
    conversations: cappedConversations(edge.conversations, sums),
    outcomes: cappedOutcomes(edge.outcomes, sums),
  };
}

/**
 * The edge as the window saw it, a copy; undefined when nothing of it lies inside. Minutes decide: they are the only
 * part of an edge that is kept by time. When some lie outside, counts are cut to what the minutes inside can hold (an
 * upper bound), and addresses first seen later are left out; pods and names have no time of their own and stay. Where
 * minutes were dropped to save memory (those before `historyFrom`), first and last sight decide, and counts stay whole.
 */
export function sliceOf(
  edge: Edge,
  window: TrainingWindow,
  historyFrom: EpochMs | undefined = undefined,
): Edge | undefined {
  if (edge.firstSeenAt >= window.until || edge.lastSeenAt < window.from) return undefined;
  const inside = minutesInside(edge, window);
  const isForgotten = historyFrom !== undefined && edge.firstSeenAt < historyFrom;
  if (inside.length === 0 && !(isForgotten && isSeenInside(edge, window))) return undefined;
  if (inside.length === edge.minutes.size && liesInside(edge, window)) return copyOf(edge);
  const firstMinute = isForgotten ? edge.firstSeenAt : (inside[0]?.[0] ?? edge.firstSeenAt);
  const lastMinute = inside.at(-1)?.[0] ?? window.until;
  return copyOf({
    ...(isForgotten ? edge : cutTo(edge, inside)),
    minutes: new Map(inside),
    firstSeenAt: Math.max(edge.firstSeenAt, firstMinute, window.from),
    lastSeenAt: Math.min(edge.lastSeenAt, lastMinute + MINUTE_MS - 1, window.until - 1),
    addresses: new Map([...edge.addresses].filter(([, address]) => address.firstSeenAt < window.until)),
  });
}
