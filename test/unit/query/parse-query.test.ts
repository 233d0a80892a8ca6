import { describe, expect, test } from 'vitest';
import { parseQuery } from '#core/query/parse-query.ts';
import { QUERY_LIMITS, type QueryNode } from '#core/query/query.ts';

/** A node as one line: what belongs together stands in parentheses. */
function lineOf(node: QueryNode): string {
  if (node.kind === 'term') return `${node.field}${node.comparison}${node.values.join(',')}`;
  if (node.kind === 'not') return `not ${lineOf(node.of)}`;
  return `(${node.of.map(lineOf).join(node.kind === 'all' ? ' and ' : ' or ')})`;
}

const read = (text: string): string => {
  const parsed = parseQuery(text);
  return parsed.ok
    ? lineOf(parsed.value)
    : `${parsed.error.start}-${parsed.error.end}: ${parsed.error.message}`;
};

test.each([
  ['', '()'],
  ['cart', 'text=cart'],
  ['from:shop/cart to:db', '(from=shop/cart and to=db)'],
  ['from:cart AND to:db', '(from=cart and to=db)'],
  ['from:a to:b OR ns:c', '((from=a and to=b) or ns=c)'],
  ['from:a (to:b OR ns:c)', '(from=a and (to=b or ns=c))'],
  ['-verdict:denied', 'not verdict=denied'],
  ['NOT (ns:a OR ns:b)', 'not (ns=a or ns=b)'],
  ['!cart', 'not text=cart'],
  ['--cart', 'not not text=cart'],
  ['port:443,8000-8999', 'port=443,8000-8999'],
  ['port>1024', 'port>1024'],
  ['rate>=0.5', 'rate>=0.5'],
  ['ns=shop', 'ns=shop'],
  ['label:app.kubernetes.io/name', 'label=app.kubernetes.io/name'],
  ['label:"app=web"', 'label=app=web'],
  ['cidr:2001:db8::/32', 'cidr=2001:db8::/32'],
  ['cidr:::1', 'cidr=::1'],
  ['"from:cart"', 'text=from:cart'],
  ['"a \\" b"', 'text=a " b'],
  ['from:shop/my-cart', 'from=shop/my-cart'],
  ['or', 'text=or'],
  ['new:Yes', 'new=Yes'],
])('%j reads as %s', (text, expected) => {
  expect(read(text)).toBe(expected);
});

describe('a text that is no query is told of at its place, with what to write instead', () => {
  test.each([
    ['fro:cart', '0-3: There is no field of this name; there are from, to'],
    ['from:', '4-5: A value is expected after this.'],
    ['from:a,', '4-5: A value is expected after this.'],
    ['(from:a', '0-1: This parenthesis is not closed: add a ).'],
    ['from:a)', '6-7: Nothing is opened that this closes.'],
    ['ns:a OR', '6-7: Something is missing at the end.'],
    ['OR ns:a', '0-2: OR stands between two conditions.'],
    ['say "cart', '4-9: This quote is not closed: add a ".'],
    ['port:99999', '0-10: A port is a number from 0 to 65535'],
    ['port:http', '0-9: A port is a number'],
    ['port>80-90', '0-10: Compare with a single number.'],
    ['cidr:10.0.0.0/99', '0-16: An address is expected, or a block'],
    ['verdict:maybe', '0-13: A verdict is one of allowed, denied, audited, failed.'],
    ['new:perhaps', '0-11: Write yes or no.'],
    ['rate>many', '0-9: A rate is a number of conversations a minute'],
    ['from>cart', '0-9: Only port and rate can be compared; write from: instead.'],
    [': cart', '0-1: A condition is expected here, not :.'],
  ])('%j', (text, expected) => {
    expect(read(text)).toContain(expected);
  });

  test('one that is too long, too deep, or of too many conditions', () => {
    expect(read('a'.repeat(QUERY_LIMITS.length + 1))).toContain('at most 1024 characters');
    expect(read(`${'('.repeat(30)}a${')'.repeat(30)}`)).toContain('nested deeper');
    expect(read(`${'-'.repeat(30)}a`)).toContain('nested deeper');
    expect(read('a '.repeat(QUERY_LIMITS.terms + 1))).toContain('more than 100 conditions');
    expect(read(`port:${'1,'.repeat(150)}1`)).toContain('too many values');
  });
});
