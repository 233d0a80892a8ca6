import { compareText } from '#core/order.ts';

/**
 * Adds a value and keeps the `limit` smallest. Which values stay depends on the values alone, never on their order, so
 * that bounded sets merge like unbounded ones. Returns true when a value had to go.
 */
export function addBounded<T extends string>(values: Set<T>, value: T, limit: number): boolean {
  if (values.has(value)) return false;
  values.add(value);
  if (values.size <= limit) return false;
  values.delete(largest(values));
  return true;
}

/** What one conversation or edge keeps at most of what its flows named; the smallest stay. */
export const NAMED_LIMITS = { names: 32, paths: 32, dnsNames: 64, policies: 16, services: 32 } as const;

/** The key under which a tally counts everything beyond its bound. */
export const OTHER = '(other)';

/** Adds an entry and keeps the `limit` smallest keys, as {@link addBounded} does. Returns true when an entry had to go. */
export function setBounded<T>(
  entries: Map<string, T>,
  key: string,
  entry: { value: T; limit: number },
): boolean {
  entries.set(key, entry.value);
  if (entries.size <= entry.limit) return false;
  entries.delete(largest(entries.keys()));
  return true;
}

/** Adds to a count, keeping the `limit` smallest keys; what goes is counted under {@link OTHER}. */
export function tallyBounded(
  tally: Map<string, number>,
  key: string,
  entry: { count: number; limit: number },
): boolean {
  tally.set(key, (tally.get(key) ?? 0) + entry.count);
  const isOver = tally.size - (tally.has(OTHER) ? 1 : 0) > entry.limit;
  if (!isOver) return key === OTHER;
  const last = largest([...tally.keys()].filter((each) => each !== OTHER));
  tally.set(OTHER, (tally.get(OTHER) ?? 0) + (tally.get(last) ?? 0));
  tally.delete(last);
  return true;
}

function largest<T extends string>(values: Iterable<T>): T {
  let best: T | undefined;
  for (const value of values) if (best === undefined || compareText(value, best) > 0) best = value;
  if (best === undefined) throw new Error('largest of nothing');
  return best;
}
