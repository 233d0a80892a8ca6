import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type InstalledPackage, installPackage } from './installed-package.ts';

const ROOT = join(import.meta.dirname, '../../..');

let installed: InstalledPackage;
beforeAll(() => {
  installed = installPackage();
  succeed('demo', '-o', 'demo.jsonl', '--minutes', '20');
}, 120_000);
afterAll(() => rmSync(installed.folder, { recursive: true, force: true }));

/** Runs the installed command and shows its words if it does not end well. */
function succeed(...argv: readonly string[]): string {
  const { code, out, err } = installed.bulkhead(...argv);
  expect({ code, err: code === 0 ? '' : err + out }).toEqual({ code: 0, err: '' });
  return out;
}

describe('what is in the tarball', () => {
  test('only built code: no TypeScript, no test, no source of the page', () => {
    const allowed =
      /^(?:LICENSE|README\.md|CHANGELOG\.md|package\.json|deploy\/package\/bulkhead\.mjs|dist\/.+)$/;
    expect(installed.files.filter((path) => !allowed.test(path))).toEqual([]);
    expect(installed.files.filter((path) => /\.tsx?$|\.tsbuildinfo$|^dist\/test\//.test(path))).toEqual([]);
  });

  test('the command, the collector, the scanner, the page, the licence and the readme', () => {
    for (const path of [
      'dist/server/cli/bulkhead.js',
      'dist/collector/main.js',
      'dist/collector/sources/hubble/scan/scanner.wasm',
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

  test('npm builds the page, the scanner and the code before it packs', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    expect(scripts['prepack']).toBe(
      'npm run --silent build:web && npm run --silent build:scanner && node deploy/package/build.ts',
    );
  });
});

describe('the installed command', () => {
  test('says its version and explains itself', () => {
    expect(succeed('--version').trim()).toBe(installed.manifest.version);
    expect(succeed('--help')).toContain('bulkhead graph events.log');
  });

  test('maps the demo it has written, proposes policies for it and proves them again', () => {
    expect(succeed('graph', 'demo.jsonl')).toMatch(/ => .* : TCP \d+/);
    succeed('propose', 'demo.jsonl', '-o', 'policies-out');
    succeed('verify', 'policies-out');
  }, 120_000);

  test('finds the policy that was edited by hand after it was proven', () => {
    const path = join(installed.folder, 'policies-out/demo/shop/cart-deployment.yaml');
    const proven = readFileSync(path, 'utf8');
    const edited = proven.replace(/^( +)ingress:$/m, '$1ingress:\n$1  - {}');
    expect(edited).not.toBe(proven);
    writeFileSync(path, edited);
    expect(installed.bulkhead('verify', 'policies-out').code).toBe(1);
  });

  test('serves the page it was packed with, and ends when it is told to', async () => {
    const server = installed.start('serve', '--file', 'demo.jsonl', '--port', '0');
    const ended = once(server, 'exit');
    try {
      const [line] = (await once(server.stdout as Readable, 'data')) as [Buffer];
      const address = /http:\/\/\S+/.exec(line.toString())?.[0] ?? '';
      const page = await fetch(address);
      expect(page.status).toBe(200);
      expect(page.headers.get('content-type')).toContain('text/html');
      const ready = await fetch(new URL('/healthz', address));
      expect(ready.status).toBe(200);
    } finally {
      server.kill('SIGTERM');
    }
    expect(await ended).toEqual([0, null]);
  });

  test("ends a user's mistake with code 2 and one sentence", () => {
    const { code, err } = installed.bulkhead('graph', 'no-such-file.jsonl');
    expect(code).toBe(2);
    expect(err).toMatch(/^bulkhead: .*no-such-file\.jsonl/);
    expect(err).not.toContain('    at ');
  });
});
