/** A record with a value for each of the keys. */
export function recordOf<Key extends string, Value>(
  keys: readonly Key[],
  value: (key: Key) => Value,
): Record<Key, Value> {
  const entries = keys.map((key) => [key, value(key)] as const);
  return Object.fromEntries(entries) as Record<Key, Value>; // every key has an entry by construction
}
