import type { QueryField, QueryNode, QueryTerm } from './query.ts';

/** Characters that end a value, or that quotes give a meaning, must stand in quotes. */
const needsQuotes = (value: string): boolean => value === '' || /[\s(),"\\]/.test(value);

/** A value as it can be written in a query, in quotes where it must be. */
export const quotedValue = (value: string): string =>
  needsQuotes(value) ? `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : value;

/** The text with one more condition: what a click on a value means, to filter by it or to exclude it. */
export function withCondition(
  text: string,
  {
    field,
    value,
    mode,
  }: { readonly field: QueryField; readonly value: string; readonly mode: 'only' | 'without' },
): string {
  const condition = `${mode === 'without' ? '-' : ''}${field}:${quotedValue(value)}`;
  const before = text.trim();
  if (before.split(/\s+/).includes(condition)) return before;
  // Conditions side by side bind closer than OR: what was there must stay together.
  const kept = / OR /.test(before) ? `(${before})` : before;
  return kept === '' ? condition : `${kept} ${condition}`;
}

/** A condition at the top of a query, which a chip can show and take away. */
export interface QueryChip {
  /** As it stands in the query. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const placeOf = (node: QueryNode): { readonly start: number; readonly end: number } | undefined => {
  if (node.kind === 'term') return node;
  const inner = node.kind === 'not' ? [node.of] : node.of;
  const places = inner.map(placeOf).filter((place) => place !== undefined);
  if (places.length === 0) return undefined;
  return {
    start: Math.min(...places.map(({ start }) => start)),
    end: Math.max(...places.map(({ end }) => end)),
  };
};

const isPlain = (node: QueryNode): node is QueryTerm | { kind: 'not'; of: QueryTerm } =>
  node.kind === 'term' || (node.kind === 'not' && node.of.kind === 'term');

/**
 * The conditions of a query as chips, when it is nothing but conditions that all hold; undefined for one that only its
 * text can show.
 */
export function chipsOf(text: string, node: QueryNode): readonly QueryChip[] | undefined {
  const parts = node.kind === 'all' ? node.of : [node];
  if (!parts.every(isPlain)) return undefined;
  return parts.flatMap((part) => {
    const place = placeOf(part);
    if (place === undefined) return [];
    const start = part.kind === 'not' ? signBefore(text, place.start) : place.start;
    return [{ text: text.slice(start, place.end), start, end: place.end }];
  });
}

/** Where the `-` or `NOT` of a condition begins. */
function signBefore(text: string, start: number): number {
  const before = text.slice(0, start).trimEnd();
  if (before.endsWith('NOT')) return before.length - 3;
  return before.length - 1;
}

/** The text without one of its chips. */
export const withoutChip = (text: string, { start, end }: QueryChip): string =>
  `${text.slice(0, start).replace(/(?:\s+AND)?\s*$/, ' ')}${text.slice(end).replace(/^\s*(?:AND\s+)?/, '')}`.trim();
