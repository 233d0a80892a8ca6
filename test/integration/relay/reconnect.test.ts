import { status } from '@grpc/grpc-js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { demoLines } from '../../../collector/main.ts';
import { encodeLine } from '../../../collector/sources/hubble/wire/encode-frame.ts';
import { type AskedFlows, type FlowStream, startGrpcObserver } from '../../support/grpc-observer.ts';
import { followed } from './followed.ts';

/** The first messages of the demo that are flows. */
function messages(count: number): readonly Uint8Array[] {
  const encoded: Uint8Array[] = [];
  for (const { line } of demoLines({ seed: 3 }).lines) {
    if (line.startsWith('{"flow"')) encoded.push(encodeLine(line));
    if (encoded.length === count) break;
  }
  return encoded;
}

const ALL = messages(3000);

async function server(onFlows: (stream: FlowStream, call: number) => void, facts: AskedFlows = {}) {
  const asked: AskedFlows[] = [];
  const started = await startGrpcObserver({
    onFlows(stream) {
      asked.push(stream.asked);
      onFlows(stream, asked.length);
    },
    status: () => ({ version: 'v1.19.4', num_connected_nodes: { value: 2 }, seen_flows: 9, ...facts }),
  });
  onTestFinished(() => started.close());
  return { address: `127.0.0.1:${started.port}`, asked };
}

describe('a server made of another gRPC library', () => {
  test('is followed from what it still holds, with a field mask', async () => {
    const { address, asked } = await server((stream) => stream.send(ALL));
    const { until } = followed([address]);
    const { summary, live } = await until((now) => now.summary.flows === ALL.length);
    expect(summary.badRecords).toBe(0);
    expect(live.isConnected).toBe(true);
    expect(asked).toEqual([
      {
        follow: true,
        number: 100_000,
        field_mask: { paths: expect.arrayContaining(['uuid', 'source', 'aggregate']) },
      },
    ]);
  });

  test('that refuses masks is asked without, over the same connection', async () => {
    const { address, asked } = await server((stream, call) => {
      if (call < 3) stream.end(status.INVALID_ARGUMENT, 'unknown path');
      else stream.send(ALL);
    });
    const { until, news } = followed([address]);
    await until((now) => now.summary.flows === ALL.length);
    expect(asked.map((request) => (request['field_mask'] === undefined ? 'none' : 'mask'))).toEqual([
      'mask',
      'mask',
      'none',
    ]);
    expect(news).toEqual([]);
  });

  test('that breaks off is asked again from where it ended, and nothing counts twice', async () => {
    const { address, asked } = await server((stream, call) => {
      if (call === 1) {
        stream.send(ALL.slice(0, 2000));
        stream.end(status.UNAVAILABLE, 'going away');
      } else stream.send(ALL.slice(1500));
    });
    const { until, collector, news } = followed([address]);
    const { live } = await until((now) => now.summary.flows === ALL.length);
    expect(live).toMatchObject({ duplicates: 500, reconnects: 1, gaps: 0 });
    expect(asked[1]?.['number']).toBeUndefined();
    expect(asked[1]).toMatchObject({ follow: true, since: { seconds: expect.any(Number) } });
    expect(news).toEqual([
      `${address} is not available now (going away); it is asked again.`,
      `${address} is connected again.`,
    ]);
    await collector.stop();
    expect(collector.coverage().flows).toBe(ALL.length);
  });

  test('that comes back with nothing to say is shown as connected, not with why it was away', async () => {
    const { address } = await server((stream, call) => {
      if (call > 1) return; // grpc-go, too, begins its answer with the first message
      stream.send(ALL.slice(0, 10));
      stream.end(status.UNAVAILABLE, 'going away');
    });
    const { until, news } = followed([address], {
      tuning: { backOff: { firstMs: 10, mostMs: 20, stableMs: 200 } },
    });
    await until((now) => now.live.reconnects === 1 && now.problem === undefined);
    expect(news.at(-1)).toBe(`${address} is connected again.`);
  });

  test('that is too late when it comes back leaves a gap, which is counted', async () => {
    const { address } = await server((stream, call) => {
      if (call === 1) {
        stream.send(ALL.slice(0, 500));
        stream.end(status.UNAVAILABLE, '');
      } else stream.send(ALL.slice(2500));
    });
    const { until } = followed([address]);
    const { live } = await until((now) => now.live.gaps > 0);
    expect(live).toMatchObject({ gaps: 1, duplicates: 0 });
    expect(live.notices.join(' ')).toContain('1 stream began again later than the last one ended');
  });

  test('that does not allow reading flows is told so, in one sentence', async () => {
    const { address } = await server((stream) => stream.end(status.PERMISSION_DENIED, 'no role'));
    const { until } = followed([address]);
    const { problem, state } = await until((now) => now.state === 'failed');
    expect(problem).toBe(
      `${address} does not allow this client to read flows (no role): ask for access, or use a client certificate that has it.`,
    );
    expect(state).toBe('failed');
  });

  test('tells its version and nodes, and what two servers tell alike counts once', async () => {
    const one = await server((stream) => stream.send(ALL.slice(0, 2000)));
    const two = await server((stream) => stream.send(ALL.slice(1000)), { num_connected_nodes: { value: 0 } });
    const { collector, until } = followed([one.address, two.address]);
    await until((now) => now.live.version === 'v1.19.4' && now.live.connectedNodes === 2);
    await until(() => collector.coverage().flows === ALL.length);
    const [first, second] = collector.statuses();
    expect((first?.live.duplicates ?? 0) + (second?.live.duplicates ?? 0)).toBe(1000);
  });

  test('whose messages are damaged is read on, and each is counted with the reason', async () => {
    const { address } = await server((stream) => {
      const [good = Buffer.alloc(0)] = ALL;
      stream.send([good, good.slice(0, -3), Buffer.from([0xff, 0xff, 0xff]), ...ALL.slice(1, 10)]);
    });
    const { until } = followed([address]);
    const { summary } = await until((now) => now.summary.flows === 10);
    expect(summary.badRecords).toBe(2);
    expect(summary.bad[0]?.examples[0]?.file).toBe(address);
  });
});
