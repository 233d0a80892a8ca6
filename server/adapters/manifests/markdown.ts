import { printable } from '#core/policy/printable.ts';

/** Longer than any sentence of ours, short enough to be read. */
const LONGEST_TEXT = 1000;

const SPECIAL = /[\\`*_[\]<>|#~&!{}]/g;

/**
 * A sentence that may hold names from flows, as Markdown text: nothing in it becomes markup, a link or a table cell.
 * Renderers make links of bare addresses too, hence the marks inside `://` and `www.`.
 */
export const sentence = (text: string): string =>
  printable(text, LONGEST_TEXT)
    .replace(SPECIAL, (character) => `\\${character}`)
    .replaceAll('://', ':\\/\\/')
    .replace(/www\./gi, (prefix) => `${prefix.slice(0, 3)}\\.`)
    .replaceAll('@', '(at)');

const longestRun = (text: string): number =>
  Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));

/** Text from flows as a code span, its fence longer than any run of backticks inside. */
export function code(text: string): string {
  const line = printable(text, LONGEST_TEXT);
  const fence = '`'.repeat(longestRun(line) + 1);
  const padding = line === '' || line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${padding}${line}${padding}${fence}`;
}

/** A table; cells are Markdown already. A bar ends a cell even within a code span, unless it is escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replace(/(?<!\\)\|/g, '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
