import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client, credentials } from '@grpc/grpc-js';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import { feedRecord } from '../../collector/feed-record.ts';
import { DEFAULT_TLS, relayAddress } from '../../collector/main.ts';
import { createPipeline } from '../../collector/pipeline.ts';
import { RecentFlows } from '../../collector/sources/hubble/relay/recent-flows.ts';
import { RelaySource } from '../../collector/sources/hubble/relay/relay-source.ts';
import { messageType } from '../../collector/sources/hubble/wire/schema.ts';
import { medianCpuMs, type Work } from './measure.ts';
import { fixed, grouped, renderTable } from './table.ts';

/** What a stream of flows costs the one who receives it. */
export interface ReceiveResult {
  readonly workloads: number;
  readonly flows: number;
  readonly messageBytes: number;
  readonly stages: readonly {
    readonly stage: string;
    readonly flowsPerCpuSecond: number;
    /** Against grpc-js with protobufjs doing the decode alone, in the same run. */
    readonly ratio: number;
  }[];
}

interface Sender {
  readonly port: number;
  readonly flows: number;
  readonly bytes: number;
}

const SENDER = fileURLToPath(new URL('receive-sender.ts', import.meta.url));
const ROUNDS = 5;
const SIZES = [
  { workloads: 200, messages: 20_000 },
  { workloads: 10_000, messages: 40_000 },
] as const;
const REPEATED = 4;

async function startSender(args: readonly number[]): Promise<{ child: ChildProcess; facts: Sender }> {
  const child = spawn(process.execPath, [SENDER, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [first] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, facts: JSON.parse(first.toString()) as Sender };
}

const requestBytes = (): Buffer => {
  const type = messageType('observer.GetFlowsRequest');
  return Buffer.from(type.encode(type.fromObject({ follow: true })).finish());
};

/** The usual way: grpc-js, and protobufjs's generated code that decodes each message whole. Nothing else is done. */
function byGrpcJs({ port }: Sender, decode: (bytes: Buffer) => unknown): Promise<void> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const call = client.makeServerStreamRequest(
    '/observer.Observer/GetFlows',
    (request: Buffer) => request,
    decode,
    requestBytes(),
  );
  return new Promise((resolve, reject) => {
    call.on('data', () => undefined);
    call.on('error', reject);
    call.on('end', () => {
      client.close();
      resolve();
    });
  });
}

function byReceiver({ port, flows }: Sender, behind: 'edges' | 'nothing'): Promise<void> {
  const address = relayAddress(`127.0.0.1:${port}`, 'as-written');
  if (!address.ok) throw new Error(address.error);
  const graph = new GraphBuilder();
  const pipeline = createPipeline((window) => graph.apply(window));
  let left = flows;
  return new Promise((resolve) => {
    const done = (): void => {
      pipeline.flush();
      source.stop();
      resolve();
    };
    const source = new RelaySource(
      { address: address.value, tls: DEFAULT_TLS },
      {
        clock: { wallMs: () => Date.now(), monotonicMs: () => performance.now(), random: () => 0 },
        recent: new RecentFlows(),
        sink: {
          shed: (count) => {
            left -= count;
          },
          record(record) {
            if (behind === 'edges') feedRecord(pipeline, record);
            if (record.kind === 'flow') left -= 1;
            if (left === 0) done();
          },
        },
      },
    );
    source.start();
  });
}

function works(facts: Sender): ReadonlyMap<string, Work> {
  const type = messageType('observer.GetFlowsResponse');
  return new Map<string, Work>([
    [BASELINE, () => byGrpcJs(facts, (bytes) => type.decode(bytes))],
    ['grpc-js alone', () => byGrpcJs(facts, (bytes) => bytes)],
    ['receive, decode, no duplicates', () => byReceiver(facts, 'nothing')],
    ['receive with everything behind it', () => byReceiver(facts, 'edges')],
  ]);
}

const BASELINE = 'grpc-js, protobufjs: decode';

async function measureSize({ workloads, messages }: (typeof SIZES)[number]): Promise<ReceiveResult> {
  const { child, facts } = await startSender([workloads, messages, REPEATED]);
  try {
    const times = await medianCpuMs(works(facts), ROUNDS);
    const baseline = times.get(BASELINE) ?? Number.NaN;
    const stages = [...times].map(([stage, ms]) => ({
      stage,
      flowsPerCpuSecond: (facts.flows / ms) * 1000,
      ratio: baseline / ms,
    }));
    return { workloads, flows: facts.flows, messageBytes: facts.bytes, stages };
  } finally {
    child.kill();
  }
}

/** Flows per CPU-second of the process that receives them over loopback, from a sender that is not the limit. */
export async function measureReceive(): Promise<ReceiveResult[]> {
  const results: ReceiveResult[] = [];
  for (const size of SIZES) results.push(await measureSize(size));
  return results;
}

export function renderReceive(results: readonly ReceiveResult[]): string {
  return results
    .map(({ workloads, flows, messageBytes, stages }) => {
      const rows = stages.map(({ stage, flowsPerCpuSecond, ratio }) => [
        stage,
        grouped(flowsPerCpuSecond),
        `${fixed(ratio, 2)}x`,
      ]);
      const what = `${grouped(workloads)} workloads, ${grouped(flows)} flows of ${grouped(messageBytes)} bytes`;
      return `received over gRPC, ${what}\n${renderTable(['', 'flows/CPU-s', 'to grpc-js'], rows)}`;
    })
    .join('\n');
}
