import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { DATA_SETS, type DataSet, type Export, exportInMemory } from './data.ts';
import { medianCpuMs, type Work } from './measure.ts';
import {
  conversations,
  decode,
  decodeParsed,
  decodePlain,
  parseLines,
  split,
  splitAndParse,
  whichWay,
  who,
  wholePath,
} from './stages.ts';
import { fixed, grouped, megabytes, renderTable } from './table.ts';

/** One stretch of the path, from the first byte to the end of this part. */
export interface StageResult {
  readonly stage: string;
  readonly linesPerCpuSecond: number;
  /** Against plain `JSON.parse` of the same lines in the same run. */
  readonly ratio: number;
  readonly microsPerLine: number;
  /** What this part adds to the one before it; for a part of its own, all it takes. */
  readonly partMicros: number;
}

export interface PathResult {
  readonly title: string;
  readonly lines: number;
  readonly bytes: number;
  readonly stages: readonly StageResult[];
  /** What the whole path keeps when every conversation is closed: pods, edges, counts. */
  readonly stateBytes: number;
  readonly edges: number;
  readonly pods: number;
}

const LINES = 60_000;
const ROUNDS = 5;

const STAGES: readonly (readonly [stage: string, run: (data: Export) => unknown])[] = [
  ['JSON.parse per line', parseLines],
  ['split into records', split],
  ['+ JSON.parse', splitAndParse],
  ['+ decode', decodeParsed],
  ['decode by bytes, without WebAssembly', decodePlain],
  ['decode by bytes', decode],
  ['+ who (learn pods)', who],
  ['+ conversation', conversations],
  ['+ who and which way', whichWay],
  ['+ edge = whole path', wholePath],
];

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

function stateOf(data: Export): Pick<PathResult, 'stateBytes' | 'edges' | 'pods'> {
  const before = heapBytes();
  const kept = wholePath(data);
  const stateBytes = heapBytes() - before;
  return {
    stateBytes,
    edges: kept.graph.snapshot().edges.size,
    pods: kept.pipeline.world().pods.length,
  };
}

function stageResults(times: ReadonlyMap<string, number>, lines: number): StageResult[] {
  const baseline = times.get('JSON.parse per line') ?? Number.NaN;
  let before = 0;
  return [...times].map(([stage, ms]) => {
    const microsPerLine = (ms * 1000) / lines;
    const isPart = stage.startsWith('+');
    const partMicros = isPart ? microsPerLine - before : microsPerLine;
    before = microsPerLine;
    return { stage, linesPerCpuSecond: (lines / ms) * 1000, ratio: baseline / ms, microsPerLine, partMicros };
  });
}

async function measurePath(dataSet: DataSet): Promise<PathResult> {
  const data = exportInMemory(dataSet, LINES);
  const works = new Map(STAGES.map(([stage, run]): [string, Work] => [stage, () => run(data)]));
  const times = await medianCpuMs(works, ROUNDS);
  const { title } = dataSet;
  const stages = stageResults(times, data.lines.length);
  return { title, lines: data.lines.length, bytes: data.bytes, stages, ...stateOf(data) };
}

/** Flows per CPU-second along the path, in memory, for each of the simulated clusters. */
export async function measurePaths(onResult: (result: PathResult) => void): Promise<PathResult[]> {
  const results: PathResult[] = [];
  for (const dataSet of DATA_SETS) {
    const result = await measurePath(dataSet);
    results.push(result);
    onResult(result);
  }
  return results;
}

export function renderPath({ title, lines, bytes, stages, stateBytes, edges, pods }: PathResult): string {
  const rows = stages.map((each) => [
    each.stage,
    grouped(each.linesPerCpuSecond),
    `${fixed(each.ratio, 2)}x`,
    fixed(each.microsPerLine, 2),
    fixed(each.partMicros, 2),
  ]);
  return (
    `${title}: ${grouped(lines)} flows, ${megabytes(bytes)}, ${grouped(bytes / lines)} bytes each\n` +
    renderTable(['', 'flows/CPU-s', 'to JSON.parse', 'µs/flow', 'this part'], rows) +
    `  state kept: ${megabytes(stateBytes)} for ${grouped(edges)} edges and ${grouped(pods)} pods, ` +
    `${grouped(stateBytes / lines)} bytes a flow\n`
  );
}
