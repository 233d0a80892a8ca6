import { failed, ok, type Result } from '../result.ts';
import type { QueryFault } from './query.ts';

/** A piece of a query's text. `start` and `end` are its place in it. */
export interface QueryToken {
  readonly kind: 'word' | 'quoted' | 'open' | 'close' | 'minus' | 'comma' | 'operator';
  /** Without quotes; an operator is `:`, `=`, `>`, `>=`, `<` or `<=`. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const SINGLES: Readonly<Record<string, QueryToken['kind']>> = { '(': 'open', ')': 'close', ',': 'comma' };

const isSpace = (character: string): boolean => character.trim() === '';

const OPERATOR_START: ReadonlySet<string> = new Set([':', '=', '>', '<']);

/** Characters that end a value such as `2001:db8::1` or `app=web`; a name of a field also ends at an operator. */
const isValueEnd = (character: string): boolean => isSpace(character) || '(),"'.includes(character);

/** Reads what stands between double quotes; `\"` and `\\` stand for themselves. */
function quotedAt(text: string, start: number): Result<QueryToken, QueryFault> {
  let content = '';
  let at = start + 1;
  while (at < text.length && text[at] !== '"') {
    if (text[at] === '\\' && at + 1 < text.length) at += 1;
    content += text[at];
    at += 1;
  }
  if (at >= text.length)
    return failed({ start, end: text.length, message: 'This quote is not closed: add a ".' });
  return ok({ kind: 'quoted', text: content, start, end: at + 1 });
}

function operatorAt(text: string, start: number): QueryToken {
  const isLonger = (text[start] === '>' || text[start] === '<') && text[start + 1] === '=';
  const end = start + (isLonger ? 2 : 1);
  return { kind: 'operator', text: text.slice(start, end), start, end };
}

function wordAt(text: string, start: number, role: 'name' | 'value'): QueryToken {
  let end = start;
  while (end < text.length) {
    const character = text[end] ?? '';
    if (isValueEnd(character) || (role === 'name' && OPERATOR_START.has(character))) break;
    end += 1;
  }
  return { kind: 'word', text: text.slice(start, end), start, end };
}

/** A value follows an operator or, in a list, a comma. */
const isValueNext = (before: QueryToken | undefined): boolean =>
  before?.kind === 'operator' || before?.kind === 'comma';

function tokenAt(
  text: string,
  start: number,
  before: QueryToken | undefined,
): Result<QueryToken, QueryFault> {
  const character = text[start] ?? '';
  const single = SINGLES[character];
  if (single !== undefined) return ok({ kind: single, text: character, start, end: start + 1 });
  if (character === '"') return quotedAt(text, start);
  if (isValueNext(before)) return ok(wordAt(text, start, 'value'));
  if (OPERATOR_START.has(character)) return ok(operatorAt(text, start));
  if (character === '-' || character === '!')
    return ok({ kind: 'minus', text: character, start, end: start + 1 });
  return ok(wordAt(text, start, 'name'));
}

/** Cuts a query's text into tokens, in one pass. */
export function queryTokens(text: string): Result<readonly QueryToken[], QueryFault> {
  const tokens: QueryToken[] = [];
  let at = 0;
  while (at < text.length) {
    if (isSpace(text[at] ?? '')) {
      at += 1;
      continue;
    }
    const token = tokenAt(text, at, tokens.at(-1));
    if (!token.ok) return token;
    tokens.push(token.value);
    at = token.value.end;
  }
  return ok(tokens);
}
