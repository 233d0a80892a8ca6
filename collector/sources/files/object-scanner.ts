const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const LINE_FEED = 0x0a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** No flow nests deeper than eight levels; 64 leaves room and bounds the work of a hostile line. */
export const MAX_DEPTH = 64;

/** `more`: not closed yet; `closed`: the object ends before `at`; `broken`: this can not become JSON any more. */
export type ScanState = 'more' | 'closed' | 'broken' | 'too_deep';

/**
 * Finds where one JSON object ends, across lines and chunks, without building it. It knows strings, escapes, which
 * bracket closes which, and where an object may not begin, so that a line cut in half is noticed at the next one.
 * Everything else is left to the parser that gets the text.
 */
export class ObjectScanner {
  /** Where the next call goes on, relative to the first byte of the object. */
  at = 0;
  #depth = 0;
  #previous = 0;
  #inString = false;
  #isEscaped = false;
  readonly #isArray = new Uint8Array(MAX_DEPTH + 1);

  /** Forgets everything, to begin at an opening brace. */
  reset(): void {
    this.at = 0;
    this.#depth = 0;
    this.#previous = 0;
    this.#inString = false;
    this.#isEscaped = false;
  }

  /** Goes on through the object that begins at `start`, up to `end`; `at` tells how far it came. */
  scan(bytes: Uint8Array, start: number, end: number): ScanState {
    let i = start + this.at;
    let state: ScanState = 'more';
    while (i < end && state === 'more') {
      const byte = bytes[i] ?? 0;
      i += 1;
      if (this.#inString) state = this.#insideString(byte);
      else if (byte > 0x20) state = this.#outsideString(byte);
    }
    this.at = i - start;
    return state;
  }

  #insideString(byte: number): ScanState {
    if (byte === LINE_FEED) return 'broken';
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#inString = false;
    return 'more';
  }

  #outsideString(byte: number): ScanState {
    let state: ScanState = 'more';
    if (byte === QUOTE) this.#inString = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) state = this.#open(byte);
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) state = this.#close(byte);
    this.#previous = byte;
    return state;
  }

  #open(byte: number): ScanState {
    const isInArray = this.#isArray[this.#depth] === 1;
    const isFirst = this.#depth === 0;
    const mayOpen =
      isFirst ||
      this.#previous === COLON ||
      (isInArray && (this.#previous === OPEN_ARRAY || this.#previous === COMMA));
    if (!mayOpen) return 'broken';
    if (this.#depth === MAX_DEPTH) return 'too_deep';
    this.#depth += 1;
    this.#isArray[this.#depth] = byte === OPEN_ARRAY ? 1 : 0;
    return 'more';
  }

  #close(byte: number): ScanState {
    const closesArray = byte === CLOSE_ARRAY ? 1 : 0;
    if (this.#isArray[this.#depth] !== closesArray) return 'broken';
    this.#depth -= 1;
    return this.#depth === 0 ? 'closed' : 'more';
  }
}

const isSeparator = (byte: number): boolean =>
  byte <= 0x20 || byte === COMMA || byte === OPEN_ARRAY || byte === CLOSE_ARRAY;

/**
 * The objects of one line that holds several (`{…}{…}` or `[{…},{…}]`), in order; undefined when anything else than
 * white space, commas and the array's brackets stands between them, or when one does not end.
 */
export function objectsWithin(line: string): readonly string[] | undefined {
  const bytes = Buffer.from(line);
  const scanner = new ObjectScanner();
  const objects: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0;
    if (byte === OPEN_OBJECT) {
      scanner.reset();
      if (scanner.scan(bytes, at, bytes.length) !== 'closed') return undefined;
      objects.push(bytes.toString('utf8', at, at + scanner.at));
      at += scanner.at;
    } else if (isSeparator(byte)) at += 1;
    else return undefined;
  }
  return objects;
}
