import { expect, onTestFinished, test } from 'vitest';
import { bulkhead } from '../../support/cli.ts';
import { type FlowStream, startGrpcObserver } from '../../support/grpc-observer.ts';
import { type Serving, serve } from '../../support/serving.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { frameOf, PLAIN_WIRE_FLOW } from '../../support/wire-frames.ts';

interface Training {
  readonly window: { readonly from: number; readonly until: number } | null;
  readonly baseline: object | null;
}

async function untilTraining(
  { address }: Serving,
  isWanted: (training: Training) => boolean,
): Promise<Training> {
  for (;;) {
    const training = (await (await fetch(`${address}/api/v1/training`)).json()) as Training;
    if (isWanted(training)) return training;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function observer(onFlows: (stream: FlowStream) => void): Promise<string> {
  const started = await startGrpcObserver({ onFlows });
  onTestFinished(() => started.close());
  return `127.0.0.1:${started.port}`;
}

test('a first flow from a clock that is wrong does not decide how long is learnt', async () => {
  const streams: FlowStream[] = [];
  const address = await observer((stream) => {
    streams.push(stream);
    stream.send([frameOf({ ...PLAIN_WIRE_FLOW, time: { seconds: 1000 } })]);
  });
  const folder = tempFolder();
  const serving = await serve(['--hubble', address, '--train-for', '24h', '--data', folder], folder);
  onTestFinished(() => void serving.stop('SIGKILL'));
  const day = 86_400_000;
  await untilTraining(serving, ({ window }) => window !== null && window.until === 1_000_000 + day);
  for (const stream of streams) stream.send([frameOf({ ...PLAIN_WIRE_FLOW, uuid: 'second' })]);
  const at = Math.floor(PLAIN_WIRE_FLOW.time.seconds * 1000);
  const mended = await untilTraining(serving, ({ window }) => window !== null && window.until > at);
  expect(mended.baseline).toBeNull();
  expect(mended.window?.until).toBe(at + Math.floor(PLAIN_WIRE_FLOW.time.nanos / 1e6) + day);
  expect(await serving.stop()).toBe(0);
});

test('a server that can not learn as it was told to says why, and ends', async () => {
  const address = await observer((stream) => stream.send([frameOf(PLAIN_WIRE_FLOW)]));
  const folder = tempFolder();
  const args = ['--hubble', address, '--train-until', '2001-01-01T00:00:00Z', '--data', folder];
  const serving = await serve(args, folder);
  onTestFinished(() => void serving.stop('SIGKILL'));
  const said: string[] = [];
  serving.child.stderr?.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const code = await new Promise((resolve) => serving.child.on('close', resolve));
  expect(said.join('')).toBe('bulkhead: --train-until lies before the first flow.\n');
  expect(code).toBe(2);
});

test('a window that is to end in two ways is refused before anything is asked', async () => {
  const ends = ['--train-for', '1h', '--train-until', '2030-01-01T00:00:00Z'];
  const run = await bulkhead(['serve', '--hubble', 'localhost:1', ...ends], { cwd: tempFolder() });
  expect(run.code).toBe(2);
  expect(run.err).toContain('--train-for and --train-until both end the training window: name one of them.');
});
