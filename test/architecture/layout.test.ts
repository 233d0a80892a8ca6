import { describe, expect, test } from 'vitest';
import { codeFiles, readText, repositoryFiles, textFiles } from './repository.ts';

const FOLDERS = ['.ci', 'collector', 'deploy', 'docs', 'policies-out', 'server', 'test', 'web'];
const FILES = [
  '.editorconfig',
  '.gitignore',
  '.npmrc',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'LICENSE',
  'README.md',
  'SECURITY.md',
  'biome.json',
  'package-lock.json',
  'package.json',
  'tsconfig.base.json',
  'tsconfig.json',
];

describe('the rooms', () => {
  test('the top level holds what the design names and nothing else', () => {
    const top = new Set(repositoryFiles.map((path) => path.split('/')[0] ?? ''));
    expect([...top].filter((name) => !FOLDERS.includes(name) && !FILES.includes(name))).toEqual([]);
    expect(FILES.filter((name) => !repositoryFiles.includes(name))).toEqual([]);
  });

  test('every test file lies in the folder of its kind', () => {
    const kinds = /^test\/(?:unit|property|contract|scenarios|integration|e2e|architecture)\//;
    const tests = repositoryFiles.filter((path) => /\.test\.tsx?$/.test(path));
    expect(tests.filter((path) => !kinds.test(path))).toEqual([]);
  });

  test('no catch-all file and no index', () => {
    const vague = /(?:^|\/)(?:index|utils?|helpers?|common|misc)\.(?:ts|tsx)$/;
    expect(repositoryFiles.filter((path) => vague.test(path))).toEqual([]);
  });

  test('continuous integration runs the command that the readme names', () => {
    expect(readText('.ci/run')).toMatch(/^npm ci\nnpm test\b/m);
    expect(readText('README.md')).toContain('npm ci && npm test\n');
  });
});

describe('the code map in ARCHITECTURE.md', () => {
  const text = readText('ARCHITECTURE.md');
  const [, map = ''] = text.split(/^## Code map$/m);
  const named = (map.split(/^## /m)[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)])
    .map(([, path = '']) => path.replace(/\/$/, ''));

  test('leads to rooms that exist, on a page of at most 200 lines', () => {
    expect(text.split('\n').length).toBeLessThanOrEqual(200);
    const missing = named.filter(
      (path) => !repositoryFiles.some((file) => file === path || file.startsWith(`${path}/`)),
    );
    expect(missing).toEqual([]);
  });

  test('names every room', () => {
    const room =
      /^(?:collector\/sources|server\/core\/policy|server\/core|server\/adapters|server|web|deploy)\/[^/]+(?=\/)/;
    const rooms = new Set(codeFiles.flatMap((file) => room.exec(file)?.[0] ?? []));
    const isNamed = (path: string): boolean =>
      named.some((name) => name === path || name.startsWith(`${path}/`));
    expect(rooms.size).toBeGreaterThan(15);
    expect([...rooms].filter((path) => !isNamed(path))).toEqual([]);
  });
});

describe('nothing of one machine is in the repository', () => {
  const MACHINE = new RegExp(
    [
      String.raw`(?<![\w.~-])/(?:root|work|workspace|builds|Users|private)(?:/|\b(?![\w-]))`,
      String.raw`(?<![\w.~-])/home/(?!somebody\b)\w`,
      String.raw`\b[A-Z]:\\Users\\`,
      String.raw`\bregistry\.[a-z0-9-]+\.(?:org|com|net|dev|io)\b`,
      String.raw`\b(?:10|192\.168)(?:\.\d+)+:(?:4873|8081)\b`,
    ].join('|'),
  );

  test('no path of a home or a workplace, and no address of a package registry', () => {
    const found = textFiles
      .filter((path) => path !== 'test/architecture/layout.test.ts')
      .flatMap((path) =>
        readText(path)
          .split('\n')
          .flatMap((line, index) => (MACHINE.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
      );
    expect(found).toEqual([]);
  });

  test.each(['/root/.npm', '"/Users/me/code"', 'C:\\Users\\me', 'https://registry.example.org/x'])(
    'is noticed: %s',
    (line) => {
      expect(line).toMatch(MACHINE);
    },
  );
});

describe('nothing is left unfinished or switched off', () => {
  const mine = (path: string): boolean => path.startsWith('test/architecture/');

  test('no word of unfinished work', () => {
    const words = /\b(?:TODO|FIXME|XXX|HACK)\b/;
    const found = codeFiles.filter((path) => !mine(path) && words.test(readText(path)));
    expect(found).toEqual([]);
  });

  test('no test is focused, skipped in place, or waits for a clock', () => {
    const off = /\b(?:test|it|describe)\.(?:only|skip|todo|fails)\(|\bwaitForTimeout\(|\bsleep\(/;
    const found = codeFiles.filter(
      (path) => path.startsWith('test/') && !mine(path) && off.test(readText(path)),
    );
    expect(found).toEqual([]);
  });

  test('every test file asserts something', () => {
    const tests = repositoryFiles.filter((path) => /\.test\.tsx?$/.test(path));
    expect(tests.length).toBeGreaterThan(10);
    expect(tests.filter((path) => !/\bexpect(?:TypeOf)?\(|\bassert\b/.test(readText(path)))).toEqual([]);
  });

  test('the compiler is not told to look away', () => {
    const found = codeFiles.filter(
      (path) => !mine(path) && /@ts-(?:ignore|nocheck|expect-error)/.test(readText(path)),
    );
    expect(found).toEqual([]);
  });
});
