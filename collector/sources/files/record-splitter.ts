import { ObjectScanner } from './object-scanner.ts';
import {
  excerptOf,
  type LineReader,
  type ReadRecord,
  type TextRecord,
  type UnreadableCode,
} from './text-record.ts';

/** A record longer than this is counted and skipped up to the next line. */
export const MAX_RECORD_BYTES = 1024 * 1024;
/** A longer line goes through the scanner, which bounds its depth, before any parser sees it. */
const SHORT_LINE_BYTES = 8 * 1024;
const READ_BYTES = 256 * 1024;
const MAX_HELD_BYTES = MAX_RECORD_BYTES + READ_BYTES;
/** Many files may be open at once, and few hold a record that needs more. */
const FIRST_HELD_BYTES = 64 * 1024;
const EXCERPT_BYTES = 400;

const LINE_FEED = 0x0a;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const SPACE = 0x20;

/**
 * Cuts a stream of bytes into the text of its records: JSON lines, objects that span lines, elements of an array, and
 * whatever else stands between them. How the bytes were cut into chunks never changes the result. Holds at most one
 * unfinished record. A reader of lines is asked about each short line first.
 */
export class RecordSplitter<Read = never> {
  readonly #readLine: LineReader<Read> | undefined;
  #bytes = Buffer.allocUnsafeSlow(FIRST_HELD_BYTES);
  #start = 0;
  #end = 0;
  /** Line of the byte at `#start`, from 1. */
  #line = 1;
  #isFirst = true;
  #isFinished = false;
  #isSkipping = false;
  #isScanning = false;
  /** No line feed lies before this place. */
  #searchedTo = 0;
  #records: (TextRecord | ReadRecord<Read>)[] = [];
  readonly #scanner = new ObjectScanner();

  constructor(readLine?: LineReader<Read>) {
    this.#readLine = readLine;
  }

  /** The records that these bytes complete. */
  push(chunk: Uint8Array): readonly (TextRecord | ReadRecord<Read>)[] {
    for (let from = 0; from < chunk.length; from += READ_BYTES) {
      this.#append(chunk.subarray(from, from + READ_BYTES));
      this.#drain();
    }
    return this.#take();
  }

  /** The input has ended: the records that were waiting for more. */
  finish(): readonly (TextRecord | ReadRecord<Read>)[] {
    this.#isFinished = true;
    this.#drain();
    return this.#take();
  }

  #take(): readonly (TextRecord | ReadRecord<Read>)[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  #append(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#bytes.length) this.#makeRoom(chunk.length);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** Moves what is held to the front; into a larger buffer when that does not leave room for `count` bytes. */
  #makeRoom(count: number): void {
    const held = this.#bytes.subarray(this.#start, this.#end);
    const needed = held.length + count;
    if (needed > this.#bytes.length) {
      this.#bytes = Buffer.allocUnsafeSlow(
        Math.min(Math.max(needed, 2 * this.#bytes.length), MAX_HELD_BYTES),
      );
    }
    this.#bytes.set(held);
    this.#searchedTo -= this.#start;
    this.#end -= this.#start;
    this.#start = 0;
  }

  #drain(): void {
    if (this.#isFirst && !this.#skipByteOrderMark()) return;
    while (this.#start < this.#end && this.#step());
  }

  /** False while it is not known yet whether the input begins with a mark. */
  #skipByteOrderMark(): boolean {
    if (this.#end < 3 && !this.#isFinished) return false;
    const isMarked = this.#bytes[0] === 0xef && this.#bytes[1] === 0xbb && this.#bytes[2] === 0xbf;
    if (isMarked && this.#end >= 3) this.#start = 3;
    this.#isFirst = false;
    return true;
  }

  /** Takes one record or separator off the front; false when it has to wait for more bytes. */
  #step(): boolean {
    if (this.#isSkipping) return this.#skipLine();
    const byte = this.#bytes[this.#start] ?? 0;
    if (this.#isSeparator(byte)) return this.#advance(this.#start + 1);
    if (byte === OPEN_OBJECT) return this.#isScanning ? this.#scan() : this.#takeObject();
    if (byte === OPEN_ARRAY) return this.#takeBracket();
    return this.#takeText();
  }

  /** Moves the front to `to`, which must not pass a line feed other than the one before it. */
  #advance(to: number): true {
    if (this.#bytes[to - 1] === LINE_FEED) this.#line += 1;
    this.#start = to;
    if (this.#searchedTo < to) this.#searchedTo = to;
    return true;
  }

  /** The end of the current line (its line feed, or the end of input); -1 when it is not known yet. */
  #lineEnd(): number {
    const found = this.#bytes.indexOf(LINE_FEED, this.#searchedTo);
    if (found !== -1 && found < this.#end) {
      this.#searchedTo = found;
      return found;
    }
    this.#searchedTo = this.#end;
    return this.#isFinished ? this.#end : -1;
  }

  #takeObject(): boolean {
    const lineEnd = this.#lineEnd();
    const isLong = (lineEnd === -1 ? this.#end : lineEnd) - this.#start > SHORT_LINE_BYTES;
    if (lineEnd === -1 && !isLong) return false;
    if (!isLong && this.#takeShortLine(lineEnd)) return true;
    this.#isScanning = true;
    this.#scanner.reset();
    return this.#scan();
  }

  /** The fast path: a line that begins and ends as an object does; a parser tells whether it is one. */
  #takeShortLine(lineEnd: number): boolean {
    let end = lineEnd;
    while (end > this.#start && (this.#bytes[end - 1] ?? 0) <= SPACE) end -= 1;
    if (this.#bytes[end - 1] !== CLOSE_OBJECT) return false;
    const read = this.#readLine?.(this.#bytes, this.#start, end);
    if (read === undefined) {
      const text = this.#bytes.toString('utf8', this.#start, end);
      this.#records.push({ kind: 'object', line: this.#line, text });
    } else this.#records.push({ kind: 'read', line: this.#line, read } as ReadRecord<Read>);
    return this.#endLine(lineEnd);
  }

  #isSeparator(byte: number): boolean {
    return byte <= SPACE || byte === COMMA || byte === CLOSE_ARRAY;
  }

  /** Moves past the line feed at `lineEnd`, or to the end of the input. */
  #endLine(lineEnd: number): true {
    return this.#advance(lineEnd < this.#end ? lineEnd + 1 : lineEnd);
  }

  #scan(): boolean {
    const state = this.#scanner.scan(this.#bytes, this.#start, this.#end);
    const length = this.#scanner.at;
    if (length > MAX_RECORD_BYTES) return this.#refuse('too_long', this.#start + MAX_RECORD_BYTES);
    if (state === 'closed') return this.#takeScanned(length);
    if (state === 'too_deep') return this.#refuse('too_deep', this.#start + length);
    if (state === 'broken') return this.#takeBrokenLine('not_json');
    return this.#isFinished ? this.#takeBrokenLine('cut_off') : false;
  }

  /** An object whose own short line goes on with something else is left to the parser as a whole line. */
  #takeScanned(length: number): true {
    this.#isScanning = false;
    const objectEnd = this.#start + length;
    const spansLines = this.#bytes.subarray(0, objectEnd).includes(LINE_FEED, this.#start);
    const lineEnd = spansLines ? -1 : this.#shortLineEnd();
    let rest = objectEnd;
    while (rest < lineEnd && this.#isSeparator(this.#bytes[rest] ?? 0)) rest += 1;
    const end = rest < lineEnd ? lineEnd : objectEnd;
    const text = this.#bytes.toString('utf8', this.#start, end);
    this.#records.push({ kind: 'object', line: this.#line, text });
    this.#passLines(end);
    return true;
  }

  /** The end of the line at the front when it is a short one, else -1. */
  #shortLineEnd(): number {
    const lineEnd = this.#lineEnd();
    return lineEnd !== -1 && lineEnd - this.#start <= SHORT_LINE_BYTES ? lineEnd : -1;
  }

  /** Moves the front to `to`, over any number of lines. */
  #passLines(to: number): void {
    const passed = this.#bytes.subarray(this.#start, to);
    for (let at = passed.indexOf(LINE_FEED); at !== -1; at = passed.indexOf(LINE_FEED, at + 1)) {
      this.#line += 1;
    }
    this.#start = to;
    if (this.#searchedTo < to) this.#searchedTo = to;
  }

  /** The object can not be completed: its first line is a bad one, and reading goes on at the second. */
  #takeBrokenLine(code: UnreadableCode): true {
    this.#isScanning = false;
    this.#searchedTo = this.#start;
    const lineEnd = this.#lineEnd();
    if (lineEnd === -1) return this.#refuse(code, this.#end);
    this.#pushUnreadable(code, lineEnd);
    return this.#endLine(lineEnd);
  }

  /** Counts what begins at the front as unreadable and skips to the first line feed from `from` on. */
  #refuse(code: UnreadableCode, from: number): true {
    this.#isScanning = false;
    this.#pushUnreadable(code, from);
    this.#passLines(from);
    this.#isSkipping = true;
    return true;
  }

  #pushUnreadable(code: UnreadableCode, end: number): void {
    const cut = Math.min(end, this.#start + EXCERPT_BYTES);
    const excerpt = excerptOf(this.#bytes.toString('utf8', this.#start, cut));
    this.#records.push({ kind: 'unreadable', line: this.#line, code, excerpt });
  }

  #skipLine(): boolean {
    const lineEnd = this.#lineEnd();
    if (lineEnd === -1) {
      this.#start = this.#end;
      return false;
    }
    this.#isSkipping = false;
    return this.#endLine(lineEnd);
  }

  /** The bracket of an array of records is passed over; any other line that begins with one is no record. */
  #takeBracket(): boolean {
    let next = this.#start + 1;
    while (next < this.#end && this.#isBlank(this.#bytes[next] ?? 0)) next += 1;
    if (next === this.#end && !this.#isFinished) return this.#refuseIfLong();
    const byte = next === this.#end ? LINE_FEED : this.#bytes[next];
    const opensRecords = byte === LINE_FEED || byte === OPEN_OBJECT || byte === CLOSE_ARRAY;
    return opensRecords ? this.#advance(this.#start + 1) : this.#takeText();
  }

  #isBlank(byte: number): boolean {
    return byte <= SPACE && byte !== LINE_FEED;
  }

  #takeText(): boolean {
    const lineEnd = this.#lineEnd();
    if (lineEnd === -1) return this.#refuseIfLong();
    if (lineEnd - this.#start > MAX_RECORD_BYTES) {
      return this.#refuse('too_long', this.#start + MAX_RECORD_BYTES);
    }
    const text = this.#bytes.toString('utf8', this.#start, lineEnd).trimEnd();
    this.#records.push(this.#textRecord(text, lineEnd));
    return this.#endLine(lineEnd);
  }

  #textRecord(text: string, lineEnd: number): TextRecord {
    const brace = this.#bytes.subarray(0, lineEnd).indexOf(OPEN_OBJECT, this.#start);
    const excerpt = excerptOf(text);
    if (/^\[\s*[[\d"]/.test(text)) {
      return { kind: 'unreadable', line: this.#line, code: 'not_an_object', excerpt };
    }
    if (brace === -1) return { kind: 'text', line: this.#line, excerpt };
    const isShallow = this.#isShallow(brace, lineEnd);
    if (!isShallow) return { kind: 'text', line: this.#line, excerpt };
    return { kind: 'embedded', line: this.#line, text: text.slice(text.indexOf('{')), excerpt };
  }

  #isShallow(from: number, to: number): boolean {
    this.#scanner.reset();
    return to - from <= SHORT_LINE_BYTES || this.#scanner.scan(this.#bytes, from, to) !== 'too_deep';
  }

  /** A line that has no end within the bound is skipped; until then it waits. */
  #refuseIfLong(): boolean {
    if (this.#end - this.#start <= MAX_RECORD_BYTES) return false;
    return this.#refuse('too_long', this.#start + MAX_RECORD_BYTES);
  }
}
