/** Deeper paths and longer ones end in this. */
const REST = '…';
const FOLDED = ':id';
const MAX_SEGMENTS = 12;
const MAX_LENGTH = 256;
const LONGEST_WORD = 40;

const SCHEME_AND_HOST = /^[A-Za-z][A-Za-z0-9+.-]{0,31}:\/\/[^/?#]*/;
const PLAIN = /^[A-Za-z0-9._~+-]+$/;
const HEX = /^[0-9A-Fa-f]{8,}$/;
const DIGITS = /\d/g;
const UPPER = /[A-Z]/g;

const countOf = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/**
 * A word of letters that nobody would say: too long, or upper and lower case mixed as an encoder does it and a name
 * in camel case does not.
 */
function isRandomLetters(word: string): boolean {
  if (word.length < 16) return false;
  if (word.length > LONGEST_WORD) return true;
  const upper = countOf(word, UPPER);
  return upper >= 2 && upper / word.length > 0.32;
}

function isRandomWord(word: string): boolean {
  if (HEX.test(word)) return true;
  const digits = countOf(word, DIGITS);
  if (digits === 0) return isRandomLetters(word);
  return digits === word.length || digits >= 4 || word.length >= 12;
}

/** True when a segment looks like somebody's id, address, date or token rather than a word of the API. */
function isIdentifying(segment: string): boolean {
  if (!PLAIN.test(segment)) return true;
  if (countOf(segment, DIGITS) >= 5) return true;
  return segment.length > 80 || segment.split(/[._~+-]+/).some(isRandomWord);
}

/**
 * A URL's path as it may be kept: no scheme, user, host, query string, fragment or path parameters, and every segment
 * that looks like an id or a token folded to `:id`. `/` when there is no path.
 */
export function pathShape(url: string): string {
  const path = (url.replace(SCHEME_AND_HOST, '').split(/[?#]/, 1)[0] ?? '').slice(0, 4 * MAX_LENGTH);
  const segments = path.split('/').filter((segment) => segment !== '');
  const kept = segments.slice(0, MAX_SEGMENTS).map((segment) => {
    const name = segment.split(';', 1)[0] ?? '';
    return isIdentifying(name) ? FOLDED : name;
  });
  const shape = `/${kept.join('/')}${segments.length > MAX_SEGMENTS ? `/${REST}` : ''}`;
  return shape.length > MAX_LENGTH ? `${shape.slice(0, MAX_LENGTH)}${REST}` : shape;
}
