import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { codeFiles, ROOT, readJson, readText, repositoryFiles } from './repository.ts';

const documents = repositoryFiles.filter(
  (path) => path.endsWith('.md') && !path.startsWith('policies-out/') && !path.includes('/golden/'),
);

const withoutCode = (markdown: string): string =>
  markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');

const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (path: string): ReadonlySet<string> =>
  new Set([...readText(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading.trim())));

const linksOf = (path: string): string[] =>
  [...withoutCode(readText(path)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);

function isBroken(from: string, link: string): boolean {
  if (/^(?:https?|mailto):/.test(link)) return false;
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? from : posix.join(posix.dirname(from), file);
  if (!existsSync(join(ROOT, target))) return true;
  return anchor !== undefined && !anchorsOf(target).has(anchor);
}

describe('documents', () => {
  test('every link leads somewhere', () => {
    const broken = documents.flatMap((path) =>
      linksOf(path)
        .filter((link) => isBroken(path, link))
        .map((link) => `${path}: ${link}`),
    );
    expect(documents).toContain('README.md');
    expect(broken).toEqual([]);
  });

  test('every page below docs is linked from another document', () => {
    const linked = new Set(
      documents.flatMap((path) =>
        linksOf(path).map((link) => posix.join(posix.dirname(path), link.split('#')[0] ?? '')),
      ),
    );
    const lost = documents.filter((path) => path.startsWith('docs/') && !linked.has(path));
    expect(lost).toEqual([]);
  });

  test('every npm script that a document names exists', () => {
    const { scripts } = readJson('package.json') as { scripts: Record<string, string> };
    const named = documents.flatMap((path) =>
      [...readText(path).matchAll(/\bnpm run ([a-z:-]+)/g)].map(([, script = '']) => ({ path, script })),
    );
    expect(named.filter(({ script }) => scripts[script] === undefined)).toEqual([]);
  });

  test('decision records are numbered without a gap and say where they stand', () => {
    const records = documents.filter((path) => path.startsWith('docs/adr/'));
    const numbers = records.map((path) => /\/(\d{4})-[a-z0-9-]+\.md$/.exec(path)?.[1]);
    expect(numbers).toEqual(records.map((_, index) => String(index + 1).padStart(4, '0')));
    const incomplete = records.filter((path) =>
      ['Status', 'Context', 'Decision', 'Consequences'].some(
        (part) => !readText(path).includes(`\n## ${part}\n`),
      ),
    );
    expect(incomplete).toEqual([]);
  });
});

interface Term {
  readonly term: string;
  readonly types: readonly string[];
  readonly notThese: readonly string[];
}

const terms: readonly Term[] = readText('docs/glossary.md')
  .split('\n')
  .filter((line) => /^\| \*\*/.test(line))
  .map((line) => {
    const [, term = '', meaning = '', types = '', notThese = ''] = line.split('|');
    return {
      term: term.replaceAll('*', '').trim(),
      meaning,
      types: [...types.matchAll(/`([^`]+)`/g)].map(([, type = '']) => type),
      notThese: notThese.split(',').map((word) => word.trim()),
    };
  });

const exportedTypes: ReadonlyMap<string, string> = new Map(
  codeFiles
    .filter((path) => /^(?:server\/(?:core|contract|app)|collector)\//.test(path))
    .flatMap((path) =>
      [...readText(path).matchAll(/^export (?:declare )?(?:type|interface|class) ([A-Z]\w*)/gm)].map(
        ([, name = '']) => [name, path] as const,
      ),
    ),
);

const typeNameOf = (words: string): string =>
  words
    .split(/[ -]/)
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join('');

describe('the glossary', () => {
  test('has a row for each term, once', () => {
    const names = terms.map(({ term }) => term);
    expect(names.length).toBeGreaterThan(30);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test('every type it names is exported under that name', () => {
    const missing = terms.flatMap(({ term, types }) =>
      types.filter((type) => !exportedTypes.has(type)).map((type) => `${term}: ${type}`),
    );
    expect(missing).toEqual([]);
  });

  test('every type that is called like a term is named in the row of that term', () => {
    const unnamed = terms.flatMap(({ term, types }) =>
      term
        .split(' / ')
        .map(typeNameOf)
        .filter((name) => exportedTypes.has(name) && !types.includes(name)),
    );
    expect(unnamed).toEqual([]);
  });

  test('no type of core is called by a word that the glossary gives up', () => {
    const givenUp = new Set(terms.flatMap(({ notThese }) => notThese.map(typeNameOf)));
    const core = [...exportedTypes].filter(([, path]) => path.startsWith('server/core/'));
    const wrong = core.filter(([name, path]) => givenUp.has(name) && !path.includes('/simulation/'));
    expect(wrong).toEqual([]);
  });
});
