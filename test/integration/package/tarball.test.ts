import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type InstalledPackage, installPackage } from './installed-package.ts';

const ROOT = join(import.meta.dirname, '../../..');

let installed: InstalledPackage;
beforeAll(() => {
  installed = installPackage();
}, 120_000);
afterAll(() => rmSync(installed.folder, { recursive: true, force: true }));

/** Runs the installed command and shows its words if it does not end well. */
function succeed(...argv: readonly string[]): string {
  const { code, out, err } = installed.bulkhead(...argv);
  expect({ code, err: code === 0 ? '' : err + out }).toEqual({ code: 0, err: '' });
  return out;
}

const manifests = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('-networkpolicy.yaml') || path.endsWith('-NetworkPolicy.yaml'))
    .sort();

describe('what is in the tarball', () => {
  test('only built code: no TypeScript, no test, no source of the page', () => {
    const allowed =
      /^(?:LICENSE|README\.md|CHANGELOG\.md|package\.json|deploy\/package\/bulkhead\.mjs|dist\/.+)$/;
    expect(installed.files.filter((path) => !allowed.test(path))).toEqual([]);
    expect(installed.files.filter((path) => /\.tsx?$|\.tsbuildinfo$|^dist\/test\//.test(path))).toEqual([]);
  });

  test('the command, the collector, the page, the licence and the readme', () => {
    for (const path of [
      'dist/server/cli/bulkhead.js',
      'dist/collector/main.js',
      'dist/web/dist/index.html',
      'LICENSE',
      'README.md',
    ]) {
      expect(installed.files).toContain(path);
    }
  });

  test('every built file has its source: nothing is left over from an earlier build', () => {
    const built = installed.files.filter((path) => /^dist\/(?:server|collector)\/.*\.js$/.test(path));
    expect(built.length).toBeGreaterThan(50);
    const orphans = built.filter(
      (path) => !existsSync(join(ROOT, path.replace(/^dist\//, '').replace(/\.js$/, '.ts'))),
    );
    expect(orphans).toEqual([]);
  });

  test('npm builds the page and the code before it packs', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    expect(scripts['prepack']).toBe('npm run --silent build:web && node deploy/package/build.ts');
  });
});

describe('the installed command', () => {
  test('says its version and explains itself', () => {
    expect(succeed('--version').trim()).toBe(installed.manifest.version);
    expect(succeed('--help')).toContain('bulkhead graph events.log');
  });

  test('writes the demo, maps it, proposes policies for it and proves them again', () => {
    succeed('demo', '-o', 'demo.jsonl', '--minutes', '20');
    expect(succeed('graph', 'demo.jsonl')).toMatch(/ => .* : TCP \d+/);
    succeed('propose', 'demo.jsonl', '-o', 'policies-out');
    succeed('verify', 'policies-out');
  }, 120_000);

  test('finds the policy that was edited by hand after it was proven', () => {
    const folder = join(installed.folder, 'policies-out');
    const edited = manifests(folder)
      .map((path) => join(folder, path))
      .find((path) => /^\s+ingress:$/m.test(readFileSync(path, 'utf8')));
    expect(edited).toBeDefined();
    const path = String(edited);
    writeFileSync(path, readFileSync(path, 'utf8').replace(/^(\s+)ingress:$/m, '$1ingress:\n$1  - {}'));
    expect(installed.bulkhead('verify', 'policies-out').code).toBe(1);
  });

  test("ends a user's mistake with code 2 and one sentence", () => {
    const { code, err } = installed.bulkhead('graph', 'no-such-file.jsonl');
    expect(code).toBe(2);
    expect(err).toMatch(/^bulkhead: .*no-such-file\.jsonl/);
    expect(err).not.toContain('    at ');
  });
});
