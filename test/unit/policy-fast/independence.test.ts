import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const FOLDER = new URL('../../../server/core/policy/fast/', import.meta.url);
const STATEMENT = /^(?:import|export)\b[^;]*?\bfrom '([^']+)'/gm;

const files = readdirSync(FOLDER);

const borrowed = files.flatMap((file) =>
  [...readFileSync(new URL(file, FOLDER), 'utf8').matchAll(STATEMENT)].map(([text, from = '']) => ({
    file,
    from,
    isTypeOnly: /^import type /.test(text),
  })),
);

test('the fast engine shares no code with the judge it is held against', () => {
  expect(files.length).toBeGreaterThan(15);
  expect(borrowed.length).toBeGreaterThan(50);
  expect(borrowed.filter(({ from }) => from.includes('literal'))).toEqual([]);
});

test('of other rooms it uses only the address parser and the order of text', () => {
  const code = borrowed.filter(({ from, isTypeOnly }) => !from.startsWith('./') && !isTypeOnly);
  expect([...new Set(code.map(({ from }) => from))].sort()).toEqual(['#core/net/ip.ts', '#core/order.ts']);
});

test('no file of the literal evaluator imports the fast engine', () => {
  const literal = new URL('../../../server/core/policy/literal/', import.meta.url);
  for (const file of readdirSync(literal)) {
    expect(readFileSync(new URL(file, literal), 'utf8')).not.toContain('/fast/');
  }
});
