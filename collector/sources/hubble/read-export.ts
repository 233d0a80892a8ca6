import type { SourceSummary } from '#core/flow/source-summary.ts';
import { unreachable } from '#core/result.ts';
import type { InputFile } from '../files/expand-inputs.ts';
import { describeInputFailure, type InputFailure } from '../files/input-failure.ts';
import { objectsWithin } from '../files/object-scanner.ts';
import { readRecords } from '../files/read-records.ts';
import { excerptOf, type TextRecord, type UnreadableCode } from '../files/text-record.ts';
import { type BadRecordCode, createHubbleDecoder, type DecodedRecord } from './decode.ts';
import { ExportTally } from './export-tally.ts';

/** Records of one file, in order: `records[i]` begins at line `lines[i]`, counted from 1. */
export interface DecodedBatch {
  readonly file: string;
  readonly records: readonly DecodedRecord[];
  readonly lines: readonly number[];
}

/** How far reading has come; the bytes are those on disk or in the pipe, before unpacking. */
export interface ReadProgress {
  readonly file: string | undefined;
  readonly bytesRead: number;
  /** Undefined when one of the inputs is a pipe. */
  readonly bytesTotal: number | undefined;
  readonly flows: number;
}

export interface ReadExportOptions {
  /** Used instead of the process's own standard input. */
  readonly standardInput?: AsyncIterable<Uint8Array>;
}

export interface ExportReader {
  /** Reads all inputs in order, once; a file that fails is skipped and stands in `failures`. */
  batches(): AsyncGenerator<DecodedBatch>;
  /** Everything counted so far. */
  summary(): SourceSummary;
  progress(): ReadProgress;
  /** Files that could not be read, or not to their end. */
  failures(): readonly InputFailure[];
}

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

class Reader implements ExportReader {
  readonly #inputs: readonly InputFile[];
  readonly #options: ReadExportOptions;
  readonly #decoder = createHubbleDecoder();
  readonly #tally = new ExportTally();
  readonly #failures: InputFailure[] = [];
  #file: string | undefined = undefined;
  #bytesRead = 0;
  #flows = 0;
  #records: DecodedRecord[] = [];
  #lines: number[] = [];

  constructor(inputs: readonly InputFile[], options: ReadExportOptions) {
    this.#inputs = inputs;
    this.#options = options;
  }

  async *batches(): AsyncGenerator<DecodedBatch> {
    for (const input of this.#inputs) {
      this.#file = input.path;
      this.#tally.beginFile(input.path);
      yield* this.#batchesOf(input);
    }
  }

  async *#batchesOf(input: InputFile): AsyncGenerator<DecodedBatch> {
    const onBytes = (count: number): void => {
      this.#bytesRead += count;
    };
    for await (const batch of readRecords(input, { ...this.#options, onBytes })) {
      if ('failure' in batch) {
        this.#failures.push(batch.failure);
        this.#tally.failFile(describeInputFailure(batch.failure));
        continue;
      }
      for (const record of batch.records) this.#decode(record);
      yield { file: input.path, records: this.#records, lines: this.#lines };
      this.#records = [];
      this.#lines = [];
    }
  }

  #decode(record: TextRecord): void {
    switch (record.kind) {
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
    if (decoded.kind === 'flow') this.#flows += 1;
    if (decoded.kind === 'bad') {
      const what = whatIsBad(decoded.code, decoded.at);
      const shown = decoded.at === undefined ? `${what}: ${excerptOf(text)}` : what;
      this.#tally.addBad(decoded, { line, what: shown });
    } else this.#tally.add(decoded);
    this.#records.push(decoded);
    this.#lines.push(line);
  }

  /** What no parser was asked about is counted and has no place among the records. */
  #refuseText(code: UnreadableCode, line: number, excerpt: string): void {
    this.#tally.addBad({ code, at: undefined }, { line, what: `${whatIsBad(code, undefined)}: ${excerpt}` });
  }

  summary(): SourceSummary {
    return this.#tally.summary();
  }

  progress(): ReadProgress {
    const sizes = this.#inputs.map(({ size }) => size);
    const isKnown = sizes.every((size) => size !== undefined);
    return {
      file: this.#file,
      bytesRead: this.#bytesRead,
      bytesTotal: isKnown ? sizes.reduce((sum, size) => sum + size, 0) : undefined,
      flows: this.#flows,
    };
  }

  failures(): readonly InputFailure[] {
    return this.#failures;
  }
}

/** Reads exports: text records in, decoded records out in batches, everything that was met counted on the way. */
export const createExportReader = (
  inputs: readonly InputFile[],
  options: ReadExportOptions = {},
): ExportReader => new Reader(inputs, options);
