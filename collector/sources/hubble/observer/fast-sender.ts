import { copied, type FrameBlocks, turnTo } from './fast-blocks.ts';
import { FlowHub } from './flow-hub.ts';
import { type GrpcMethod, type GrpcServer, type ServerTls, startGrpcServer } from './grpc-server.ts';
import { NEWEST_VERSION } from './observer.ts';
import { observerMethods, StreamCount } from './observer-methods.ts';

export interface FastSenderOptions {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  readonly tls?: ServerTls | undefined;
  readonly blocks: FrameBlocks;
  /** How often a stream gets all blocks, with new uuids and later times in each round; then it ends. */
  readonly rounds: number;
}

/** A server for benches: messages encoded beforehand, many of them in each write, as fast as the client reads. */
export interface FastSender extends Pick<GrpcServer, 'host' | 'port' | 'close'> {
  /** Messages handed over so far. */
  sentMessages(): number;
}

/** Whatever the request asks for, it gets every block. */
const sendBlocks =
  ({ blocks, rounds }: FastSenderOptions, streams: StreamCount): GrpcMethod =>
  async (_request, { answer }) => {
    const own = blocks.blocks.map(copied);
    for (let round = 0; round < rounds; round += 1) {
      for (const block of own) {
        if (round > 0) turnTo(block, round, blocks.spanSeconds);
        await answer.write(block.bytes);
        streams.sentMessages += block.messages;
      }
      if (round + 1 < rounds) await answer.flushed();
    }
  };

/** Starts a fast sender; all other services answer as an Observer's do. */
export async function startFastSender(options: FastSenderOptions): Promise<FastSender> {
  const startedMs = performance.now();
  const streams = new StreamCount();
  const methods = observerMethods({
    hub: new FlowHub({ capacity: 1, minor: 19, nodes: [] }),
    minor: 19,
    version: NEWEST_VERSION,
    role: 'relay',
    faults: {},
    seed: 1,
    streams,
    hasTls: options.tls !== undefined,
    wallMs: () => Date.now(),
    uptimeMs: () => performance.now() - startedMs,
  });
  const server = await startGrpcServer({
    host: options.host,
    port: options.port,
    tls: options.tls,
    metadata: { 'hubble-server-version': NEWEST_VERSION },
    methods: new Map([...methods, ['/observer.Observer/GetFlows', sendBlocks(options, streams)]]),
  });
  return {
    host: server.host,
    port: server.port,
    sentMessages: () => streams.sentMessages,
    close: () => server.close(),
  };
}
