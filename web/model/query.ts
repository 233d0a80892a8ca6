import type { GraphEdge, GraphNode } from '#contract/graph.ts';

/** Which edges are drawn in full; the rest fade. */
export const SHOWN = ['all', 'denied', 'new', 'blocked'] as const;
export type Shown = (typeof SHOWN)[number];

/** One word of the query bar. */
export interface Term {
  readonly field: 'any' | 'from' | 'to' | 'ns' | 'port' | 'proto';
  readonly text: string;
  readonly isNegated: boolean;
}

/** An edge with both of its ends. */
export interface EndedEdge {
  readonly edge: GraphEdge;
  readonly from: GraphNode;
  readonly to: GraphNode;
}

const FIELDS: ReadonlySet<string> = new Set(['from', 'to', 'ns', 'port', 'proto']);

/**
 * Words of a query: `cart`, `from:frontend`, `to:db`, `ns:shop`, `port:5432`, `proto:udp`, each negated by a leading
 * `-`. All must hold. Whatever is no known field is plain text.
 */
export function parseQuery(text: string): readonly Term[] {
  return text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '-')
    .map(parseTerm);
}

function parseTerm(word: string): Term {
  const isNegated = word.startsWith('-') || word.startsWith('!');
  const body = isNegated ? word.slice(1) : word;
  const colon = body.indexOf(':');
  const field = body.slice(0, Math.max(colon, 0));
  if (!FIELDS.has(field)) return { field: 'any', text: body, isNegated };
  return { field: field as Term['field'], text: body.slice(colon + 1), isNegated }; // one of FIELDS, as just checked
}

const nameOf = (node: GraphNode): string =>
  (node.namespace === undefined ? node.label : `${node.namespace}/${node.label}`).toLowerCase();

/** True when the vertex's namespace and name contain the text. */
const isNamed = (node: GraphNode, text: string): boolean => nameOf(node).includes(text);

function holds(term: Term, { edge, from, to }: EndedEdge): boolean {
  switch (term.field) {
    case 'from':
      return isNamed(from, term.text);
    case 'to':
      return isNamed(to, term.text);
    case 'ns':
      return [from, to].some((node) => (node.namespace ?? '').toLowerCase() === term.text);
    case 'port':
      return String(edge.port) === term.text;
    case 'proto':
      return edge.protocol.toLowerCase() === term.text;
    default:
      return isNamed(from, term.text) || isNamed(to, term.text);
  }
}

/** True when the edge fulfils every word of the query. */
export const matchesQuery = (terms: readonly Term[], ended: EndedEdge): boolean =>
  terms.every((term) => holds(term, ended) !== term.isNegated);

/** True when the vertex alone fulfils every plain word; words about edges never match a vertex. */
export const vertexMatches = (terms: readonly Term[], node: GraphNode): boolean =>
  terms.length > 0 &&
  terms.every((term) => {
    if (term.field === 'ns') return (node.namespace === term.text) !== term.isNegated;
    return term.field === 'any' && isNamed(node, term.text) !== term.isNegated;
  });

/** True when the edge is of the kind asked for. */
export function isShown(shown: Shown, edge: GraphEdge): boolean {
  switch (shown) {
    case 'denied':
      return edge.denied > 0;
    case 'new':
      return edge.state === 'new';
    case 'blocked':
      return edge.admitted === 'blocked';
    default:
      return true;
  }
}

/** True when the text holds every plain word of the query, and none of the negated ones. */
export const textMatches = (terms: readonly Term[], text: string): boolean =>
  terms.every((term) => text.toLowerCase().includes(term.text) !== term.isNegated);
