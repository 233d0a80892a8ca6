import { createReadStream } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip, gzipSync } from 'node:zlib';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import { collectExports } from '../../collector/main.ts';
import { DATA_SETS, type DataSet, writeExport } from './data.ts';
import { medianCpuMs, type Work } from './measure.ts';
import { type Peak, peakOf } from './peak.ts';
import { fixed, grouped, megabytes, renderTable } from './table.ts';

/** Reading a plain export against a packed one. */
export interface ReadingResult {
  readonly lines: number;
  readonly bytes: number;
  readonly packedBytes: number;
  readonly cpuMs: {
    readonly plain: number;
    readonly packed: number;
    readonly unpackOnly: number;
  };
}

/** What four times the input costs: time and peak memory of `bulkhead graph`. */
export interface GrowthResult {
  readonly title: string;
  readonly lines: number;
  readonly once: Peak & { readonly bytes: number };
  readonly fourfold: Peak & { readonly bytes: number };
}

const LINES = 60_000;
const READING_ROUNDS = 5;
/** As the product's own reader has it. */
const UNPACKED_CHUNK_BYTES = 256 * 1024;

async function collect(path: string): Promise<void> {
  const graph = new GraphBuilder();
  await collectExports({ inputs: [path] }, (window) => graph.apply(window));
}

async function unpack(path: string): Promise<number> {
  let bytes = 0;
  for await (const chunk of createReadStream(path).pipe(createGunzip({ chunkSize: UNPACKED_CHUNK_BYTES })))
    bytes += (chunk as Buffer).length;
  return bytes;
}

/** Reads one export through the product's own reader, plain and as `.gz`. */
export async function measureReading(folder: string): Promise<ReadingResult> {
  const plain = join(folder, 'plain.jsonl');
  const packed = join(folder, 'packed.jsonl.gz');
  const bytes = await writeExport(plain, DATA_SETS[1] ?? { title: '' }, { lines: LINES });
  await writeFile(packed, gzipSync(await readFile(plain)));
  const works = new Map<keyof ReadingResult['cpuMs'], Work>([
    ['plain', () => collect(plain)],
    ['packed', () => collect(packed)],
    ['unpackOnly', () => unpack(packed)],
  ]);
  const times = await medianCpuMs(works, READING_ROUNDS);
  const ms = (name: keyof ReadingResult['cpuMs']): number => times.get(name) ?? Number.NaN;
  return {
    lines: LINES,
    bytes,
    packedBytes: (await stat(packed)).size,
    cpuMs: { plain: ms('plain'), packed: ms('packed'), unpackOnly: ms('unpackOnly') },
  };
}

async function runOver(path: string, dataSet: DataSet, lines: number): Promise<GrowthResult['once']> {
  const bytes = await writeExport(path, dataSet, { lines });
  return { bytes, ...(await peakOf(['graph', path])) };
}

/** Runs the command line over an export and over one four times as long. */
export async function measureGrowth(folder: string): Promise<GrowthResult[]> {
  const results: GrowthResult[] = [];
  for (const dataSet of DATA_SETS) {
    const path = join(folder, 'growth.jsonl');
    const once = await runOver(path, dataSet, LINES);
    const fourfold = await runOver(path, dataSet, 4 * LINES);
    results.push({ title: dataSet.title, lines: LINES, once, fourfold });
  }
  return results;
}

export function renderReading({ lines, bytes, packedBytes, cpuMs }: ReadingResult): string {
  const row = (title: string, ms: number): string[] => [
    title,
    grouped((lines / ms) * 1000),
    fixed((ms * 1000) / lines, 2),
    grouped(bytes / 1000 / ms),
  ];
  return (
    `Files, 200 workloads: ${megabytes(bytes)}, packed ${megabytes(packedBytes)}\n` +
    renderTable(
      ['', 'flows/CPU-s', 'µs/flow', 'MB/CPU-s'],
      [
        row('plain file to graph', cpuMs.plain),
        row('.gz file to graph', cpuMs.packed),
        row('unpacking alone', cpuMs.unpackOnly),
      ],
    )
  );
}

export function renderGrowth(results: readonly GrowthResult[]): string {
  const rows = results.map(({ title, once, fourfold }) => [
    title,
    fixed(once.cpuMs / 1000, 2),
    fixed(fourfold.cpuMs / 1000, 2),
    `${fixed(fourfold.cpuMs / once.cpuMs, 2)}x`,
    megabytes(once.peakBytes),
    megabytes(fourfold.peakBytes),
  ]);
  const lines = results[0]?.lines ?? 0;
  return (
    `Growth of bulkhead graph, start and end included: ${grouped(lines)} flows against four times as many\n` +
    renderTable(['', 'CPU-s 1x', 'CPU-s 4x', 'time', 'peak 1x', 'peak 4x'], rows)
  );
}
