import { ByteNumbers } from './byte-numbers.ts';
import { latin1Slice } from './byte-runs.ts';
import { fieldNamed } from './field-names.ts';
import {
  ENDPOINT_BOUNDS,
  FIELDS,
  KIND,
  MAX_LINE_BYTES,
  SCOPE,
  SLOT,
  SLOT_COUNT,
  WORD_BOUNDS,
} from './fields.ts';
import { CLOSE_OBJECT, COLON, COMMA, JsonCursor, OPEN_OBJECT, QUOTE } from './json-cursor.ts';
import type { LineScanner } from './line-scanner.ts';
import { NONE, Segments } from './segments.ts';

const UNKNOWN = FIELDS.length;
const DECLINED = -1;
/** What stands behind a segment: nothing, since the line is over. */
const END = UNKNOWN + 1;
/** Scopes that are open, as digits of a number; 0 when the line is over. */
const DIGIT = 16;
/** A line adds fewer words: those of its slots, and of one segment that is declined for what it says twice. */
const MOST_WORDS = 128;
const GUESSES = 8192;
const GUESSED_BY_BYTES = 8;

const KINDS = Uint8Array.from(FIELDS, ({ kind }) => KIND[kind]);
const SLOTS = Uint8Array.from(FIELDS, ({ slot }) => slot);
const INNER = Uint8Array.from(FIELDS, ({ inner }) => (inner === undefined ? 0 : SCOPE[inner]));

/** The scanner in plain JavaScript: for where there is no WebAssembly, and what that one is compared with. */
export class PlainScanner implements LineScanner {
  readonly base = 0;
  readonly at = new Int32Array(SLOT_COUNT);
  readonly value = new Int32Array(SLOT_COUNT);
  readonly end = new Int32Array(SLOT_COUNT);
  resets = 0;
  readonly #words: ByteNumbers;
  readonly #endpoints: ByteNumbers;
  readonly #cursor = new JsonCursor();
  #view: DataView = new DataView(new ArrayBuffer(0));
  readonly #segments = new Segments();
  readonly #begin = this.#segments.stateOf(0, END);
  /** Which objects are open where a segment is read: their scopes as digits, the innermost last. */
  #open = 0;
  /** By address and first bytes: the endpoint that was there the last time. */
  readonly #guesses = new Int32Array(GUESSES);

  constructor(bounds = { words: WORD_BOUNDS, endpoints: ENDPOINT_BOUNDS }) {
    this.#words = new ByteNumbers(bounds.words);
    this.#endpoints = new ByteNumbers(bounds.endpoints);
  }

  scan(bytes: Buffer, from: number, to: number): boolean {
    const cursor = this.#cursor;
    if (to - from > MAX_LINE_BYTES || bytes[from] !== OPEN_OBJECT) return false;
    if (bytes !== cursor.bytes) {
      cursor.bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    cursor.pos = from;
    cursor.limit = to;
    this.at.fill(0);
    this.#makeRoom();
    return this.#readSegments() && cursor.pos === to;
  }

  /** Numbers given within one line must hold until its end. */
  #makeRoom(): void {
    const hasRoom =
      this.#words.hasRoomFor(MOST_WORDS, MAX_LINE_BYTES) && this.#endpoints.hasRoomFor(2, MAX_LINE_BYTES);
    if (hasRoom) return;
    this.#words.clear();
    this.#endpoints.clear();
    this.#guesses.fill(0);
    this.#segments.clear();
    this.resets += 1;
  }

  /** A line is segments with values between them. */
  #readSegments(): boolean {
    const cursor = this.#cursor;
    const segments = this.#segments;
    let state = this.#begin;
    for (;;) {
      const known = segments.find(state, this.#view, { at: cursor.pos, limit: cursor.limit });
      const segment = known === NONE ? this.#learn(state) : known;
      if (segment === NONE || !this.#take(segment)) return false;
      const field = segments.field[segment] as number;
      if (field === END) return true;
      if (!this.#readValue(field)) return false;
      state = segments.next[segment] as number;
    }
  }

  /** What a segment says is put down; false when something was said before. */
  #take(segment: number): boolean {
    const segments = this.#segments;
    const from = this.#cursor.pos;
    const last = segments.effects[segment + 1] as number;
    for (let effect = segments.effects[segment] as number; effect < last; effect += 1) {
      const slot = segments.slot[effect] as number;
      if (this.at[slot] !== 0) return false;
      this.at[slot] = from + (segments.at[effect] as number);
      this.end[slot] = from + (segments.end[effect] as number);
      this.value[slot] = segments.value[effect] as number;
    }
    this.#cursor.pos = from + segments.sizeOf(segment);
    return true;
  }

  /** Reads a segment key by key; 0 when it is none. The cursor is back at its beginning then. */
  #learn(state: number): number {
    const cursor = this.#cursor;
    const segments = this.#segments;
    const from = cursor.pos;
    segments.begin();
    this.#open = segments.open[state] as number;
    const field = state === this.#begin ? this.#enter(SCOPE.record, from) : this.#goOn(from);
    if (field === DECLINED || cursor.pos > cursor.limit) return NONE;
    const bytes = cursor.bytes.subarray(from, cursor.pos);
    cursor.pos = from;
    const next = field === END ? this.#begin : segments.stateOf(this.#open, field);
    return segments.finish(bytes, { state, field, next });
  }

  /** Behind an opening brace: the first field, or what follows an object that is empty. */
  #enter(scope: number, from: number): number {
    const cursor = this.#cursor;
    if (cursor.bytes[cursor.pos] !== OPEN_OBJECT) return DECLINED;
    cursor.pos += 1;
    this.#open = this.#open * DIGIT + scope + 1;
    return cursor.bytes[cursor.pos] === CLOSE_OBJECT ? this.#goOn(from) : this.#readField(from);
  }

  /** Behind a value: closes what ends here, up to the next field that ends a segment. */
  #goOn(from: number): number {
    const cursor = this.#cursor;
    const { bytes } = cursor;
    while (bytes[cursor.pos] === CLOSE_OBJECT) {
      cursor.pos += 1;
      this.#open = Math.floor(this.#open / DIGIT);
      if (this.#open === 0) return END;
    }
    if (bytes[cursor.pos] !== COMMA) return DECLINED;
    cursor.pos += 1;
    return this.#readField(from);
  }

  /** A key and its colon; what belongs to the segment is read on. Calls itself once for each such field: a line is short. */
  #readField(from: number): number {
    const field = this.#readKey((this.#open % DIGIT) - 1);
    if (field === DECLINED || field === UNKNOWN) return field;
    const kind = KINDS[field] as number;
    if (kind === KIND.decline) return DECLINED;
    if (kind === KIND.object) {
      const at = this.#cursor.pos - from;
      const isNew = this.#segments.addEffect(SLOTS[field] as number, 0, { at, end: at });
      return isNew ? this.#enter(INNER[field] as number, from) : DECLINED;
    }
    if (kind < KIND.name) return field;
    return this.#readFew(field, from) ? this.#goOn(from) : DECLINED;
  }

  /** A value that is part of the segment. */
  #readFew(field: number, from: number): boolean {
    const cursor = this.#cursor;
    const at = cursor.pos;
    if (KINDS[field] === KIND.pass) return cursor.passValue();
    const value = this.#readFewOf(KINDS[field] as number);
    if (value < 0) return false;
    const isText = KINDS[field] === KIND.name;
    const place = { at: at - from + (isText ? 1 : 0), end: cursor.pos - from - (isText ? 1 : 0) };
    return this.#segments.addEffect(SLOTS[field] as number, value, place);
  }

  #readFewOf(kind: number): number {
    const cursor = this.#cursor;
    if (kind === KIND.code) return cursor.readNumber();
    if (kind === KIND.flag) return cursor.readBoolean();
    const at = cursor.pos + 1;
    const isText = cursor.passPlainText() && cursor.pos <= cursor.limit;
    return isText ? this.#words.numberOf(this.#view, at, cursor.pos - 1 - at) || -1 : -1;
  }

  /** The field whose name and colon stand here. */
  #readKey(scope: number): number {
    const cursor = this.#cursor;
    const from = cursor.pos + 1;
    if (cursor.bytes[cursor.pos] !== QUOTE || !cursor.passPlainText()) return DECLINED;
    const found = fieldNamed(scope, latin1Slice.call(cursor.bytes, from, cursor.pos - 1));
    cursor.pos += 1;
    if (cursor.bytes[cursor.pos - 1] !== COLON) return DECLINED;
    return found === -1 ? UNKNOWN : found;
  }

  #readValue(field: number): boolean {
    const cursor = this.#cursor;
    const kind = field === UNKNOWN ? KIND.skip : (KINDS[field] as number);
    if (kind === KIND.skip) return cursor.passValue();
    const slot = SLOTS[field] as number;
    if (this.at[slot] !== 0) return false;
    this.at[slot] = cursor.pos;
    switch (kind) {
      case KIND.word:
        return this.#readWord(slot);
      case KIND.text:
        return this.#readText(slot);
      case KIND.number:
        return this.#keep(slot, cursor.readNumber());
      case KIND.raw:
        return cursor.passValue() && this.#keep(slot, cursor.pos);
      case KIND.known:
        return cursor.passValue() && this.#number(slot, cursor.pos);
      default:
        return this.#readEndpoint(slot);
    }
  }

  #keep(slot: number, value: number): boolean {
    this.value[slot] = value;
    return value >= 0;
  }

  #readText(slot: number): boolean {
    const at = this.#cursor.pos;
    if (!this.#cursor.passPlainText()) return false;
    this.at[slot] = at + 1;
    return this.#keep(slot, this.#cursor.pos - 1);
  }

  #readWord(slot: number): boolean {
    return this.#readText(slot) && this.#number(slot, this.value[slot] as number);
  }

  /** Numbers the bytes from where the slot begins up to `end`. */
  #number(slot: number, end: number): boolean {
    const at = this.at[slot] as number;
    this.end[slot] = end;
    const number = this.#words.numberOf(this.#view, at, end - at);
    this.value[slot] = number;
    return number > 0;
  }

  /**
   * An object whose bytes are known needs no reading: no JSON object begins another one. Which one it may be, its
   * address tells, which stands before it.
   */
  #readEndpoint(slot: number): boolean {
    const cursor = this.#cursor;
    const at = cursor.pos;
    if (cursor.bytes[at] !== OPEN_OBJECT || at + GUESSED_BY_BYTES > cursor.limit) return false;
    const guessed = this.#guessOf(slot, at);
    const guess = this.#guesses[guessed] as number;
    const size = guess === 0 ? 0 : this.#endpoints.sizeOf(guess);
    if (size > 0 && at + size <= cursor.limit && this.#endpoints.isAt(guess, this.#view, at)) {
      cursor.pos = at + size;
      return this.#keepEndpoint(slot, guess);
    }
    if (!cursor.passValue()) return false;
    const number = this.#endpoints.numberOf(this.#view, at, cursor.pos - at);
    this.#guesses[guessed] = number;
    return number > 0 && this.#keepEndpoint(slot, number);
  }

  #keepEndpoint(slot: number, number: number): boolean {
    this.end[slot] = this.#cursor.pos;
    return this.#keep(slot, number);
  }

  #guessOf(slot: number, at: number): number {
    const addressSlot = slot === SLOT.source ? SLOT.sourceIp : SLOT.destinationIp;
    const address = this.at[addressSlot] === 0 ? 0 : (this.value[addressSlot] as number);
    const begin = this.#view.getInt32(at, true) ^ this.#view.getInt32(at + 4, true);
    const mixed = Math.imul(address ^ Math.imul(begin, 0x9e3779b1), 0x85ebca6b);
    return (mixed >>> 16) & (GUESSES - 1);
  }
}
