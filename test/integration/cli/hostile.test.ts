import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bulkhead } from '../../support/cli.ts';
import { hostileExport } from '../../support/hostile-export.ts';
import { tempFolder } from '../../support/temp-folder.ts';

/** Controls but line ends, separators that YAML takes for line ends, and what reorders text. */
const HARMFUL = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const withoutLineEnds = (text: string): string => text.replaceAll(/\r?\n/g, '');

test.each([
  ['inspect', 'hostile.jsonl'],
  ['inspect', 'hostile.jsonl', '--json'],
  ['graph', 'hostile.jsonl'],
  ['graph', 'hostile.jsonl', '--format', 'csv'],
  ['graph', 'hostile.jsonl', '--format', 'dot'],
  ['graph', 'hostile.jsonl', '--format', 'json'],
  ['graph', 'hostile.jsonl', '--format', 'ndjson'],
  ['graph', 'hostile.jsonl', '--format', 'graphml'],
  ['learn', 'hostile.jsonl', '-o', 'baseline.yaml'],
  ['propose', 'hostile.jsonl', '-o', 'out'],
  ['propose', 'hostile.jsonl', '-o', 'out', '--json'],
])('`bulkhead %s %s %s %s` prints hostile names without harm', async (...args) => {
  const cwd = tempFolder();
  writeFileSync(join(cwd, 'hostile.jsonl'), hostileExport());
  const { code, out, err } = await bulkhead(args, { cwd });
  expect({ code, err: withoutLineEnds(err).match(HARMFUL) }).toEqual({ code: 0, err: null });
  expect(out.length).toBeGreaterThan(20);
  expect(withoutLineEnds(out)).not.toMatch(HARMFUL);
});

test('the terminal shows what was there, as visible escapes', async () => {
  const cwd = tempFolder();
  writeFileSync(join(cwd, 'hostile.jsonl'), hostileExport());
  const { out } = await bulkhead(['inspect', 'hostile.jsonl'], { cwd });
  expect(out).toContain('invalid-name');
  expect(out).toMatch(/\\u\{/);
});

test('an export holds no harmful byte, no hostile file name, and verifies', async () => {
  const cwd = tempFolder();
  writeFileSync(join(cwd, 'hostile.jsonl'), hostileExport());
  await bulkhead(['propose', 'hostile.jsonl', '-o', 'out'], { cwd });
  const entries = readdirSync(join(cwd, 'out'), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(5);
  for (const entry of entries) expect(entry.name).toMatch(/^[A-Za-z0-9.-]{1,90}$/);
  for (const file of files) {
    const text = readFileSync(join(file.parentPath, file.name), 'utf8');
    expect(withoutLineEnds(text)).not.toMatch(HARMFUL);
  }
  expect((await bulkhead(['verify', 'out'], { cwd })).code).toBe(0);
});

test('a baseline file keeps hostile text exactly: proposing from it gives the bytes of proposing from the flows', async () => {
  const cwd = tempFolder();
  writeFileSync(join(cwd, 'hostile.jsonl'), hostileExport());
  await bulkhead(['learn', 'hostile.jsonl', '-o', 'baseline.yaml'], { cwd });
  expect(withoutLineEnds(readFileSync(join(cwd, 'baseline.yaml'), 'utf8'))).not.toMatch(HARMFUL);
  await bulkhead(['propose', 'hostile.jsonl', '-o', 'a'], { cwd });
  await bulkhead(['propose', '--baseline', 'baseline.yaml', '-o', 'b'], { cwd });
  const certificate = (folder: string) =>
    readFileSync(join(cwd, folder, 'default', 'certificate.json'), 'utf8');
  expect(certificate('b')).toBe(certificate('a'));
});
