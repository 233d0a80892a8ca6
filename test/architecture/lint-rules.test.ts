import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT, readJson } from './repository.ts';

interface Offence {
  readonly rule: string;
  readonly path: string;
  readonly source: string;
}

const lines = (count: number, line: string): string => `${line}\n`.repeat(count);
const branches = Array.from({ length: 6 }, (_, n) => `if (a > ${n}) { if (b > ${n}) { a += 1; } }`).join(
  '\n',
);

/** One offence against each rule that the way we work stands on, and the rule that must see it. */
const OFFENCES: readonly Offence[] = [
  ['style/noDefaultExport', 'server/app/a.ts', 'export default function a(): number { return 1; }'],
  ['style/noEnum', 'server/app/b.ts', 'export enum Verdict { Forwarded }'],
  ['performance/noBarrelFile', 'server/app/c.ts', "export * from './d.ts';"],
  ['suspicious/noExplicitAny', 'server/app/d.ts', 'export const d: any = 1;'],
  ['style/useFilenamingConvention', 'server/app/camelCase.ts', 'export const e = 1;'],
  [
    'style/useNodejsImportProtocol',
    'server/cli/f.ts',
    "import { join } from 'path';\nexport const f = join('a');",
  ],
  ['style/noExcessiveLinesPerFile', 'server/app/g.ts', lines(301, 'console.info(1);')],
  [
    'complexity/noExcessiveLinesPerFunction',
    'server/app/h.ts',
    `export function h(): void {\n${lines(61, 'console.info(1);')}}`,
  ],
  [
    'complexity/noExcessiveCognitiveComplexity',
    'server/app/i.ts',
    `export function i(a: number, b: number): number {\n${branches}\nreturn a; }`,
  ],
  [
    'suspicious/noImportCycles',
    'server/app/j.ts',
    "import { k } from './k.ts';\nexport const j = (): number => k();",
  ],
  [
    'security/noDangerouslySetInnerHtml',
    'web/ui/l.tsx',
    'export const L = () => <div dangerouslySetInnerHTML={{ __html: name }} />;',
  ],
  ['style/noRestrictedImports', 'server/core/m.ts', "import { z } from 'zod';\nexport const m = z;"],
  [
    'style/noRestrictedImports',
    'server/core/n.ts',
    "import { n as o } from '../app/n.ts';\nexport const n = o;",
  ],
  [
    'style/noRestrictedImports',
    'server/core/o.ts',
    "import { o as p } from '#contract/o.ts';\nexport const o = p;",
  ],
  [
    'style/noRestrictedImports',
    'server/core/p.ts',
    "import { readFileSync } from 'node:fs';\nexport const p = readFileSync;",
  ],
  ['style/noRestrictedGlobals', 'server/core/q.ts', 'export const q = Date.now();'],
  ['style/noRestrictedGlobals', 'server/core/r.ts', 'export const r = globalThis;'],
  ['nursery/noJsRestrictedProperties', 'server/core/s.ts', 'export const s = Math.random();'],
  ['nursery/noJsRestrictedProperties', 'server/core/t.ts', "export const t = 'a'.localeCompare('b');"],
].map(([rule = '', path = '', source = '']) => ({ rule, path, source }));

const BESIDE = {
  'server/app/k.ts': "import { j } from './j.ts';\nexport const k = (): number => j();",
  'server/core/fine.ts': 'export const fine = (at: number): number => Math.max(at, 0);\n',
};

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'bulkhead-lint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Diagnostic {
  readonly category: string;
  readonly location: { readonly path?: string | { readonly file: string } };
}

let found: readonly { rule: string; path: string }[] = [];

beforeAll(() => {
  const { $schema: _, ...config } = readJson('biome.json') as Record<string, unknown>;
  writeFileSync(join(folder, 'biome.json'), JSON.stringify(config));
  for (const [path, source] of [
    ...OFFENCES.map((each) => [each.path, each.source] as const),
    ...Object.entries(BESIDE),
  ]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), source);
  }
  const biome = realpathSync(join(ROOT, 'node_modules/.bin/biome'));
  const argv = ['lint', '--reporter=json', '--max-diagnostics=none', '.'];
  const ran = spawnSync(process.execPath, [biome, ...argv], { cwd: folder, encoding: 'utf8' });
  const { diagnostics } = JSON.parse(ran.stdout) as { diagnostics: readonly Diagnostic[] };
  found = diagnostics.map(({ category, location }) => ({
    rule: category.replace(/^lint\//, ''),
    path: typeof location.path === 'string' ? location.path : (location.path?.file ?? ''),
  }));
}, 60_000);

describe('the linter sees', () => {
  test.each(OFFENCES)('$rule in $path', ({ rule, path }) => {
    expect(found.filter((each) => each.path.endsWith(path)).map((each) => each.rule)).toContain(rule);
  });

  test('nothing in a file of core that is as it should be', () => {
    expect(found.filter(({ path }) => path.endsWith('server/core/fine.ts'))).toEqual([]);
  });
});
