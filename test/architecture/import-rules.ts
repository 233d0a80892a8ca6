import type { Import } from './imports.ts';

interface Entry {
  readonly pattern: string;
  readonly isTypeOnly: boolean;
}

/** One row of the table: files below `from` may import what `allowed` names, unless `never` names it. */
export interface ImportRule {
  readonly from: string;
  readonly allowed: readonly Entry[];
  readonly never: readonly Entry[];
}

const ENTRY = /`([^`]+)`(\s\(types\))?/g;

const entriesOf = (cell: string): Entry[] =>
  [...cell.matchAll(ENTRY)].map(([, pattern = '', types]) => ({ pattern, isTypeOnly: types !== undefined }));

/** Reads the table below the heading "Who may import whom". A first cell with several entries makes several rules. */
export function parseImportRules(markdown: string): readonly ImportRule[] {
  const [, section = ''] = markdown.split(/^## Who may import whom$/m);
  const rows = section
    .split(/^## /m)[0]
    ?.split('\n')
    .filter((line) => line.startsWith('| `'));
  return (rows ?? []).flatMap((row) => {
    const [, from = '', allowed = '', never = ''] = row.split('|');
    return entriesOf(from).map(({ pattern }) => ({
      from: pattern,
      allowed: entriesOf(allowed),
      never: entriesOf(never),
    }));
  });
}

/** `*` stands for any text without a slash; the pattern covers what it names and everything below. */
function covers(pattern: string, path: string): boolean {
  const literal = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*');
  return new RegExp(`^${literal}(?:/|$)`).test(path);
}

/** The row that a file obeys: the longest one that covers it. */
export function ruleFor(rules: readonly ImportRule[], file: string): ImportRule | undefined {
  const covering = rules.filter(({ from }) => covers(from, file));
  return covering.toSorted((a, b) => b.from.length - a.from.length)[0];
}

/** `.` in a row is the folder that its first cell matched: `server/adapters/http` for `server/adapters/*`. */
const ownFolder = (rule: ImportRule, file: string): string =>
  file.split('/').slice(0, rule.from.split('/').length).join('/');

function matches(pattern: string, target: string): boolean {
  if (pattern === '*') return true;
  if (pattern.endsWith(':*')) return target.startsWith(pattern.slice(0, -1));
  return covers(pattern, target);
}

/** True when the rule of this file lets the import through. */
export function isAllowed(rule: ImportRule, file: string, { target, isTypeOnly }: Import): boolean {
  const isNamed = ({ pattern, isTypeOnly: onlyTypes }: Entry): boolean =>
    (isTypeOnly || !onlyTypes) && matches(pattern === '.' ? ownFolder(rule, file) : pattern, target);
  return rule.allowed.some(isNamed) && !rule.never.some(isNamed);
}
