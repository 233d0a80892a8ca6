import { describe, expect, test } from 'vitest';
import { encodeBlocks } from '../../../collector/sources/hubble/observer/fast-blocks.ts';
import { startFastSender } from '../../../collector/sources/hubble/observer/fast-sender.ts';
import { frameOf } from '../../../collector/sources/hubble/observer/flow-hub.ts';
import { simulatedSource } from '../../../collector/sources/hubble/observer/record-source.ts';
import { flowsOf, ObserverClient, type Plain } from './observer-client.ts';
import { THREE_MINUTES } from './running-observer.ts';

const blocksOf = (messages: number) =>
  encodeBlocks(simulatedSource(THREE_MINUTES), ({ record }) => frameOf(record, 19), {
    messages,
    messagesPerBlock: 64,
  });

const secondsOf = (flow: Plain): number => Number((flow['time'] as Plain)['seconds']);

describe('the fast sender', () => {
  test('gives every message in each round, with new uuids and later times', async () => {
    const blocks = await blocksOf(500);
    expect(blocks.messages).toBe(500);
    expect(blocks.blocks.length).toBe(8);
    const sender = await startFastSender({ host: '127.0.0.1', port: 0, blocks, rounds: 3 });
    const client = new ObserverClient(`127.0.0.1:${sender.port}`);
    expect(await client.check()).toEqual({ status: 'SERVING' });
    const messages = await client.all({ follow: true });
    expect(messages).toHaveLength(1500);
    expect(sender.sentMessages()).toBe(1500);
    const flows = flowsOf(messages);
    expect(new Set(flows.map((flow) => flow['uuid'])).size).toBe(flows.length);
    const [first = {}, second = {}] = [flows[0], flows[flows.length / 3]];
    expect(secondsOf(second) - secondsOf(first)).toBe(blocks.spanSeconds);
    expect(flows.map(secondsOf)).toEqual(flows.map(secondsOf).toSorted((a, b) => a - b));
    for (const { flow, time } of messages)
      if (flow !== undefined) expect((flow as Plain)['time']).toEqual(time);
    await sender.close();
  });

  test('gives two clients the same', async () => {
    const sender = await startFastSender({
      host: '127.0.0.1',
      port: 0,
      blocks: await blocksOf(100),
      rounds: 4,
    });
    const clients = [1, 2].map(() => new ObserverClient(`127.0.0.1:${sender.port}`));
    const [one, other] = await Promise.all(clients.map((client) => client.all({})));
    expect(one).toHaveLength(400);
    expect(one).toEqual(other);
    await sender.close();
  });

  test('outlives clients that leave in the middle', async () => {
    const blocks = await blocksOf(800);
    const sender = await startFastSender({ host: '127.0.0.1', port: 0, blocks, rounds: 50 });
    for (let i = 0; i < 30; i += 1) {
      const stream = new ObserverClient(`127.0.0.1:${sender.port}`).flows({});
      await stream.until(1 + i * 7);
      stream.cancel();
      await stream.end;
    }
    const client = new ObserverClient(`127.0.0.1:${sender.port}`);
    expect(await client.check()).toEqual({ status: 'SERVING' });
    await sender.close();
  });
});
