import type { EpochMs } from '#core/flow/time.ts';
import { unreachable } from '#core/result.ts';
import { objectsWithin } from '../files/object-scanner.ts';
import { excerptOf, type ReadRecord, type TextRecord, type UnreadableCode } from '../files/text-record.ts';
import { type BadRecordCode, createHubbleDecoder, type DecodedRecord } from './decode.ts';
import type { ExportTally } from './export-tally.ts';
import { type LineCounts, LineDecoder } from './scan/decode-line.ts';
import type { LineScanner } from './scan/line-scanner.ts';

/** Records of one file, in order: `records[i]` begins at line `lines[i]`, counted from 1. */
export interface DecodedChunk {
  readonly file: string;
  readonly records: readonly DecodedRecord[];
  readonly lines: readonly number[];
  /** When each record was made; one that does not say so stands where it was found, after the record before it. */
  readonly times: readonly EpochMs[];
}

/** The time of what stands before the first record that has one. */
export const BEFORE_ALL: EpochMs = Number.NEGATIVE_INFINITY;

const WHAT: Readonly<Record<string, string>> = {
  not_json: 'not valid JSON',
  not_an_object: 'JSON, but no object',
  not_a_record: 'a JSON object that is no flow record',
  empty_flow: 'a flow without a single field that matters',
  cut_off: 'cut off in the middle',
  too_long: 'longer than 1 MiB',
  too_deep: 'nested deeper than 64 levels',
};

/** Only a record that was meant as one can be wrong in these ways. */
const MEANT: ReadonlySet<string> = new Set<BadRecordCode>(['bad_field', 'empty_flow']);

const whatIsBad = (code: string, at: string | undefined): string =>
  at === undefined ? (WHAT[code] ?? code) : `field ${at} has an impossible value`;

/** Decodes the text records of any number of files, and counts what it meets under the tally's current file. */
export class ChunkDecoder {
  readonly #decoder = createHubbleDecoder();
  readonly #byBytes: LineDecoder | undefined;
  readonly #tally: ExportTally;
  #records: DecodedRecord[] = [];
  #lines: number[] = [];
  #times: EpochMs[] = [];
  #lastAt = BEFORE_ALL;
  /** Flows so far, in all files. */
  flows = 0;

  /** Without a scanner every line goes to a parser. */
  constructor(tally: ExportTally, scanner?: LineScanner) {
    this.#tally = tally;
    this.#byBytes = scanner === undefined ? undefined : new LineDecoder(scanner);
  }

  /** Reads a line from its bytes, if it is one that a scanner answers for: what a splitter asks first. */
  readonly readLine = (bytes: Buffer, from: number, to: number): DecodedRecord | undefined =>
    this.#byBytes?.decode(bytes, from, to);

  /** Lines that were read from their bytes, and those that a parser had to read. */
  lineCounts(): LineCounts {
    return this.#byBytes?.counts() ?? { lines: 0, declined: 0, resets: 0 };
  }

  /** The next records of a file whose last known time was `lastAt`. */
  decode(
    file: string,
    texts: readonly (TextRecord | ReadRecord<DecodedRecord>)[],
    lastAt: EpochMs,
  ): DecodedChunk {
    this.#records = [];
    this.#lines = [];
    this.#times = [];
    this.#lastAt = lastAt;
    for (const text of texts) this.#decode(text);
    return { file, records: this.#records, lines: this.#lines, times: this.#times };
  }

  #decode(record: TextRecord | ReadRecord<DecodedRecord>): void {
    switch (record.kind) {
      case 'read':
        this.#add(record.read, record.line, '');
        break;
      case 'object':
        this.#decodeObject(record.text, record.line);
        break;
      case 'embedded':
        this.#decodeEmbedded(record);
        break;
      case 'text':
        this.#tally.addText({ line: record.line, what: record.excerpt });
        break;
      case 'unreadable':
        this.#refuseText(record.code, record.line, record.excerpt);
        break;
      default:
        unreachable(record);
    }
  }

  #decodeObject(text: string, line: number): void {
    const decoded = this.#decoder.decode(text);
    const isBroken = decoded.kind === 'bad' && decoded.code === 'not_json';
    const parts = isBroken ? (objectsWithin(text) ?? []) : [];
    if (parts.length > 1) for (const part of parts) this.#add(this.#decoder.decode(part), line, part);
    else this.#add(decoded, line, text);
  }

  /** Other text may hold braces without holding a record; only what was meant as one can be a bad one. */
  #decodeEmbedded(record: TextRecord & { readonly kind: 'embedded' }): void {
    const parts = objectsWithin(record.text) ?? [];
    const decoded = parts.map((part) => this.#decoder.decode(part));
    const isRecord = decoded.length > 0 && decoded.every((one) => one.kind !== 'bad' || MEANT.has(one.code));
    if (isRecord) for (const one of decoded) this.#add(one, record.line, record.text);
    else if (parts.length === 0 && record.text.startsWith('{"')) {
      this.#refuseText('not_json', record.line, record.excerpt);
    } else this.#tally.addText({ line: record.line, what: record.excerpt });
  }

  #add(decoded: DecodedRecord, line: number, text: string): void {
    if (decoded.kind === 'flow') {
      this.flows += 1;
      if (!decoded.timeless) this.#lastAt = decoded.flow.at;
    }
    if (decoded.kind === 'bad') {
      const what = whatIsBad(decoded.code, decoded.at);
      const shown = decoded.at === undefined ? `${what}: ${excerptOf(text)}` : what;
      this.#tally.addBad(decoded, { line, what: shown });
    } else this.#tally.add(decoded);
    this.#records.push(decoded);
    this.#lines.push(line);
    this.#times.push(this.#lastAt);
  }

  /** What no parser was asked about is counted and has no place among the records. */
  #refuseText(code: UnreadableCode, line: number, excerpt: string): void {
    this.#tally.addBad({ code, at: undefined }, { line, what: `${whatIsBad(code, undefined)}: ${excerpt}` });
  }
}
