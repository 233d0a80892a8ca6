import fc from 'fast-check';
import { expect, test } from 'vitest';
import { completionsAt } from '#core/query/complete-query.ts';
import { testOf } from '#core/query/match-query.ts';
import { matchesPattern } from '#core/query/match-text.ts';
import { parseQuery } from '#core/query/parse-query.ts';
import type { QueryEdge, QueryEnd } from '#core/query/query-edge.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';

const end = (text: string): QueryEnd => ({
  kind: 'workload',
  text,
  namespace: 'shop',
  name: text,
  labels: [],
});

const EDGE: QueryEdge = {
  from: end('cart'),
  to: end('db'),
  protocol: 'TCP',
  port: 5432,
  verdicts: ['allowed'],
  policies: [],
  names: ['api.example.com'],
  addresses: ['192.0.2.1'],
  isNew: false,
  rate: 1,
};

/** Pieces that queries are made of, so that random texts come near to being one. */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...[
          'from:',
          'port',
          'rate>',
          ' OR ',
          ' AND ',
          'NOT ',
          '(',
          ')',
          '-',
          '"',
          ',',
          '*',
          ':',
          '=',
          '1',
          'a',
          '\\',
          ' ',
        ],
      ),
      fc.string({ maxLength: 5 }),
      fc.constantFrom(...HOSTILE_STRINGS.map((each) => each.slice(0, 50))),
    ),
    { maxLength: 60, size: 'max' },
  )
  .map((pieces) => pieces.join(''));

test('any text is a query that answers, or a fault that lies within it', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const parsed = parseQuery(text);
      if (parsed.ok) expect(typeof testOf(parsed.value)(EDGE)).toBe('boolean');
      else {
        const { start, end: until, message } = parsed.error;
        expect(message).not.toBe('');
        expect(start).toBeGreaterThanOrEqual(0);
        expect(until).toBeLessThanOrEqual(text.length);
        expect(start).toBeLessThanOrEqual(until);
      }
      for (const completion of completionsAt(text, text.length, { ns: ['shop'] }))
        expect(completion.start).toBeLessThanOrEqual(completion.end);
    }),
    { numRuns: 2_000 },
  );
});

const small = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 });

/** Wildcards by trying every way: slow, and plain to see. */
function fits(text: string, pattern: string): boolean {
  if (pattern === '') return text === '';
  if (pattern.startsWith('*'))
    return fits(text, pattern.slice(1)) || (text !== '' && fits(text.slice(1), pattern));
  return text !== '' && text[0] === pattern[0] && fits(text.slice(1), pattern.slice(1));
}

test('a pattern fits what some choice of text for its stars makes of it', () => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  fc.assert(
    fc.property(small, pattern, (text, wanted) => {
      expect(matchesPattern(text, wanted)).toBe(fits(text, wanted));
    }),
    { numRuns: 2_000 },
  );
});
