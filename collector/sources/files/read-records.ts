import { InputError, textBytes } from './byte-stream.ts';
import type { InputFile } from './expand-inputs.ts';
import type { InputFailure } from './input-failure.ts';
import { RecordSplitter } from './record-splitter.ts';
import type { TextRecord } from './text-record.ts';

export interface ReadOptions {
  /** Used instead of the process's own standard input. */
  readonly standardInput?: AsyncIterable<Uint8Array>;
  /** Told the bytes taken from the disk or the pipe since the last call. */
  readonly onBytes?: (count: number) => void;
}

/** Some records of one file, in order; or why nothing more comes from it. */
export type RecordBatch = { readonly records: readonly TextRecord[] } | { readonly failure: InputFailure };

/** The records of one file, a chunk's worth at a time. A failure is the last batch; what came before it holds. */
export async function* readRecords(file: InputFile, options: ReadOptions = {}): AsyncGenerator<RecordBatch> {
  const splitter = new RecordSplitter();
  const { standardInput, onBytes } = options;
  const source = {
    path: file.path,
    onBytes: onBytes ?? (() => undefined),
    ...(standardInput === undefined ? {} : { standardInput }),
  };
  try {
    for await (const chunk of textBytes(source)) {
      const records = splitter.push(chunk);
      if (records.length > 0) yield { records };
    }
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
