import { execFileSync } from 'node:child_process';
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

const git = (...argv: readonly string[]): string =>
  execFileSync('git', argv, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });

/** False for what git still lists but is gone, and for links. */
const isFile = (path: string): boolean =>
  lstatSync(join(ROOT, path), { throwIfNoEntry: false })?.isFile() ?? false;

/** Every file of the repository, new ones that git does not ignore included; paths with `/` from its root, sorted. */
export const repositoryFiles: readonly string[] = git(
  'ls-files',
  '-z',
  '--cached',
  '--others',
  '--exclude-standard',
)
  .split('\0')
  .filter((path) => path !== '' && isFile(path))
  .sort();

/** Paths that git holds as executable. */
export const executablesInGit: ReadonlySet<string> = new Set(
  git('ls-files', '-z', '--stage')
    .split('\0')
    .filter((line) => line.startsWith('100755 '))
    .map((line) => line.slice(line.indexOf('\t') + 1)),
);

/** Paths that git holds at all. */
export const filesInGit: ReadonlySet<string> = new Set(git('ls-files', '-z', '--cached').split('\0'));

export const readText = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

export const readJson = (path: string): unknown => JSON.parse(readText(path));

const CODE = /\.(?:ts|tsx|mts|mjs|js)$/;

/** The code of the product and its tests. */
export const codeFiles: readonly string[] = repositoryFiles.filter((path) => CODE.test(path));

/** Files that are text, as far as their names tell. */
export const textFiles: readonly string[] = repositoryFiles.filter(
  (path) => !/\.(?:png|jpe?g|ico|gz|woff2?|wasm|tgz|bin)$/.test(path),
);
