import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const FOLDER = new URL('../../../server/core/policy/literal/', import.meta.url);
const STATEMENT = /^(?:import|export)\b[^;]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\(/gm;

interface Statement {
  readonly file: string;
  readonly text: string;
  readonly from: string | undefined;
}

const files = readdirSync(FOLDER).filter((file) => file.endsWith('.ts'));

const statements: readonly Statement[] = files.flatMap((file) => {
  const source = readFileSync(new URL(file, FOLDER), 'utf8');
  return [...source.matchAll(STATEMENT)].map(([text, from, bare]) => ({ file, text, from: from ?? bare }));
});

test('the judge takes nothing but types from outside its own folder', () => {
  expect(files.length).toBeGreaterThan(8);
  expect(statements.length).toBeGreaterThan(20);
  const borrowed = statements.filter(
    ({ text, from }) => !/^\.\/[a-z-]+\.ts$/.test(from ?? '') && !/^(?:import|export) type /.test(text),
  );
  expect(borrowed).toEqual([]);
});

test('the judge has no folders below its own in which code could hide', () => {
  expect(readdirSync(FOLDER)).toEqual(files);
});
