import type { Labels } from '../world.ts';
import { isMissing, isRecord, listOf } from './json-shape.ts';

/** One thing a selector asks of the labels. */
export interface Requirement {
  readonly key: string;
  readonly kind: 'in' | 'not-in' | 'exists' | 'absent';
  /** Sorted, each once; empty for `exists` and `absent`. */
  readonly values: readonly string[];
}

/**
 * A label selector that was read once. One that is not sound matches nobody, yet its sound requirements still say
 * whom it can not be about.
 */
export interface Selector {
  readonly requirements: readonly Requirement[];
  readonly isSound: boolean;
}

/** Nothing is asked. */
export const ANY_LABELS: Selector = { requirements: [], isSound: true };

/** Nothing could be read: nobody is meant for sure, and nobody is ruled out. */
export const UNREADABLE: Selector = { requirements: [], isSound: false };

const QUALIFIED = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
/** A DNS subdomain; the API server sets no limit to the length of its single labels. */
const SUBDOMAIN = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;

function isKey(key: unknown): key is string {
  if (typeof key !== 'string') return false;
  const slash = key.indexOf('/');
  if (slash === -1) return QUALIFIED.test(key);
  return slash <= 253 && SUBDOMAIN.test(key.slice(0, slash)) && QUALIFIED.test(key.slice(slash + 1));
}

const isValue = (value: unknown): value is string =>
  typeof value === 'string' && (value === '' || QUALIFIED.test(value));

/** Reads a label selector, whatever stands in its place. */
export function selectorOf(selector: unknown): Selector {
  if (!isRecord(selector)) return UNREADABLE;
  const read = [...readLabels(selector['matchLabels']), ...readExpressions(selector['matchExpressions'])];
  const requirements = read.filter((requirement) => requirement !== undefined);
  return { requirements, isSound: requirements.length === read.length };
}

/** Undefined stands for a part that is malformed. */
type Read = Requirement | undefined;

function readLabels(labels: unknown): readonly Read[] {
  if (isMissing(labels)) return [];
  if (!isRecord(labels)) return [undefined];
  return Object.entries(labels).map(([key, value]) =>
    typeof value === 'string' ? { key, kind: 'in', values: [value] } : undefined,
  );
}

function readExpressions(expressions: unknown): readonly Read[] {
  if (isMissing(expressions)) return [];
  return listOf(expressions)?.map(readExpression) ?? [undefined];
}

const OPERATORS: ReadonlyMap<unknown, Requirement['kind']> = new Map([
  ['In', 'in'],
  ['NotIn', 'not-in'],
  ['Exists', 'exists'],
  ['DoesNotExist', 'absent'],
]);

function readExpression(expression: unknown): Read {
  if (!isRecord(expression)) return undefined;
  const key = expression['key'];
  const kind = OPERATORS.get(expression['operator']);
  const values = listOf(expression['values'] ?? []);
  if (kind === undefined || values === undefined || !isKey(key)) return undefined;
  const takesValues = kind === 'in' || kind === 'not-in';
  if (takesValues !== values.length > 0 || !values.every(isValue)) return undefined;
  return { key, kind, values: [...new Set(values)].sort() };
}

/** The value of a label; undefined when the key is absent, which an empty value is not. */
export function labelOf(labels: Labels, key: string): string | undefined {
  for (const [name, value] of labels) if (name === key) return value;
  return undefined;
}

function meets({ key, kind, values }: Requirement, labels: Labels): boolean {
  const value = labelOf(labels, key);
  switch (kind) {
    case 'in':
      return value !== undefined && values.includes(value);
    case 'not-in':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case 'absent':
      return value === undefined;
  }
}

/** True when no sound requirement rules the labels out. */
export const mayMean = ({ requirements }: Selector, labels: Labels): boolean =>
  requirements.every((requirement) => meets(requirement, labels));

/** The same text for selectors that ask the same in the same way. */
export const selectorKey = ({ requirements }: Selector): string =>
  requirements.map(requirementKey).sort().join();

/** Quoted, so that no value can pass for two. */
const requirementKey = ({ key, kind, values }: Requirement): string => JSON.stringify([key, kind, ...values]);
