import { expect, test } from 'vitest';
import { completionsAt } from '#core/query/complete-query.ts';
import { chipsOf, quotedValue, withCondition, withoutChip } from '#core/query/edit-query.ts';
import { parseQuery } from '#core/query/parse-query.ts';

const chips = (text: string) => {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return chipsOf(text, parsed.value);
};

test('a click on a value adds it to the query once, or excludes it', () => {
  expect(withCondition('', { field: 'ns', value: 'shop', mode: 'only' })).toBe('ns:shop');
  expect(withCondition('ns:shop', { field: 'ns', value: 'shop', mode: 'only' })).toBe('ns:shop');
  expect(withCondition('cart', { field: 'port', value: '53', mode: 'without' })).toBe('cart -port:53');
  expect(withCondition('ns:a OR ns:b', { field: 'to', value: 'db', mode: 'only' })).toBe(
    '(ns:a OR ns:b) to:db',
  );
});

test('a value that could be read as something else is quoted, and reads back as itself', () => {
  for (const value of ['a b', 'a"b', 'a\\b', 'OR', '-x', '', 'a=b', 'f(x)', 'a,b']) {
    const parsed = parseQuery(`label:${quotedValue(value)}`);
    expect(parsed.ok && parsed.value.kind === 'term' && parsed.value.values).toEqual([value]);
  }
});

test('conditions that all hold are chips, and a chip can be taken away', () => {
  const text = 'ns:shop AND -port:53 NOT cart';
  expect(chips(text)?.map((chip) => chip.text)).toEqual(['ns:shop', '-port:53', 'NOT cart']);
  const without = (chips(text) ?? []).map((chip) => withoutChip(text, chip));
  expect(without).toEqual(['-port:53 NOT cart', 'ns:shop NOT cart', 'ns:shop AND -port:53']);
  expect(chips('ns:a OR ns:b')).toBeUndefined();
  expect(chips('')).toEqual([]);
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
