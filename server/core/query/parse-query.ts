import { failed, ok, type Result } from '../result.ts';
import {
  type Comparison,
  QUERY_FIELDS,
  QUERY_LIMITS,
  type QueryFault,
  type QueryField,
  type QueryNode,
  type QueryTerm,
} from './query.ts';
import { type QueryToken, queryTokens } from './query-tokens.ts';
import { termFault } from './term-fault.ts';

/** Thrown within this file only: the parser stops at the first fault. */
class Fault extends Error {
  readonly fault: QueryFault;

  constructor(fault: QueryFault) {
    super(fault.message);
    this.fault = fault;
  }
}

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  ':': '=',
  '=': '=',
  '>': '>',
  '>=': '>=',
  '<': '<',
  '<=': '<=',
};

const isField = (text: string): text is QueryField => QUERY_FIELDS.some((field) => field === text);

/** `AND`, `OR` and `NOT` are words of the language in capitals only: `or` may be somebody's name. */
const isKeyword = (token: QueryToken | undefined, word: 'AND' | 'OR' | 'NOT'): boolean =>
  token?.kind === 'word' && token.text === word;

/** Recursive descent over `or := and (OR and)*`, `and := unary (AND? unary)*`, `unary := (NOT | -) unary | (…) | term`. */
class Parser {
  private readonly tokens: readonly QueryToken[];
  private readonly length: number;
  private at = 0;
  private terms = 0;

  constructor(tokens: readonly QueryToken[], length: number) {
    this.tokens = tokens;
    this.length = length;
  }

  parse(): QueryNode {
    if (this.tokens.length === 0) return { kind: 'all', of: [] };
    const node = this.either(0);
    const rest = this.peek();
    if (rest !== undefined)
      throw new Fault({ ...placeOf(rest), message: 'Nothing is opened that this closes.' });
    return node;
  }

  private peek(): QueryToken | undefined {
    return this.tokens[this.at];
  }

  private take(): QueryToken | undefined {
    const token = this.tokens[this.at];
    this.at += 1;
    return token;
  }

  private end(): QueryFault {
    return {
      start: Math.max(0, this.length - 1),
      end: this.length,
      message: 'Something is missing at the end.',
    };
  }

  private either(depth: number): QueryNode {
    const of = [this.both(depth)];
    while (isKeyword(this.peek(), 'OR')) {
      this.take();
      of.push(this.both(depth));
    }
    const [only] = of;
    return of.length === 1 && only !== undefined ? only : { kind: 'any', of };
  }

  private both(depth: number): QueryNode {
    const of = [this.unary(depth)];
    for (let next = this.peek(); next !== undefined; next = this.peek()) {
      if (next.kind === 'close' || isKeyword(next, 'OR')) break;
      if (isKeyword(next, 'AND')) this.take();
      of.push(this.unary(depth));
    }
    const [only] = of;
    return of.length === 1 && only !== undefined ? only : { kind: 'all', of };
  }

  private unary(depth: number): QueryNode {
    const token = this.take();
    if (token === undefined) throw new Fault(this.end());
    if (depth >= QUERY_LIMITS.depth)
      throw new Fault({
        ...placeOf(token),
        message: `It is nested deeper than ${QUERY_LIMITS.depth} times.`,
      });
    if (token.kind === 'minus' || isKeyword(token, 'NOT')) return { kind: 'not', of: this.unary(depth + 1) };
    if (token.kind === 'open') return this.group(token, depth);
    if (token.kind === 'word' || token.kind === 'quoted') return this.term(token);
    throw new Fault({ ...placeOf(token), message: `A condition is expected here, not ${token.text}.` });
  }

  private group(open: QueryToken, depth: number): QueryNode {
    const node = this.either(depth + 1);
    const close = this.take();
    if (close?.kind !== 'close')
      throw new Fault({ ...placeOf(open), message: 'This parenthesis is not closed: add a ).' });
    return node;
  }

  private term(token: QueryToken): QueryTerm {
    this.terms += 1;
    if (this.terms > QUERY_LIMITS.terms)
      throw new Fault({ ...placeOf(token), message: `It has more than ${QUERY_LIMITS.terms} conditions.` });
    const operator = this.peek();
    if (token.kind === 'quoted' || operator?.kind !== 'operator') return this.plainWord(token);
    if (!isField(token.text)) {
      const known = QUERY_FIELDS.join(', ');
      throw new Fault({ ...placeOf(token), message: `There is no field of this name; there are ${known}.` });
    }
    this.take();
    const { values, end } = this.values(operator);
    const comparison = COMPARISONS[operator.text] ?? '=';
    const term = { kind: 'term', field: token.text, comparison, values, start: token.start, end } as const;
    return this.checked(term);
  }

  private plainWord(token: QueryToken): QueryTerm {
    const { text, start, end } = token;
    if (isKeyword(token, 'AND') || isKeyword(token, 'OR'))
      throw new Fault({ start, end, message: `${text} stands between two conditions.` });
    return { kind: 'term', field: 'text', comparison: '=', values: [text], start, end };
  }

  private checked(term: QueryTerm): QueryTerm {
    const message = termFault(term);
    if (message !== undefined) throw new Fault({ start: term.start, end: term.end, message });
    return term;
  }

  private values(operator: QueryToken): { readonly values: readonly string[]; readonly end: number } {
    const values: string[] = [];
    let { end } = operator;
    do {
      if (this.peek()?.kind === 'comma') this.take();
      const value = this.peek();
      if (value?.kind !== 'word' && value?.kind !== 'quoted')
        throw new Fault({ ...placeOf(operator), message: 'A value is expected after this.' });
      if (values.length === QUERY_LIMITS.valuesPerTerm)
        throw new Fault({ ...placeOf(value), message: 'These are too many values for one condition.' });
      this.take();
      values.push(value.text);
      end = value.end;
    } while (this.peek()?.kind === 'comma');
    return { values, end };
  }
}

const placeOf = ({ start, end }: QueryToken): { readonly start: number; readonly end: number } => ({
  start,
  end,
});

/**
 * Reads a query: `from:shop/cart port:5432 -verdict:denied`, conditions side by side all hold, `OR` and parentheses
 * group, `-` or `NOT` turns one round, commas list alternatives, `*` stands for any text. An empty text asks for
 * everything. Work grows with the length of the text.
 */
export function parseQuery(text: string): Result<QueryNode, QueryFault> {
  if (text.length > QUERY_LIMITS.length) {
    const message = `A query has at most ${QUERY_LIMITS.length} characters.`;
    return failed({ start: QUERY_LIMITS.length, end: text.length, message });
  }
  const tokens = queryTokens(text);
  if (!tokens.ok) return tokens;
  try {
    return ok(new Parser(tokens.value, text.length).parse());
  } catch (error) {
    if (error instanceof Fault) return failed(error.fault);
    throw error;
  }
}
