const LONGEST_COMMENT = 200;

/**
 * One line of printable ASCII: every other character is written as `\u{…}`. A reader of YAML may take characters such
 * as U+0085 for the end of a line, and what follows for a rule. At most `limit` characters, 200 unless told otherwise.
 */
export function printable(text: string, limit = LONGEST_COMMENT): string {
  const escaped = [...text].map((character) => (isPrintable(character) ? character : codePointOf(character)));
  let line = '';
  for (const piece of escaped) {
    if (line.length + piece.length > limit) return `${line.slice(0, limit - 3)}...`;
    line += piece;
  }
  return line;
}

const isPrintable = (character: string): boolean => character >= ' ' && character <= '~';

const codePointOf = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
