import { sortedText } from '#core/order.ts';

/** Data that any JSON or YAML library writes and reads back unchanged. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const isEntry = (entry: readonly [string, Json | undefined]): entry is readonly [string, Json] =>
  entry[1] !== undefined;

/** An object with sorted keys; entries without a value are left out. A key such as `__proto__` is only a key. */
export const jsonObject = (
  entries: Iterable<readonly [string, Json | undefined]>,
): { readonly [key: string]: Json } =>
  Object.fromEntries([...entries].filter(isEntry).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));

/**
 * Plain data of a domain value: a map with text keys becomes an object, a set a sorted list, a bigint its digits, and
 * what is undefined is left out. Other values that JSON can not hold are a programming error and throw.
 */
export function toJson(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Set) return sortedText([...value].map(String));
  if (value instanceof Map) return jsonObject([...value].map(([key, each]) => [String(key), toJson(each)]));
  if (typeof value === 'object') return jsonObject(definedEntries(value));
  throw new Error(`no JSON for a value of type ${typeof value}`);
}

const definedEntries = (value: object): (readonly [string, Json])[] =>
  Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .map(([key, each]) => [key, toJson(each)]);

/** One text for equal data: object keys sorted by code unit, no spaces. What content hashes are taken of. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const fields = sortedText(Object.keys(value)).map(
    (key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`,
  );
  return `{${fields.join(',')}}`;
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
