import type { Json } from './store.ts';

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 7386. For a NetworkPolicy a strategic merge patch means the same: none of its lists has a merge key. */
export function mergePatched(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const result: Record<string, unknown> = { ...(isRecord(target) ? target : {}) };
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue; // directives of a strategic merge patch about order
    if (value === null) delete result[key];
    else result[key] = mergePatched(result[key], value);
  }
  return result;
}

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

const steps = (path: string): readonly string[] =>
  path
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

/** The operations of RFC 6902 that clients of objects use, on fields of objects. */
export function jsonPatched(target: Json, operations: readonly Operation[]): Json {
  const result = structuredClone(target) as Record<string, unknown>;
  for (const { op, path, value } of operations) {
    const [last = '', ...before] = [...steps(path)].reverse();
    let here: Record<string, unknown> = result;
    for (const step of before.reverse()) here = here[step] as Record<string, unknown>;
    if (op === 'remove') delete here[last];
    else if (op === 'add' || op === 'replace') here[last] = value;
    else throw new Error(`the fake API server knows no ${op}`);
  }
  return result;
}

/** Who last set which field of an object, as far as conflicts need it. */
export type Owners = Map<string, string>;

/** `.spec.podSelector` and so on: the parts of an object that are owned one by one. */
export function partsOf(object: Json): ReadonlyMap<string, unknown> {
  const parts = new Map<string, unknown>();
  const { metadata, spec } = object;
  const labels = isRecord(metadata) && isRecord(metadata['labels']) ? metadata['labels'] : {};
  for (const [key, value] of Object.entries(labels)) parts.set(`.metadata.labels.${key}`, value);
  for (const [key, value] of Object.entries(isRecord(spec) ? spec : {})) parts.set(`.spec.${key}`, value);
  return parts;
}

/** Parts that another manager owns and this one wants to be different. */
export function conflictsOf(
  before: Json,
  applied: Json,
  by: { owners: Owners; manager: string },
): readonly string[] {
  const known = partsOf(before);
  return [...partsOf(applied)]
    .filter(([part, value]) => JSON.stringify(known.get(part)) !== JSON.stringify(value))
    .map(([part]) => part)
    .filter((part) => by.owners.has(part) && by.owners.get(part) !== by.manager);
}
