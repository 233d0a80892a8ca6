import { MAX_DEPTH, MAX_DIGITS } from './fields.ts';

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;
const SMALL_U = 0x75;

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= 0x39;
const isExponent = (byte: number | undefined): boolean => byte === 0x65 || byte === 0x45;

const isHexDigit = (byte: number | undefined): boolean =>
  isDigit(byte) || (byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);

/** 1 for what does not simply stand for itself in a string: the quote, the backslash, control bytes, all but ASCII. */
const ENDS_PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte > 0x7f || byte === QUOTE || byte === BACKSLASH ? 1 : 0,
);
/** What may follow a backslash, beside `u`. */
const ESCAPES = new Set([...'"\\/bfnrt'].map((each) => each.charCodeAt(0)));
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');

/**
 * Passes over JSON (RFC 8259) that has no white space between its parts and nothing but ASCII. Each `pass…` answers
 * false when there is something else at `pos`, or when it is not over before `limit`.
 */
export class JsonCursor {
  bytes: Uint8Array = new Uint8Array(0);
  pos = 0;
  limit = 0;
  readonly #isArray = new Uint8Array(MAX_DEPTH);

  /** A text without escapes: its bytes are its characters. */
  passPlainText(): boolean {
    const { bytes } = this;
    if (bytes[this.pos] !== QUOTE) return false;
    let at = this.pos + 1;
    while (ENDS_PLAIN[bytes[at] as number] === 0) at += 1;
    this.pos = at + 1;
    return bytes[at] === QUOTE && at < this.limit;
  }

  #passText(): boolean {
    const { bytes } = this;
    let at = this.pos + 1;
    for (;;) {
      while (ENDS_PLAIN[bytes[at] as number] === 0) at += 1;
      if (bytes[at] !== BACKSLASH) break;
      at = this.#afterEscape(at + 1);
    }
    this.pos = at + 1;
    return bytes[at] === QUOTE && at < this.limit;
  }

  /** The place behind an escape whose backslash is before `at`; one that no text goes on at when it is none. */
  #afterEscape(at: number): number {
    const { bytes } = this;
    const byte = bytes[at] as number;
    if (ESCAPES.has(byte)) return at + 1;
    const isCode = byte === SMALL_U && [1, 2, 3, 4].every((i) => isHexDigit(bytes[at + i]));
    return isCode ? at + 5 : this.limit;
  }

  /** A whole number from 0 up without leading zeros, of few digits; -1 when there is none. */
  readNumber(): number {
    const { bytes } = this;
    const from = this.pos;
    let at = from;
    let value = 0;
    for (; isDigit(bytes[at]); at += 1) value = value * 10 + (bytes[at] as number) - ZERO;
    this.pos = at;
    const size = at - from;
    const isCanonical = size === 1 || (size > 1 && size <= MAX_DIGITS && bytes[from] !== ZERO);
    const next = bytes[at];
    return isCanonical && next !== DOT && !isExponent(next) ? value : -1;
  }

  /** 1 for false, 2 for true; -1 when there is neither. */
  readBoolean(): number {
    const isTrue = this.bytes[this.pos] === 0x74;
    return this.#passLiteral() && this.bytes[this.pos - 1] === 0x65 ? (isTrue ? 2 : 1) : -1;
  }

  #passLiteral(): boolean {
    const { bytes, pos } = this;
    const first = bytes[pos];
    const literal = first === 0x74 ? TRUE : first === 0x66 ? FALSE : NULL;
    for (let i = 0; i < literal.length; i += 1) if (bytes[pos + i] !== literal[i]) return false;
    this.pos = pos + literal.length;
    return true;
  }

  #passDigits(): boolean {
    const from = this.pos;
    while (isDigit(this.bytes[this.pos])) this.pos += 1;
    return this.pos > from;
  }

  #passNumber(): boolean {
    const { bytes } = this;
    if (bytes[this.pos] === MINUS) this.pos += 1;
    const isZero = bytes[this.pos] === ZERO;
    if (isZero) this.pos += 1;
    else if (!this.#passDigits()) return false;
    if (bytes[this.pos] === DOT) {
      this.pos += 1;
      if (!this.#passDigits()) return false;
    }
    if (!isExponent(bytes[this.pos])) return true;
    this.pos += 1;
    if (bytes[this.pos] === PLUS || bytes[this.pos] === MINUS) this.pos += 1;
    return this.#passDigits();
  }

  #passScalar(): boolean {
    const byte = this.bytes[this.pos] as number;
    if (byte === QUOTE) return this.#passText();
    return isDigit(byte) || byte === MINUS ? this.#passNumber() : this.#passLiteral();
  }

  /** A key, with or without escapes, and its colon. */
  #passKey(): boolean {
    if (this.bytes[this.pos] !== QUOTE || !this.#passText()) return false;
    this.pos += 1;
    return this.bytes[this.pos - 1] === COLON;
  }

  /** A value of any kind. Nothing here calls itself: how deep it goes is bounded. */
  passValue(): boolean {
    let depth = 0;
    for (;;) {
      const opened = this.#open(depth);
      if (opened < 0) return false;
      depth = opened > depth ? opened : this.#close(depth);
      if (depth < 0) return false;
      if (depth === 0) return this.pos <= this.limit;
    }
  }

  /** Enters what begins here and has content; passes over anything else. The depth after it, -1 when it is nothing. */
  #open(depth: number): number {
    const { bytes } = this;
    const byte = bytes[this.pos];
    if (byte !== OPEN_OBJECT && byte !== OPEN_ARRAY) return this.#passScalar() ? depth : -1;
    this.pos += 1;
    const isArray = byte === OPEN_ARRAY;
    if (bytes[this.pos] === (isArray ? CLOSE_ARRAY : CLOSE_OBJECT)) {
      this.pos += 1;
      return depth;
    }
    if (depth === MAX_DEPTH || (!isArray && !this.#passKey())) return -1;
    this.#isArray[depth] = isArray ? 1 : 0;
    return depth + 1;
  }

  /** Behind a value: leaves what ends here, up to the next value. The depth there; -1 when something else follows. */
  #close(from: number): number {
    let depth = from;
    while (depth > 0) {
      const isArray = this.#isArray[depth - 1] === 1;
      const byte = this.bytes[this.pos];
      this.pos += 1;
      if (byte === COMMA) return isArray || this.#passKey() ? depth : -1;
      if (byte !== (isArray ? CLOSE_ARRAY : CLOSE_OBJECT)) return -1;
      depth -= 1;
    }
    return depth;
  }
}
