import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { flowsOf, ObserverClient, type Plain } from './observer-client.ts';
import { played, running } from './running-observer.ts';

const secondOf = (flow: Plain | undefined): number =>
  Number((flow?.['time'] as Plain | undefined)?.['seconds']);

const textsOf = (list: unknown, field: string): readonly string[] =>
  (list as readonly Plain[]).map((one) => String(one[field]));

describe('a client of Hubble finds the services it looks for', () => {
  test('health is served under each name that clients use, and under no other', async () => {
    const { client } = await running();
    for (const service of ['', 'observer.Observer', 'hubble.server.Observer']) {
      expect(await client.check(service)).toEqual({ status: 'SERVING' });
    }
    await expect(client.check('somebody.Else')).rejects.toMatchObject({ code: status.NOT_FOUND });
  });

  test('the status counts what was received and what is kept', async () => {
    const { client, observer } = await played({ maxFlows: 500 });
    const told = await client.observe('ServerStatus');
    expect(told['num_flows']).toBe('500');
    expect(told['max_flows']).toBe('500');
    expect(told['seen_flows']).toBe(String(observer.tally().seenFlows));
    expect(told['num_connected_nodes']).toEqual({ value: 3 });
    expect(told['version']).toBe('hubble-relay v1.19.4');
    expect(Number(told['flows_rate'])).toBeGreaterThan(1);
  });

  test('a Relay names its nodes and their flows', async () => {
    const { client, observer } = await played();
    const { nodes } = await client.observe('GetNodes');
    expect(textsOf(nodes, 'name')).toEqual(['demo/node-1', 'demo/node-2', 'demo/node-3']);
    const seen = textsOf(nodes, 'seen_flows').reduce((sum, count) => sum + Number(count), 0);
    expect(seen).toBe(observer.tally().seenFlows);
  });

  test('an agent does not know of nodes', async () => {
    const { client } = await played({ role: 'agent' });
    await expect(client.observe('GetNodes')).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
    const { messages, metadata } = await client.flows({ number: 5 }).end;
    expect(messages.every((message) => message['node_status'] === undefined)).toBe(true);
    expect(metadata.get('hubble-relay-version')).toEqual([]);
  });

  test('namespaces are those that flows were seen in', async () => {
    const { client } = await played();
    const { namespaces } = await client.observe('GetNamespaces');
    expect(namespaces).toContainEqual({ cluster: 'demo', namespace: 'shop' });
    expect(textsOf(namespaces, 'namespace')).toEqual(textsOf(namespaces, 'namespace').toSorted());
  });

  test('versions stand in the metadata of each answer', async () => {
    const { client } = await played({ version: '1.16.4' });
    const { metadata } = await client.flows({ number: 1 }).end;
    expect(metadata.get('hubble-server-version')).toEqual(['1.16.4']);
    expect(metadata.get('hubble-relay-version')).toEqual(['1.16.4']);
  });

  test('a method that is not there is Unimplemented', async () => {
    const { client } = await running();
    const types = ['observer.GetNodesRequest', 'observer.GetNodesResponse'] as const;
    await expect(client.call('/observer.Observer/GetAgentEvents', types)).rejects.toMatchObject({
      code: status.UNIMPLEMENTED,
    });
  });

  test('with denied rights every call says so', async () => {
    const { client } = await running({ faults: { isDenied: true } });
    await expect(client.observe('ServerStatus')).rejects.toMatchObject({ code: status.PERMISSION_DENIED });
    expect(await client.flows({ number: 1 }).end).toMatchObject({ code: status.PERMISSION_DENIED });
  });
});

describe('a stream gives what was asked for', () => {
  test('without anything asked: all that is kept, after the nodes, then the end', async () => {
    const { client, observer } = await played();
    const messages = await client.all({});
    expect(messages[0]).toMatchObject({
      node_status: {
        state_change: 'NODE_CONNECTED',
        node_names: ['demo/node-1', 'demo/node-2', 'demo/node-3'],
      },
    });
    expect(flowsOf(messages)).toHaveLength(observer.tally().seenFlows);
  });

  test('the last flows, and the first', async () => {
    const { client } = await played();
    const all = flowsOf(await client.all({})).map((flow) => flow['uuid']);
    const last = flowsOf(await client.all({ number: 20 })).map((flow) => flow['uuid']);
    const first = flowsOf(await client.all({ number: 20, first: true })).map((flow) => flow['uuid']);
    expect(last).toEqual(all.slice(-20));
    expect(first).toEqual(all.slice(0, 20));
  });

  test('flows between two instants, and since goes before number', async () => {
    const { client } = await played();
    const times = (messages: readonly Plain[]) => flowsOf(messages).map(secondOf);
    const all = times(await client.all({}));
    const middle = all[Math.floor(all.length / 2)] ?? 0;
    const since = times(await client.all({ since: { seconds: middle } }));
    expect(since).toEqual(all.filter((second) => second >= middle));
    const between = times(await client.all({ since: { seconds: middle }, until: { seconds: middle + 10 } }));
    expect(between).toEqual(all.filter((second) => second >= middle && second < middle + 10));
    const limited = times(await client.all({ since: { seconds: middle }, number: 3 }));
    expect(limited).toEqual(since.slice(0, 3));
  });

  test('first together with follow is refused', async () => {
    const { client } = await running();
    expect(await client.flows({ first: true, follow: true }).end).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: 'first cannot be specified with follow',
    });
  });

  test('a filter that can not be read is refused', async () => {
    const { client } = await running();
    const end = await client.flows({ whitelist: [{ source_ip: ['10.0.0.0/99'] }] }).end;
    expect(end).toMatchObject({ code: status.INVALID_ARGUMENT });
    expect(end.details).toContain('10.0.0.0/99');
  });

  test('a deadline ends a stream', async () => {
    const { client } = await running();
    const { code } = await client.flows({ follow: true }, { deadlineMs: 150 }).end;
    expect(code).toBe(status.DEADLINE_EXCEEDED);
  });

  test('lost events pass every filter and every range', async () => {
    const { client } = await played({ faults: { loseShare: 0.1 } });
    const messages = await client.all({
      whitelist: [{ uuid: ['nobody'] }],
      since: { seconds: 4_000_000_000 },
    });
    expect(flowsOf(messages)).toEqual([]);
    expect(messages.filter((message) => message['lost_events'] !== undefined).length).toBeGreaterThan(5);
  });
});

describe('a stream that follows', () => {
  test('gives everything there was and will be, once', async () => {
    const { observer, address } = await running({
      pace: { speed: 'unpaced', from: undefined, ahead: 'allowed' },
      maxFlows: 300,
    });
    const stream = new ObserverClient(address).flows({ follow: true });
    await observer.played;
    const { seenFlows } = observer.tally();
    const isFlow = (message: Plain) => message['flow'] !== undefined;
    while (stream.messages.filter(isFlow).length < seenFlows) await stream.until(stream.messages.length + 1);
    const uuids = flowsOf(stream.messages).map((flow) => flow['uuid']);
    expect(new Set(uuids).size).toBe(seenFlows);
    expect(uuids).toHaveLength(seenFlows);
    stream.cancel();
    expect((await stream.end).code).toBe(status.CANCELLED);
  });

  test('begins with the last flows asked for and does not end with them', async () => {
    const { client } = await played();
    const stream = client.flows({ follow: true, number: 4 });
    const messages = await stream.until(5);
    expect(flowsOf(messages)).toHaveLength(4);
    const ended = await Promise.race([stream.end.then(() => 'ended'), Promise.resolve('open')]);
    expect(ended).toBe('open');
    stream.cancel();
  });

  test('ends at the first flow after until', async () => {
    const { client } = await played();
    const all = flowsOf(await client.all({}));
    const second = secondOf(all[50]);
    const { code, messages } = await client.flows({
      follow: true,
      since: { seconds: second },
      until: { seconds: second + 20 },
    }).end;
    expect(code).toBe(status.OK);
    expect(flowsOf(messages).length).toBeGreaterThan(10);
  });

  test('is told that the server shuts down', async () => {
    const { client, observer } = await played();
    const stream = client.flows({ follow: true, number: 1 });
    await stream.until(2);
    await observer.close();
    expect(await stream.end).toMatchObject({
      code: status.UNAVAILABLE,
      details: 'the server is shutting down',
    });
  });
});
