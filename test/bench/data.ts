import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { simulate } from '#core/simulation/simulate.ts';
import { createHubbleEncoder } from '../../collector/sources/hubble/encode.ts';

/** Which simulated cluster the lines come from. */
export interface DataSet {
  readonly title: string;
  /** Absent: the demo shop. */
  readonly workloads?: number;
}

export const DATA_SETS: readonly DataSet[] = [
  { title: 'the demo shop' },
  { title: '200 workloads', workloads: 200 },
  { title: '10 000 workloads', workloads: 10_000 },
];

/** An export in memory: as bytes in pieces the size of a read, and as lines. */
export interface Export {
  readonly chunks: readonly Buffer[];
  readonly lines: readonly string[];
  readonly bytes: number;
}

const CHUNK_BYTES = 256 * 1024;

/** Where to stop: at whichever comes first. */
export interface Amount {
  readonly lines?: number;
  readonly bytes?: number;
}

/** The export of a simulated cluster in pieces of about 256 KiB, made as it is drawn. */
export function* exportChunks({ workloads }: DataSet, amount: Amount): Generator<Buffer> {
  const { lines = Number.POSITIVE_INFINITY, bytes = Number.POSITIVE_INFINITY } = amount;
  const encode = createHubbleEncoder();
  let text = '';
  let lineCount = 0;
  let byteCount = 0;
  for (const event of simulate({ seed: 1, ...(workloads === undefined ? {} : { workloads }) }).events) {
    if (lineCount >= lines || byteCount + text.length >= bytes) break;
    text += `${encode(event)}\n`;
    lineCount += 1;
    if (text.length < CHUNK_BYTES) continue;
    byteCount += text.length;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}

/** Lines as flat strings of their own, as a reader hands them to a parser. */
function linesOf(chunk: Buffer): string[] {
  const lines: string[] = [];
  let from = 0;
  for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
    lines.push(chunk.toString('utf8', from, end));
    from = end + 1;
  }
  return lines;
}

/** Simulates into memory. */
export function exportInMemory(dataSet: DataSet, lines: number): Export {
  const chunks = [...exportChunks(dataSet, { lines })];
  return {
    chunks,
    lines: chunks.flatMap(linesOf),
    bytes: chunks.reduce((sum, chunk) => sum + chunk.length, 0),
  };
}

/** Simulates into a file, piece by piece; resolves to its size in bytes. */
export async function writeExport(path: string, dataSet: DataSet, amount: Amount): Promise<number> {
  const file = createWriteStream(path);
  for (const chunk of exportChunks(dataSet, amount)) {
    if (!file.write(chunk)) await once(file, 'drain');
  }
  file.end();
  await finished(file);
  return file.bytesWritten;
}
