import { GraphBuilder } from '#core/graph/graph-builder.ts';
import { createPipeline, type Pipeline } from '../../collector/pipeline.ts';
import { createFlowDecoder } from '../../collector/sources/hubble/wire/flow-decoder.ts';
import type { DecodedFrame } from '../../collector/sources/hubble/wire/frame.ts';
import { createFullDecoder } from '../../collector/sources/hubble/wire/full-decoder.ts';
import { messageType } from '../../collector/sources/hubble/wire/schema.ts';
import { medianCpuMs, type Work } from './measure.ts';
import { fixed, grouped, megabytes, renderTable } from './table.ts';
import { framesInMemory, WIRE_DATA_SETS, type WireDataSet, type WireFrames } from './wire-data.ts';

/** One way to take messages in. */
export interface WireStage {
  readonly stage: string;
  readonly flowsPerCpuSecond: number;
  readonly microsPerFlow: number;
  /** Against protobufjs in the same run: decoding against decoding, edges against edges. */
  readonly ratio: number;
}

export interface WireResult {
  readonly title: string;
  readonly frames: number;
  readonly bytes: number;
  readonly endpoints: number;
  readonly stages: readonly WireStage[];
}

const ROUNDS = 3;

type Decode = (bytes: Uint8Array, from: number, to: number) => unknown;

function eachFrame({ buffers }: WireFrames, decode: Decode): void {
  for (const { bytes, ends } of buffers) {
    let from = 0;
    for (const to of ends) {
      decode(bytes, from, to);
      from = to;
    }
  }
}

/** protobufjs's generated decoder alone: what `pbjs -t static` writes to a file is what it makes at run time. */
function byProtobufjs(): Decode {
  const type = messageType('observer.GetFlowsResponse');
  return (bytes, from, to) => type.decode(bytes.subarray(from, to));
}

function intoEdges(decode: (bytes: Uint8Array, from: number, to: number) => DecodedFrame) {
  const graph = new GraphBuilder();
  const pipeline: Pipeline = createPipeline((window) => graph.apply(window));
  const add: Decode = (bytes, from, to) => {
    const record = decode(bytes, from, to);
    if (record.kind === 'flow') pipeline.add(record.flow);
  };
  return { add, pipeline };
}

const works = (data: WireFrames): ReadonlyMap<string, Work> => {
  const toEdges = (decode: (bytes: Uint8Array, from: number, to: number) => DecodedFrame): void => {
    const { add, pipeline } = intoEdges(decode);
    eachFrame(data, add);
    pipeline.flush();
  };
  const decoder = createFlowDecoder();
  const full = createFullDecoder();
  return new Map<string, Work>([
    ['protobufjs: decode', () => eachFrame(data, byProtobufjs())],
    ['protobufjs: decode to a flow', () => eachFrame(data, (...frame) => full.decode(...frame))],
    ['decode to a flow', () => eachFrame(data, (...frame) => decoder.decode(...frame))],
    ['protobufjs: decode to edge', () => toEdges((...frame) => full.decode(...frame))],
    ['decode to edge', () => toEdges((...frame) => decoder.decode(...frame))],
  ]);
};

async function measureDataSet(dataSet: WireDataSet): Promise<WireResult> {
  const data = framesInMemory(dataSet);
  const times = await medianCpuMs(works(data), ROUNDS);
  const stages = [...times].map(([stage, ms]): WireStage => {
    const baseline = times.get(stage.endsWith('edge') ? 'protobufjs: decode to edge' : 'protobufjs: decode');
    return {
      stage,
      flowsPerCpuSecond: (data.frames / ms) * 1000,
      microsPerFlow: (ms * 1000) / data.frames,
      ratio: (baseline ?? Number.NaN) / ms,
    };
  });
  const { title } = dataSet;
  return { title, frames: data.frames, bytes: data.bytes, endpoints: data.endpoints, stages };
}

/** Messages of a GetFlows stream per CPU-second, decoded and taken to edges, beside protobufjs. */
export async function measureWire(): Promise<WireResult[]> {
  const results: WireResult[] = [];
  for (const dataSet of WIRE_DATA_SETS) results.push(await measureDataSet(dataSet));
  return results;
}

export function renderWire(results: readonly WireResult[]): string {
  return results
    .map(({ title, frames, bytes, endpoints, stages }) => {
      const rows = stages.map(({ stage, flowsPerCpuSecond, microsPerFlow, ratio }) => [
        stage,
        grouped(flowsPerCpuSecond),
        `${fixed(ratio, 2)}x`,
        fixed(microsPerFlow, 2),
      ]);
      return (
        `protobuf messages, ${title}: ${grouped(frames)} flows, ${megabytes(bytes)}, ` +
        `${grouped(bytes / frames)} bytes each, ${grouped(endpoints)} distinct endpoints\n` +
        renderTable(['', 'flows/CPU-s', 'to protobufjs', 'µs/flow'], rows)
      );
    })
    .join('\n');
}
