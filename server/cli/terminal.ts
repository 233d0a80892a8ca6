import { asciiJson } from '#core/ascii-json.ts';

/** Where a command writes, and what it may assume of the reader. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Progress is drawn only where a person watches standard error. */
  readonly isErrTerminal: boolean;
  /** Milliseconds of a clock that never goes back; for rates and pauses only. */
  monotonicMs(): number;
}

/** A mistake of the user's: one sentence, no stack trace, exit code 2. */
export class UsageError extends Error {
  /** Lines shown below the sentence: what it is about, with a mark at the place. */
  readonly excerpt: readonly string[];

  constructor(message: string, excerpt: readonly string[] = []) {
    super(message);
    this.excerpt = excerpt;
  }
}

/** Exit codes, made for CI. */
export const EXIT = { fine: 0, found: 1, unusable: 2 } as const;

const isHarmful = (code: number): boolean =>
  code < 0x20 || // C0 controls, tab and line feed included: callers print one line at a time
  (code >= 0x7f && code <= 0x9f) || // DEL and C1 controls, CSI among them
  code === 0x200e ||
  code === 0x200f ||
  (code >= 0x2028 && code <= 0x202e) || // line and paragraph separators, bidi embeddings and overrides
  (code >= 0x2066 && code <= 0x2069) ||
  (code >= 0xd800 && code <= 0xdfff); // lone surrogates: for..of joins the paired ones

/** Text from data made safe to print: whatever could move the cursor or reorder text is written as `\u{…}`. */
export function printable(text: string): string {
  let safe = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    safe += isHarmful(code) ? `\\u{${code.toString(16)}}` : character;
  }
  return safe;
}

/** bigint has no JSON; its decimal text is exact. */
const exact = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value;

/** A value as JSON for a terminal or a file: indented, in ASCII, with a line end. */
export const jsonText = (value: unknown): string => `${asciiJson(JSON.stringify(value, exact, 2))}\n`;

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `1.2 MB`. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power]}`;
}

/** `1 234 567`. */
export const formatCount = (count: number | bigint): string =>
  String(count).replaceAll(/\B(?=(\d{3})+$)/g, ' ');

/** `2 h 05 min`, `3 min 12 s`, `850 ms`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** `1 edge`, `2 edges`. */
export const plural = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;

/** `1 policy`, `2 policies`. */
export const policiesText = (count: number): string =>
  `${formatCount(count)} ${count === 1 ? 'policy' : 'policies'}`;

/** The first of many names, and how many more there are. */
export function firstNames(names: readonly string[], most: number): string {
  const hidden = names.length - most;
  const shown = names.slice(0, most).join(', ');
  return hidden > 0 ? `${shown} and ${formatCount(hidden)} more` : shown;
}

/** The first lines of a long list, and a line about those that are left out. */
export function firstLines(
  lines: readonly string[],
  most: number,
  aboutHidden: (count: number) => string,
): readonly string[] {
  const hidden = lines.length - most;
  return hidden > 0 ? [...lines.slice(0, most), aboutHidden(hidden)] : lines;
}
