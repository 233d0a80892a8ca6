import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { startObserver } from '../../../collector/sources/hubble/observer/observer.ts';
import { simulatedSource } from '../../../collector/sources/hubble/observer/record-source.ts';
import { flowsOf, ObserverClient, type Plain } from './observer-client.ts';
import { AS_READ, AT_ONCE, played, running, THREE_MINUTES } from './running-observer.ts';

const uuidsOf = (messages: readonly Plain[]) => flowsOf(messages).map((flow) => String(flow['uuid']));
const secondOf = (flow: Plain): number => Number((flow['time'] as Plain)['seconds']);
const lostIn = (messages: readonly Plain[]): number =>
  messages.reduce(
    (sum, { lost_events: lost }) => sum + Number((lost as Plain | undefined)?.['num_events_lost'] ?? 0),
    0,
  );

describe('streams that are cut', () => {
  test('end after about as many messages as asked for, each in its way, and the server goes on', async () => {
    const { address, observer } = await played({ faults: { cut: { afterMessages: 40 } }, seed: 3 });
    const ways = new Set<string>();
    for (let round = 0; round < 16; round += 1) {
      const { code, details, messages } = await new ObserverClient(address).flows({}).end;
      expect(code).not.toBe(status.OK);
      ways.add(details);
      expect(flowsOf(messages).length).toBeGreaterThanOrEqual(19);
      expect(flowsOf(messages).length).toBeLessThanOrEqual(61);
    }
    expect(ways.size).toBe(3);
    expect(observer.tally().cuts).toBe(16);
  });

  test('who asks again from where it was gets every flow all the same', async () => {
    const { address, observer } = await played({ faults: { cut: { afterMessages: 150 } } });
    const seen = new Set<string>();
    let since = 0;
    for (let code: number = status.UNAVAILABLE; code !== status.OK; ) {
      const end = await new ObserverClient(address).flows({ since: { seconds: since } }).end;
      code = end.code;
      for (const uuid of uuidsOf(end.messages)) seen.add(uuid);
      since = Math.max(since, ...flowsOf(end.messages).map(secondOf));
    }
    expect(seen.size).toBe(observer.tally().seenFlows);
    expect(observer.tally().cuts).toBeGreaterThan(2);
  });

  test('after a while end while they follow', async () => {
    const { client } = await played({ faults: { cut: { afterMs: 50 } } });
    const { code } = await client.flows({ follow: true, number: 1 }).end;
    expect(code).not.toBe(status.OK);
  });
});

describe('a server that goes and comes back', () => {
  test('is there again under its address, with the same flows', async () => {
    const { address, observer, client } = await played();
    const before = uuidsOf(await client.all({}));
    await observer.close();
    await expect(new ObserverClient(address).check()).rejects.toMatchObject({ code: status.UNAVAILABLE });
    const again = await startObserver({
      host: '127.0.0.1',
      port: Number(address.split(':')[1]),
      source: simulatedSource(THREE_MINUTES),
      pace: AT_ONCE,
      maxFlows: 100_000,
    });
    await again.played;
    expect(uuidsOf(await new ObserverClient(address).all({}))).toEqual(before);
    await again.close();
  });
});

describe('what goes wrong before the server can be accounted for by a client', () => {
  test('lost flows and those that came add up to what there was', async () => {
    const whole = await played();
    const { client, observer } = await played({ faults: { loseShare: 0.05 } });
    const messages = await client.all({});
    const simulated = lostIn(await whole.client.all({}));
    expect(observer.tally().lost).toBeGreaterThan(10);
    expect(lostIn(messages)).toBe(observer.tally().lost + simulated);
    expect(flowsOf(messages).length + observer.tally().lost).toBe(whole.observer.tally().seenFlows);
  });

  test('flows that come twice carry the same uuid', async () => {
    const { client, observer } = await played({ faults: { duplicateShare: 0.1 } });
    const uuids = uuidsOf(await client.all({}));
    expect(observer.tally().duplicated).toBeGreaterThan(10);
    expect(uuids.length - new Set(uuids).size).toBe(observer.tally().duplicated);
  });

  test('flows out of order are all there', async () => {
    const whole = await played();
    const { client } = await played({ faults: { reorderShare: 0.2 } });
    const [mixed, ordered] = [uuidsOf(await client.all({})), uuidsOf(await whole.client.all({}))];
    expect(mixed).not.toEqual(ordered);
    expect(mixed.toSorted()).toEqual(ordered.toSorted());
  });

  test('a node that goes is told of as it happens', async () => {
    const { observer, client } = await running({ faults: { goneMs: 20_000 }, pace: AS_READ });
    const stream = client.flows({ follow: true });
    await observer.played;
    const states = () =>
      stream.messages.flatMap(({ node_status: node }) =>
        node === undefined ? [] : [String((node as Plain)['state_change'])],
      );
    while (!states().includes('NODE_UNAVAILABLE')) await stream.until(stream.messages.length + 1);
    expect(states()[0]).toBe('NODE_CONNECTED');
    expect(observer.tally().untold).toBeGreaterThan(0);
    stream.cancel();
  });

  test('a mute server opens streams and says nothing of flows', async () => {
    const { client } = await running({ faults: { isMute: true } });
    const { code, messages } = await client.flows({ follow: true }, { deadlineMs: 200 }).end;
    expect(code).toBe(status.DEADLINE_EXCEEDED);
    expect(flowsOf(messages)).toEqual([]);
    expect(messages).toHaveLength(1);
  });

  test('a Relay without nodes has nobody to name', async () => {
    const { client } = await running({ faults: { hasNoNodes: true } });
    expect(await client.observe('GetNodes')).toEqual({});
    expect(await client.all({})).toEqual([]);
  });

  test('refusals told as a Relay tells them are errors of its nodes, in a stream that stays open', async () => {
    const { client } = await running({ faults: { tellsNodeErrors: true } });
    const stream = client.flows({ follow: true, field_mask: { paths: ['nothing'] } });
    const [, refusal] = await stream.until(2);
    expect(refusal?.['node_status']).toMatchObject({
      state_change: 'NODE_ERROR',
      node_names: ['demo/node-1', 'demo/node-2', 'demo/node-3'],
      message: 'invalid fieldmask: no field nothing',
    });
    stream.cancel();
  });
});

describe('older servers', () => {
  test.each(['1.14', '1.15', '1.16', '1.17', '1.18', '1.19'])(
    '%s sends flows in its shape',
    async (version) => {
      const { client } = await played({ version });
      const flows = flowsOf(await client.all({}));
      expect(flows.length).toBeGreaterThan(100);
      const hasReason = flows.some((flow) => flow['trace_reason'] !== undefined);
      const hasCluster = flows.some((flow) => (flow['source'] as Plain)['cluster_name'] !== undefined);
      expect([hasReason, hasCluster]).toEqual(version > '1.15' ? [true, true] : [false, false]);
    },
  );

  test('before 1.16 do not know of a mask and send everything', async () => {
    const { client } = await played({ version: '1.15' });
    const [flow] = flowsOf(await client.all({ number: 1, field_mask: { paths: ['uuid', 'aggregate'] } }));
    expect(flow?.['verdict']).toBeDefined();
    const [masked] = flowsOf(
      await client.all({ number: 1, experimental: { field_mask: { paths: ['uuid'] } } }),
    );
    expect(Object.keys(masked ?? {})).toEqual(['uuid']);
  });

  test('refuse a mask with fields that are younger than they are', async () => {
    const { client } = await played({ version: '1.17' });
    const end = await client.flows({ field_mask: { paths: ['uuid', 'aggregate'] } }).end;
    expect(end).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: 'invalid fieldmask: no field aggregate',
    });
    const [flow] = flowsOf(
      await client.all({ number: 1, field_mask: { paths: ['uuid', 'source.identity'] } }),
    );
    expect(Object.keys(flow ?? {})).toEqual(['source', 'uuid']);
  });
});

describe('a client that does not read', () => {
  test('is told what it missed, and holds nobody up', async () => {
    const { address, observer } = await running({
      maxFlows: 50,
      pace: { speed: 400, from: undefined, ahead: 'allowed' },
    });
    const slow = new ObserverClient(address).flows({ follow: true, since: { seconds: 0 } });
    await observer.played;
    const total = () => flowsOf(slow.messages).length + lostIn(slow.messages);
    while (total() < observer.tally().seenFlows) await slow.until(slow.messages.length + 1);
    expect(total()).toBeGreaterThanOrEqual(observer.tally().seenFlows);
    slow.cancel();
  });
});
