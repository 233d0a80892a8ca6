import { expect, test } from 'vitest';
import { completionsAt } from '#core/query/complete-query.ts';
import { parseQuery } from '#core/query/parse-query.ts';
import { quotedValue } from '#core/query/quoted-value.ts';

test('a value that could be read as something else is quoted, and reads back as itself', () => {
  for (const value of ['a b', 'a"b', 'a\\b', 'OR', '-x', '', 'a=b', 'f(x)', 'a,b']) {
    const parsed = parseQuery(`label:${quotedValue(value)}`);
    expect(parsed.ok && parsed.value.kind === 'term' && parsed.value.values).toEqual([value]);
  }
});

const complete = (text: string, vocabulary = {}) =>
  completionsAt(text, text.length, vocabulary).map(
    ({ text: word, start, end }) => `${text.slice(0, start)}[${word}]${text.slice(end)}`,
  );

test('completion offers fields, then the known values of the field', () => {
  expect(complete('fr')).toEqual(['[from:]']);
  expect(complete('ns:shop -po')).toEqual(['ns:shop -[policy:]', 'ns:shop -[port:]']);
  expect(complete('ra')).toContain('[rate>]');
  expect(complete('ns:d', { ns: ['shop', 'data', 'dev', 'cloud'] })).toEqual([
    'ns:[data]',
    'ns:[dev]',
    'ns:[cloud]',
  ]);
  expect(complete('ns:shop,d', { ns: ['shop', 'data'] })).toEqual(['ns:shop,[data]']);
  expect(complete('verdict:de')).toEqual(['verdict:[denied]']);
  expect(complete('label:app', { label: ['app=web ui'] })).toEqual(['label:["app=web ui"]']);
  expect(complete('nothing:x')).toEqual([]);
});
