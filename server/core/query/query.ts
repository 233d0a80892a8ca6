/** What a query can ask about; `text` is a word without a field. */
export const QUERY_FIELDS = [
  'from',
  'to',
  'either',
  'ns',
  'workload',
  'label',
  'port',
  'proto',
  'verdict',
  'policy',
  'fqdn',
  'cidr',
  'new',
  'rate',
] as const;
export type QueryField = (typeof QUERY_FIELDS)[number];

export type Comparison = '=' | '>' | '>=' | '<' | '<=';

/** One condition: any of the values will do. */
export interface QueryTerm {
  readonly kind: 'term';
  readonly field: QueryField | 'text';
  readonly comparison: Comparison;
  /** At least one, as written, without quotes. */
  readonly values: readonly string[];
  /** Where it stands in the text, from 0, `end` being the first character after it. */
  readonly start: number;
  readonly end: number;
}

/** What must hold; `all` of nothing always holds. */
export type QueryNode =
  | QueryTerm
  | { readonly kind: 'not'; readonly of: QueryNode }
  | { readonly kind: 'all' | 'any'; readonly of: readonly QueryNode[] };

/** Why a text is no query, and the characters it is about. */
export interface QueryFault {
  readonly start: number;
  readonly end: number;
  /** One sentence that says what to write instead. */
  readonly message: string;
}

/** What a query may be: beyond it nobody reads it, and matching it would cost. */
export const QUERY_LIMITS = { length: 1024, terms: 100, depth: 20, valuesPerTerm: 100 } as const;
