import { simulate } from '#core/simulation/simulate.ts';
import { createHubbleEncoder } from '../../collector/sources/hubble/encode.ts';
import { encodeResponse, responseOfRecord } from '../../collector/sources/hubble/wire/encode-frame.ts';

/** Which messages are decoded. */
export interface WireDataSet {
  readonly title: string;
  readonly workloads: number;
  readonly frames: number;
  /** Each pod stands for this many, so that endpoints come again seldom. */
  readonly replicas: number;
}

export const WIRE_DATA_SETS: readonly WireDataSet[] = [
  { title: '200 workloads', workloads: 200, frames: 40_000, replicas: 1 },
  { title: '10 000 workloads', workloads: 10_000, frames: 100_000, replicas: 12 },
];

/** Messages one after another, as they stand in the buffers that a socket gives. */
export interface WireFrames {
  readonly buffers: readonly { readonly bytes: Buffer; readonly ends: readonly number[] }[];
  readonly frames: number;
  readonly bytes: number;
  /** Distinct endpoint messages among them. */
  readonly endpoints: number;
}

const BUFFER_BYTES = 64 * 1024;

/** What a node of a managed cluster is labelled with; servers send it with each flow since 1.16. */
export const nodeLabels = (node: string): readonly string[] => [
  'beta.kubernetes.io/arch=amd64',
  'beta.kubernetes.io/os=linux',
  'kubernetes.io/arch=amd64',
  `kubernetes.io/hostname=${node}`,
  'kubernetes.io/os=linux',
  'node.kubernetes.io/instance-type=m5.xlarge',
  'topology.kubernetes.io/region=eu-central-1',
  'topology.kubernetes.io/zone=eu-central-1a',
];

interface EndRecord {
  pod_name?: string;
}

interface ExportRecord {
  readonly flow?: {
    node_name?: string;
    node_labels?: readonly string[];
    source?: EndRecord;
    destination?: EndRecord;
  };
}

function varied(record: ExportRecord, replica: number): ExportRecord {
  const { flow } = record;
  if (flow === undefined) return record;
  flow.node_labels = nodeLabels(flow.node_name ?? '');
  if (replica === 0) return record;
  for (const end of [flow.source, flow.destination]) {
    if (end?.pod_name !== undefined) end.pod_name += `-${replica}`;
  }
  return record;
}

/** Whole buffers, and where the messages in each end. */
function packed(frames: readonly Uint8Array[]): WireFrames['buffers'] {
  const buffers: { bytes: Buffer; ends: readonly number[] }[] = [];
  let pieces: Uint8Array[] = [];
  let ends: number[] = [];
  for (const [i, frame] of frames.entries()) {
    pieces.push(frame);
    const end = (ends.at(-1) ?? 0) + frame.length;
    ends.push(end);
    if (end < BUFFER_BYTES && i < frames.length - 1) continue;
    const bytes = Buffer.concat(pieces);
    buffers.push({ bytes, ends });
    pieces = [];
    ends = [];
  }
  return buffers;
}

/** Simulates messages into memory. */
export function framesInMemory({ workloads, replicas, frames: count }: WireDataSet): WireFrames {
  const line = createHubbleEncoder();
  const frames: Uint8Array[] = [];
  const endpoints = new Set<string>();
  for (const event of simulate({ seed: 1, workloads }).events) {
    if (frames.length >= count) break;
    const record = varied(JSON.parse(line(event)) as ExportRecord, frames.length % replicas);
    for (const end of [record.flow?.source, record.flow?.destination]) endpoints.add(JSON.stringify(end));
    frames.push(encodeResponse(responseOfRecord(record)));
  }
  const bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
  return { buffers: packed(frames), frames: frames.length, bytes, endpoints: endpoints.size };
}
