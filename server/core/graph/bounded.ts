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

/** The key under which a tally counts everything beyond its bound. */
export const OTHER = '(other)';

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
  const [first, ...rest] = [...values];
  if (first === undefined) throw new Error('largest of nothing');
  return rest.reduce((best, value) => (compareText(value, best) > 0 ? value : best), first);
}
