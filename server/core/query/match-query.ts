import { unreachable } from '../result.ts';
import { holdsText, matchesPattern } from './match-text.ts';
import type { Comparison, QueryField, QueryNode, QueryTerm } from './query.ts';
import type { QueryEdge, QueryEnd } from './query-edge.ts';
import { blockOf, portSpan, YES_OR_NO } from './term-fault.ts';

/** Answers a query for one edge. */
export type EdgeTest = (edge: QueryEdge) => boolean;

type ValueTest = (value: string, comparison: Comparison) => EdgeTest;

function compared(amount: number, comparison: Comparison, limit: number): boolean {
  switch (comparison) {
    case '=':
      return amount === limit;
    case '>':
      return amount > limit;
    case '>=':
      return amount >= limit;
    case '<':
      return amount < limit;
    case '<=':
      return amount <= limit;
    default:
      return unreachable(comparison);
  }
}

/** `shop/cart`, `cart`, `shop`, with or without the kind, or however the end is shown. */
const isNamed = (end: QueryEnd, pattern: string): boolean => {
  const { text, namespace, name } = end;
  const names = name === undefined ? [text] : [text, `${namespace}/${name}`, name, namespace ?? ''];
  return names.some((each) => matchesPattern(each, pattern));
};

const ENDS: Readonly<Record<'from' | 'to' | 'either', (edge: QueryEdge) => readonly QueryEnd[]>> = {
  from: ({ from }) => [from],
  to: ({ to }) => [to],
  either: ({ from, to }) => [from, to],
};

const named =
  (side: keyof typeof ENDS): ValueTest =>
  (value) => {
    const holds = blockTest(value);
    return (edge) =>
      ENDS[side](edge).some(
        (end) => isNamed(end, value) || (holds !== undefined && end.kind !== 'workload' && holds(edge)),
      );
  };

const anyEnd =
  (test: (end: QueryEnd, value: string) => boolean): ValueTest =>
  (value) =>
  ({ from, to }) =>
    test(from, value) || test(to, value);

const anyOf =
  (texts: (edge: QueryEdge) => readonly string[]): ValueTest =>
  (value) =>
  (edge) =>
    texts(edge).some((text) => matchesPattern(text, value));

/** Holds for an edge with an address in the block; undefined for a text that is no address and no block. */
function blockTest(value: string): EdgeTest | undefined {
  const block = blockOf(value);
  if (block === undefined) return undefined;
  const isIn = (text: string): boolean => {
    const range = blockOf(text);
    return (
      range !== undefined &&
      range.family === block.family &&
      range.first >= block.first &&
      range.last <= block.last
    );
  };
  return ({ addresses, from, to }) =>
    addresses.some(isIn) || [from, to].some((end) => end.kind === 'cidr' && isIn(end.text));
}

const portTest: ValueTest = (value, comparison) => {
  if (value === 'none' || value === 'many') return ({ port }) => port === value;
  const span = portSpan(value);
  if (span === undefined) return () => false;
  if (comparison === '=')
    return ({ port }) => typeof port === 'number' && port >= span.from && port <= span.to;
  return ({ port }) => typeof port === 'number' && compared(port, comparison, span.from);
};

const hasLabel = ({ labels }: QueryEnd, value: string): boolean =>
  (labels ?? []).some((label) =>
    value.includes('=') ? matchesPattern(label, value) : matchesPattern(label.split('=')[0] ?? '', value),
  );

const wordTest: ValueTest = (value) => (edge) =>
  [edge.from.text, edge.to.text, ...edge.names].some((text) => holdsText(text, value));

const TESTS: Readonly<Record<QueryField | 'text', ValueTest>> = {
  text: wordTest,
  from: named('from'),
  to: named('to'),
  either: named('either'),
  ns: anyEnd(({ namespace }, value) => namespace !== undefined && matchesPattern(namespace, value)),
  workload: anyEnd(
    ({ namespace, name }, value) =>
      name !== undefined && (matchesPattern(name, value) || matchesPattern(`${namespace}/${name}`, value)),
  ),
  label: anyEnd(hasLabel),
  port: portTest,
  proto: anyOf(({ protocol }) => [protocol]),
  verdict: anyOf(({ verdicts }) => verdicts),
  policy: anyOf(({ policies }) => policies.flatMap((name) => [name, name.split('/').at(-1) ?? name])),
  fqdn: anyOf(({ names, from, to }) => [
    ...names,
    ...[from, to].filter(({ kind }) => kind === 'fqdn').map(({ text }) => text),
  ]),
  cidr: (value) => blockTest(value) ?? (() => false),
  new: (value) => {
    const wanted = YES_OR_NO.get(value.toLowerCase());
    return ({ isNew }) => isNew === wanted;
  },
  rate: (value, comparison) => {
    const limit = Number(value);
    return ({ rate }) => compared(rate, comparison, limit);
  },
};

function termTest({ field, values, comparison }: QueryTerm): EdgeTest {
  const tests = values.map((value) => TESTS[field](value, comparison));
  return (edge) => tests.some((test) => test(edge));
}

/** Makes of a query what answers it for an edge. Work for one edge grows with the conditions and the edge's own lists. */
export function testOf(node: QueryNode): EdgeTest {
  switch (node.kind) {
    case 'term':
      return termTest(node);
    case 'not': {
      const inner = testOf(node.of);
      return (edge) => !inner(edge);
    }
    case 'all': {
      const tests = node.of.map(testOf);
      return (edge) => tests.every((test) => test(edge));
    }
    case 'any': {
      const tests = node.of.map(testOf);
      return (edge) => tests.some((test) => test(edge));
    }
    default:
      return unreachable(node);
  }
}
