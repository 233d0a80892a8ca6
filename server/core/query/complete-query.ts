import { compareText } from '../order.ts';
import { QUERY_FIELDS, type QueryField } from './query.ts';
import { QUERY_VERDICTS } from './query-edge.ts';
import { quotedValue } from './quoted-value.ts';

/** Values that are known for fields; what is not listed has none to offer. */
export type QueryVocabulary = Partial<Readonly<Record<QueryField, readonly string[]>>>;

/** One way to go on: replace the characters from `start` to `end` by `text`. */
export interface Completion {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Completions that are offered at once. */
export const MOST_COMPLETIONS = 12;

const FIXED: QueryVocabulary = {
  verdict: QUERY_VERDICTS,
  new: ['yes', 'no'],
  proto: ['TCP', 'UDP', 'SCTP', 'ICMPv4', 'ICMPv6'],
};

const isField = (text: string): text is QueryField => QUERY_FIELDS.some((field) => field === text);

/** Those that begin with the text first, then those that hold it; each in order. */
function ranked(values: readonly string[], typed: string): readonly string[] {
  const wanted = typed.toLowerCase();
  const rank = (value: string): number => {
    const at = value.toLowerCase().indexOf(wanted);
    return at === -1 ? 2 : Math.min(at, 1);
  };
  return values
    .filter((value) => rank(value) < 2)
    .sort((a, b) => rank(a) - rank(b) || compareText(a, b))
    .slice(0, MOST_COMPLETIONS);
}

/** How the text may go on at the cursor: names of fields, or known values of the field that is being written. */
export function completionsAt(
  text: string,
  cursor: number,
  vocabulary: QueryVocabulary,
): readonly Completion[] {
  const before = text.slice(0, cursor);
  const [word = ''] = /[^\s()]*$/.exec(before) ?? [];
  const [, sign = '', name = '', values] = /^([-!]?)([A-Za-z]*)(?:[:=](.*))?$/s.exec(word) ?? [];
  if (values === undefined) {
    const start = cursor - word.length + sign.length;
    if (sign === '' && name === '' && word !== '') return [];
    const fields = ranked(QUERY_FIELDS, name);
    return fields.map((field) => ({ text: field === 'rate' ? 'rate>' : `${field}:`, start, end: cursor }));
  }
  if (!isField(name)) return [];
  const typed = (values.split(',').at(-1) ?? '').replace(/^"/, '');
  const start = cursor - (values.split(',').at(-1) ?? '').length;
  const known = vocabulary[name] ?? FIXED[name] ?? [];
  return ranked(known, typed).map((value) => ({ text: quotedValue(value), start, end: cursor }));
}
