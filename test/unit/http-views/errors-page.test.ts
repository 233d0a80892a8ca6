import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PROBLEMS } from '../../../server/adapters/http/problem/codes.ts';

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
const section = page.split('\n## ').find((text) => text.startsWith('HTTP API')) ?? '';
const rows = [...section.matchAll(/^\| `([a-z_]+)` \| (\d{3}) \| (.+) \| (.+) \|$/gm)];

test('the page lists every code the API can answer with, its status, and no other', () => {
  const listed = rows.map(([, code, status]) => [code, Number(status)]);
  expect(listed).toEqual(Object.entries(PROBLEMS).map(([code, [status]]) => [code, status]));
});

test('every code says what to do', () => {
  for (const [, , , when, remedy] of rows) {
    expect(when).toMatch(/\.$/);
    expect(remedy).toMatch(/\.$/);
  }
});
