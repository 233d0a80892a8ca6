import { setFlagsFromString } from 'node:v8';
import type { SourceSummary } from '#core/flow/source-summary.ts';
import { CHUNK_BYTES } from '../files/byte-stream.ts';
import type { InputFile } from '../files/expand-inputs.ts';
import { describeInputFailure, type InputFailure } from '../files/input-failure.ts';
import { readRecords } from '../files/read-records.ts';
import { rotatedSets } from '../files/rotated-set.ts';
import { BEFORE_ALL, ChunkDecoder, type DecodedChunk } from './decode-chunk.ts';
import { ExportTally } from './export-tally.ts';
import { type DecodedBatch, mergedByTime } from './merge-streams.ts';
import { openScanner } from './scan/open-scanner.ts';

/** How far reading has come; the bytes are those on disk or in the pipe, before unpacking. */
export interface ReadProgress {
  /** The file of the last record. */
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
  /**
   * Reads all inputs, once, merged by time: the files of a rotated set follow each other, the sets run side by side. A
   * file that fails is skipped and stands in `failures`.
   */
  batches(): AsyncGenerator<DecodedBatch>;
  /** Everything counted so far. */
  summary(): SourceSummary;
  progress(): ReadProgress;
  /** Files that could not be read, or not to their end. */
  failures(): readonly InputFailure[];
}

/** Sets that are read side by side, far below what a process may hold open. */
const MAX_OPEN_SETS = 256;
/** What all open sets may hold together: bytes that were read, as long as each read is worth its cost … */
const READ_BYTES = { together: 8 * 1024 * 1024, least: 64 * 1024 };
/** … and text whose records are decoded and wait for their turn, which take several times as much. */
const DECODED_BYTES = { together: 512 * 1024, least: 8 * 1024 };

const shareOf = ({ together, least }: typeof READ_BYTES, sets: number): number =>
  Math.max(least, Math.min(CHUNK_BYTES, Math.floor(together / sets)));

const sharesFor = (sets: number) => ({
  chunkBytes: shareOf(READ_BYTES, sets),
  batchBytes: shareOf(DECODED_BYTES, sets),
});

/**
 * Records of many files wait for each other, which V8 may take for a sign that records live long: it then allocates
 * all of them where only a full collection frees them, and resident memory doubles. Whether it does is chance.
 */
const allocateRecordsAsYoung = (): void => setFlagsFromString('--no-allocation-site-pretenuring');

class Reader implements ExportReader {
  readonly #inputs: readonly InputFile[];
  readonly #options: ReadExportOptions;
  readonly #tally = new ExportTally();
  readonly #decoder = new ChunkDecoder(this.#tally, openScanner());
  readonly #failures: InputFailure[] = [];
  #file: string | undefined = undefined;
  #bytesRead = 0;

  constructor(inputs: readonly InputFile[], options: ReadExportOptions) {
    this.#inputs = inputs;
    this.#options = options;
  }

  async *batches(): AsyncGenerator<DecodedBatch> {
    const begun = new Map(this.#inputs.map((input) => [input, this.#tally.beginFile(input.path)]));
    const sets = rotatedSets(this.#inputs);
    if (sets.length > 1) allocateRecordsAsYoung();
    const shares = sharesFor(Math.min(sets.length, MAX_OPEN_SETS));
    const streams = sets.map((set) => this.#chunksOf(set, begun, shares));
    for await (const batch of mergedByTime(streams, MAX_OPEN_SETS)) {
      this.#file = batch.files.at(-1) ?? this.#file;
      yield batch;
    }
  }

  async *#chunksOf(
    set: readonly InputFile[],
    begun: ReadonlyMap<InputFile, number>,
    shares: ReturnType<typeof sharesFor>,
  ): AsyncGenerator<DecodedChunk> {
    const onBytes = (count: number): void => {
      this.#bytesRead += count;
    };
    const options = { ...this.#options, ...shares, onBytes, readLine: this.#decoder.readLine };
    let lastAt = BEFORE_ALL;
    for (const input of set) {
      for await (const batch of readRecords(input, options)) {
        this.#tally.resumeFile(begun.get(input) ?? 0);
        if ('failure' in batch) {
          this.#failures.push(batch.failure);
          this.#tally.failFile(describeInputFailure(batch.failure));
          continue;
        }
        const chunk = this.#decoder.decode(input.path, batch.records, lastAt);
        lastAt = chunk.times.at(-1) ?? lastAt;
        yield chunk;
      }
    }
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
      flows: this.#decoder.flows,
    };
  }

  failures(): readonly InputFailure[] {
    return this.#failures;
  }
}

/**
 * Reads exports: text records in, decoded records out in batches, everything that was met counted on the way. Memory
 * grows with the sets that are read side by side, a chunk each, never with their length.
 */
export const createExportReader = (
  inputs: readonly InputFile[],
  options: ReadExportOptions = {},
): ExportReader => new Reader(inputs, options);
