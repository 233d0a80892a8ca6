import type { FieldPath, LeftOut, ManifestFault, ObjectIssue } from './manifest-problem.ts';

/**
 * One value of an object that a stranger wrote, where it stands, and the list its faults go to. Absent and null mean
 * the same, as they do to the API server.
 */
export interface Cursor {
  readonly value: unknown;
  readonly path: FieldPath;
  readonly issues: ObjectIssue[];
}

/** What a fault costs, and more about it. */
interface Cost {
  readonly leftOut?: LeftOut;
  readonly detail?: string;
}

/** Writes a fault down; unless said otherwise it costs the whole object. */
export function report(at: Cursor, fault: ManifestFault, { leftOut = 'object', detail }: Cost = {}): void {
  const issue = { path: at.path, fault, leftOut };
  at.issues.push(detail === undefined ? issue : { ...issue, detail });
}

export const isAbsent = (at: Cursor): boolean => at.value === undefined || at.value === null;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** True for an object; anything else but absence is a fault. */
export function isObjectAt(at: Cursor): boolean {
  if (isRecord(at.value)) return true;
  if (!isAbsent(at)) report(at, 'not_an_object');
  return false;
}

/** A field of an object; absent when there is no such field, or no object. */
export function field(at: Cursor, name: string): Cursor {
  const { value, issues } = at;
  const found = isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return { value: found, path: [...at.path, name], issues };
}

/** A field of a field, and so on. What is no object on the way is a fault. */
export function deepField(at: Cursor, ...names: readonly string[]): Cursor {
  let here = at;
  for (const name of names) {
    isObjectAt(here);
    here = field(here, name);
  }
  return here;
}

/** The items of a list, none when it is absent; anything else is a fault. */
export function itemsAt(at: Cursor): readonly Cursor[] {
  if (isAbsent(at)) return [];
  if (!Array.isArray(at.value)) {
    report(at, 'not_a_list');
    return [];
  }
  return at.value.map((value: unknown, index) => ({ value, path: [...at.path, index], issues: at.issues }));
}

/** The entries of an object, none when it is absent; anything else is a fault. */
export function entriesAt(at: Cursor): readonly (readonly [key: string, value: Cursor])[] {
  if (!isObjectAt(at)) return [];
  return Object.keys(at.value as object).map((key) => [key, field(at, key)] as const);
}

/** Text, or undefined when absent; anything else is a fault. */
export function textAt(at: Cursor): string | undefined {
  if (typeof at.value === 'string') return at.value;
  if (!isAbsent(at))
    report(at, 'not_text', { detail: `it reads as ${JSON.stringify(at.value)?.slice(0, 40)}` });
  return undefined;
}

/** True or false, false when absent; anything else is a fault. */
export function truthAt(at: Cursor): boolean {
  if (typeof at.value === 'boolean') return at.value;
  if (!isAbsent(at)) report(at, 'not_a_truth_value');
  return false;
}

/** A whole number from 0 on, or undefined when absent; anything else is a fault. */
export function countAt(at: Cursor): number | undefined {
  const { value } = at;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  if (!isAbsent(at)) report(at, 'not_a_whole_number');
  return undefined;
}

/** A port from 1 to 65535, or undefined when absent; anything else is a fault. */
export function portAt(at: Cursor): number | undefined {
  const { value } = at;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535) return value;
  if (!isAbsent(at)) report(at, 'port_invalid');
  return undefined;
}
