import type { SourceSummary } from '#core/flow/source-summary.ts';
import { expandInputs, type InputFile } from '../../collector/sources/files/expand-inputs.ts';
import type { InputFailure } from '../../collector/sources/files/input-failure.ts';
import { RecordSplitter } from '../../collector/sources/files/record-splitter.ts';
import type { TextRecord } from '../../collector/sources/files/text-record.ts';
import type { DecodedRecord } from '../../collector/sources/hubble/decode.ts';
import { createExportReader } from '../../collector/sources/hubble/read-export.ts';

/** The records of a text that arrives in these pieces. */
export function splitPieces(pieces: readonly Uint8Array[]): readonly TextRecord[] {
  const splitter = new RecordSplitter();
  return [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.finish()];
}

/** The records of a text that arrives in pieces of `size` bytes. */
export function splitInPieces(bytes: Uint8Array, size: number): readonly TextRecord[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return splitPieces(pieces);
}

/** The records of a text that arrives at once. */
export const split = (text: string | Uint8Array): readonly TextRecord[] => splitPieces([Buffer.from(text)]);

export interface WholeExport {
  readonly records: readonly DecodedRecord[];
  readonly lines: readonly number[];
  readonly files: readonly string[];
  readonly summary: SourceSummary;
  readonly failures: readonly InputFailure[];
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function readInputs(inputs: readonly InputFile[], standardInput: Uint8Array): Promise<WholeExport> {
  const reader = createExportReader(inputs, { standardInput: onePiece(standardInput) });
  const records: DecodedRecord[] = [];
  const lines: number[] = [];
  const files: string[] = [];
  for await (const batch of reader.batches()) {
    records.push(...batch.records);
    lines.push(...batch.lines);
    files.push(...batch.files);
  }
  return { records, lines, files, summary: reader.summary(), failures: reader.failures() };
}

/** Everything that comes out of standard input with this content. */
export const readText = (text: string | Uint8Array): Promise<WholeExport> =>
  readInputs([{ path: '-', size: undefined }], Buffer.from(text));

/** Everything that comes out of the named files, folders and patterns. */
export async function readPaths(paths: readonly string[]): Promise<WholeExport> {
  const { inputs, failures } = await expandInputs(paths);
  const whole = await readInputs(inputs, new Uint8Array(0));
  return { ...whole, failures: [...failures, ...whole.failures] };
}
