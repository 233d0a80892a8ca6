import type { FieldPath } from '../cluster/manifest-problem.ts';
import type { SegmentFault, SegmentFaultCode } from './segment-fault.ts';

/** Entries of one list, and of one set of fields: the file is untrusted. */
const MOST_ENTRIES = 1000;
const LONGEST_TEXT = 1000;
const LONGEST_DETAIL = 60;

/** One value of the file, where it stands, and the list that faults go to. Null is a value, and never the right one. */
export interface Place {
  readonly value: unknown;
  readonly path: FieldPath;
  readonly faults: SegmentFault[];
}

const cut = (text: string): string =>
  text.length > LONGEST_DETAIL ? `${text.slice(0, LONGEST_DETAIL - 3)}...` : text;

/** Writes a fault down. */
export function complain(at: Place, code: SegmentFaultCode, detail?: string): void {
  at.faults.push({ path: at.path, code, detail: detail === undefined ? undefined : cut(detail) });
}

/** What a value that is not as it should be looks like. */
export const readsAs = (value: unknown): string => `it reads as ${JSON.stringify(value) ?? 'nothing'}`;

export const isThere = (at: Place): boolean => at.value !== undefined;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A field of a set of fields; its value is undefined when there is none. */
export function fieldAt(at: Place, name: string): Place {
  const { value, path, faults } = at;
  const found = isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return { value: found, path: [...path, name], faults };
}

/** Every entry of a set of fields with any names; none, and a fault, for what is no such set. */
export function entriesAt(at: Place): readonly (readonly [name: string, place: Place])[] {
  if (!isRecord(at.value)) {
    complain(at, 'not_fields', readsAs(at.value));
    return [];
  }
  const names = Object.keys(at.value);
  if (names.length > MOST_ENTRIES) complain(at, 'list_too_long', `${names.length} entries`);
  return names.slice(0, MOST_ENTRIES).map((name) => [name, fieldAt(at, name)] as const);
}

/** True for a set of fields of these names; another name is a fault, and so is anything else. */
export function hasFields(at: Place, names: readonly string[]): boolean {
  if (!isRecord(at.value)) {
    complain(at, 'not_fields', readsAs(at.value));
    return false;
  }
  for (const [name, place] of entriesAt(at)) {
    if (!names.includes(name)) complain(place, 'field_unknown', `known are ${names.join(', ')}`);
  }
  return true;
}

/** The items of a list, none when it is not there; an empty one is a fault. */
export function itemsAt(at: Place): readonly Place[] {
  if (!isThere(at)) return [];
  const { value, path, faults } = at;
  if (!Array.isArray(value)) {
    complain(at, 'not_a_list', readsAs(value));
    return [];
  }
  if (value.length === 0) complain(at, 'list_empty');
  if (value.length > MOST_ENTRIES) complain(at, 'list_too_long', `${value.length} entries`);
  return value
    .slice(0, MOST_ENTRIES)
    .map((item: unknown, index) => ({ value: item, path: [...path, index], faults }));
}

/** The items of a list, or the one thing that stands in its place. */
export const oneOrMoreAt = (at: Place): readonly Place[] =>
  isThere(at) && !Array.isArray(at.value) ? [at] : itemsAt(at);

/** Text that says something; undefined, and a fault, for anything else. */
export function textAt(at: Place): string | undefined {
  const { value } = at;
  if (value === undefined) complain(at, 'missing');
  else if (typeof value !== 'string') complain(at, 'not_text', readsAs(value));
  else if (value.trim() === '') complain(at, 'text_empty');
  else if (value.length > LONGEST_TEXT) complain(at, 'text_too_long', `${value.length} characters`);
  else return value;
  return undefined;
}
