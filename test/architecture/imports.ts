import { posix } from 'node:path';

/** One place where a file names another module. */
export interface Import {
  /** As it is written. */
  readonly specifier: string;
  /** What it means: a path of this repository, `node:name` or `npm:name`. */
  readonly target: string;
  readonly isTypeOnly: boolean;
}

const COMMENT_OR_TEXT =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;

/** The code with its comments blanked, so that an example in a comment imports nothing. */
export const withoutComments = (source: string): string =>
  source.replace(COMMENT_OR_TEXT, (found) => (found.startsWith('/') ? ' ' : found));

/** The code with comments and the insides of texts blanked: what is left are names and signs. */
export const namesOnly = (source: string): string =>
  source.replace(COMMENT_OR_TEXT, (found) => (found.startsWith('/') ? ' ' : "''"));

const STATEMENT = /^\s*(?:import|export)\s+(type\s)?(?:[^'"`;]*?\sfrom\s*)?['"]([^'"]+)['"]/gm;
const CALL = /\bimport\(\s*['"]([^'"]+)['"]/g;
const ADDRESS = /\bnew URL\(\s*['"](\.[^'"]+\.tsx?)['"],\s*import\.meta\.url/g;

function targetOf(file: string, specifier: string): string {
  if (specifier.startsWith('#')) return `server/${specifier.slice(1)}`;
  if (specifier.startsWith('.')) return posix.join(posix.dirname(file), specifier);
  if (specifier.startsWith('node:')) return specifier;
  return `npm:${specifier}`;
}

/** Every module that a file names: static, dynamic, re-exported, or started as a worker. */
export function importsOf(file: string, source: string): readonly Import[] {
  const code = withoutComments(source);
  const found = (specifier: string, isTypeOnly: boolean): Import => ({
    specifier,
    target: targetOf(file, specifier),
    isTypeOnly,
  });
  return [
    ...[...code.matchAll(STATEMENT)].map(([, type, name = '']) => found(name, type !== undefined)),
    ...[...code.matchAll(CALL)].map(([, name = '']) => found(name, false)),
    ...[...code.matchAll(ADDRESS)].map(([, name = '']) => found(name, false)),
  ];
}

/** True for `import(…)` of something that is not written out, which no table can judge. */
export const hasComputedImport = (source: string): boolean =>
  /\bimport\((?!\s*['"])/.test(withoutComments(source));
