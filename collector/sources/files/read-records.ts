import { CHUNK_BYTES, InputError, textBytes } from './byte-stream.ts';
import type { InputFile } from './expand-inputs.ts';
import type { InputFailure } from './input-failure.ts';
import { RecordSplitter } from './record-splitter.ts';
import type { LineReader, ReadRecord, TextRecord } from './text-record.ts';

export interface ReadOptions<Read = never> {
  /** Used instead of the process's own standard input. */
  readonly standardInput?: AsyncIterable<Uint8Array>;
  /** Bytes to read at a time. */
  readonly chunkBytes?: number;
  /** Bytes to cut into records at a time: a batch holds the records that they complete. */
  readonly batchBytes?: number;
  /** Asked about each short line before it becomes text. */
  readonly readLine?: LineReader<Read>;
  /** Told the bytes taken from the disk or the pipe since the last call. */
  readonly onBytes?: (count: number) => void;
}

/** Some records of one file, in order; or why nothing more comes from it. */
export type RecordBatch<Read = never> =
  | { readonly records: readonly (TextRecord | ReadRecord<Read>)[] }
  | { readonly failure: InputFailure };

/** The records that these bytes complete, `batchBytes` of them at a time. */
function* batchesOf<Read>(
  splitter: RecordSplitter<Read>,
  chunk: Uint8Array,
  batchBytes: number,
): Generator<RecordBatch<Read>> {
  for (let from = 0; from < chunk.length; from += batchBytes) {
    const records = splitter.push(chunk.subarray(from, from + batchBytes));
    if (records.length > 0) yield { records };
  }
}

/** The records of one file, a batch at a time. A failure is the last batch; what came before it holds. */
export async function* readRecords<Read = never>(
  file: InputFile,
  options: ReadOptions<Read> = {},
): AsyncGenerator<RecordBatch<Read>> {
  const splitter = new RecordSplitter<Read>(options.readLine);
  const { standardInput, onBytes, chunkBytes = CHUNK_BYTES, batchBytes = CHUNK_BYTES } = options;
  const source = {
    path: file.path,
    chunkBytes,
    onBytes: onBytes ?? (() => undefined),
    ...(standardInput === undefined ? {} : { standardInput }),
  };
  try {
    for await (const chunk of textBytes(source)) yield* batchesOf(splitter, chunk, batchBytes);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const rest = splitter.finish();
    if (rest.length > 0) yield { records: rest };
    yield { failure: error.failure };
    return;
  }
  const rest = splitter.finish();
  if (rest.length > 0) yield { records: rest };
}
