/** Why a piece of text was never given to a parser. */
export type UnreadableCode = 'too_long' | 'too_deep' | 'not_json' | 'not_an_object' | 'cut_off';

/** One piece of an input. `line` counts from 1 and is the piece's first line. */
export type TextRecord =
  /** Begins and ends as a JSON object does. */
  | { readonly kind: 'object'; readonly line: number; readonly text: string }
  /** A line of other text with a brace in it; `text` begins at the first. */
  | { readonly kind: 'embedded'; readonly line: number; readonly text: string; readonly excerpt: string }
  /** A line that holds no JSON object: log text, a shell's prompt. */
  | { readonly kind: 'text'; readonly line: number; readonly excerpt: string }
  | {
      readonly kind: 'unreadable';
      readonly line: number;
      readonly code: UnreadableCode;
      readonly excerpt: string;
    };

/** A line that was read from its bytes and needs no parser; there is none of them where nobody reads lines. */
export type ReadRecord<Read> = Read extends unknown
  ? { readonly kind: 'read'; readonly line: number; readonly read: Read }
  : never;

/**
 * Reads the line in the bytes from `from` up to `to`, which begins and ends as an object does; undefined leaves it to
 * a parser. The bytes hold only during the call.
 */
export type LineReader<Read> = (bytes: Buffer, from: number, to: number) => Read | undefined;

const EXCERPT_LENGTH = 80;
const LOOKED_AT_LENGTH = 400;
const LONG_WORD = /[^\s"'/{}[\](),:=&?]{20,}/g;
const QUERY = /\?[^\s"']*/g;

/**
 * The beginning of a line, fit to be shown and kept: query strings and long words are left out, since they are where
 * tokens are. Not escaped: that is for the place where it is shown.
 */
export function excerptOf(line: string): string {
  const cut = line.slice(0, LOOKED_AT_LENGTH).replace(QUERY, '?…').replace(LONG_WORD, '…');
  return cut.length > EXCERPT_LENGTH ? `${cut.slice(0, EXCERPT_LENGTH)}…` : cut;
}
