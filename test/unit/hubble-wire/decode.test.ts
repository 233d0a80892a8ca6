import { expect, test } from 'vitest';
import { encodeResponse } from '../../../collector/sources/hubble/wire/encode-frame.ts';
import { createFlowDecoder } from '../../../collector/sources/hubble/wire/flow-decoder.ts';
import { createFullDecoder } from '../../../collector/sources/hubble/wire/full-decoder.ts';
import { messageType } from '../../../collector/sources/hubble/wire/schema.ts';
import { decodedFrame, frameOf, PLAIN_WIRE_FLOW, run, tag, varint } from '../../support/wire-frames.ts';

function flowOf(bytes: Uint8Array) {
  const record = decodedFrame(bytes);
  if (record.kind !== 'flow') throw new Error(`no flow but ${JSON.stringify(record)}`);
  return record.flow;
}

const plain = (more: Readonly<Record<string, unknown>> = {}): Uint8Array =>
  frameOf({ ...PLAIN_WIRE_FLOW, ...more });

test('a complete message becomes a flow with every field in place', () => {
  expect(flowOf(plain())).toMatchObject({
    at: 1_772_438_400_123,
    atNanos: 456_789,
    uuid: '8a1b0a50-0000-4000-8000-000000000001',
    node: 'kind/worker-1',
    kind: 'trace',
    verdict: 'forwarded',
    protocol: 'TCP',
    source: { ip: '10.0.1.5', port: 40_000, identity: 1001, cluster: 'prod', pod: 'web-7d9c5b6f4-x2x4z' },
    destination: { ip: '10.0.2.6', port: 8080, identity: 1002, namespace: 'shop', workloads: [] },
    tcpFlags: { syn: true, ack: false, rst: false, fin: false },
    reply: 'request',
    direction: 'ingress',
    isNew: true,
    count: 1,
  });
});

test('time and node of the message stand in for those that the flow lacks', () => {
  const { time, node_name, ...flow } = PLAIN_WIRE_FLOW;
  const record = decodedFrame(frameOf(flow, { time, node_name: 'kind/other' }));
  expect(record).toMatchObject({
    kind: 'flow',
    timeless: false,
    shape: 'wrapped',
    flow: { at: 1_772_438_400_123, node: 'kind/other' },
  });
  expect(decodedFrame(frameOf(flow))).toMatchObject({ timeless: true, shape: 'flow-only', flow: { at: 0 } });
});

test('numbers that are newer than this product are kept, and never an error', () => {
  const newer = plain({ drop_reason_desc: 250, verdict: 99, traffic_direction: 9, trace_reason: 77 });
  expect(flowOf(newer)).toMatchObject({
    dropReason: '250',
    verdict: 'unknown',
    direction: 'unknown',
    isNew: false,
  });
});

test('fields that are newer than this product are passed over', () => {
  const known = messageType('flow.Flow')
    .encode(messageType('flow.Flow').fromObject(PLAIN_WIRE_FLOW))
    .finish();
  const newer = [
    ...tag(47, 0),
    ...varint(2 ** 50),
    ...tag(60, 1),
    ...[1, 2, 3, 4, 5, 6, 7, 8],
    ...tag(61, 5),
    ...[1, 2, 3, 4],
    ...run(5000, [1, 2, 3]),
    ...tag(70, 3),
    ...tag(1, 0),
    ...varint(7),
    ...tag(70, 4),
  ];
  expect(flowOf(Uint8Array.from(run(1, [...newer, ...known, ...newer])))).toEqual(flowOf(plain()));
});

test('text that is not ASCII is right, though it takes the longer way', () => {
  const decoder = createFlowDecoder();
  const record = decoder.decode(plain({ destination_names: ['bücher.example'] }));
  expect(record).toMatchObject({ flow: { destination: { names: ['bücher.example'] } } });
  expect(decoder.counts()).toMatchObject({ frames: 1, unusual: 1, bad: 0 });
});

test('losses and status of nodes are exact', () => {
  const lost = { source: 'HUBBLE_RING_BUFFER', num_events_lost: '18446744073709551615' };
  const response = messageType('observer.GetFlowsResponse');
  expect(
    decodedFrame(encodeResponse({ ...response.fromObject({ lost_events: lost, node_name: 'a/b' }) })),
  ).toEqual({
    kind: 'lost',
    source: 'HUBBLE_RING_BUFFER',
    count: 2n ** 64n - 1n,
    node: 'a/b',
  });
  const status = { state_change: 'NODE_GONE', node_names: ['a/b', 'a/c'], message: 'bye' };
  expect(decodedFrame(encodeResponse({ ...response.fromObject({ node_status: status }) }))).toEqual({
    kind: 'node-status',
    state: 'NODE_GONE',
    nodes: ['a/b', 'a/c'],
    message: 'bye',
  });
});

test('an aggregated flow says how many it stands for', () => {
  const aggregate = { ingress_flow_count: 3, egress_flow_count: 4 };
  expect(flowOf(plain({ aggregate }))).toMatchObject({ count: 7, isAggregate: true });
});

test.each([
  ['a port beyond 65535', { l4: { TCP: { source_port: 70_000 } } }, 'l4.TCP.source_port'],
  ['an ICMP type beyond 255', { l4: { ICMPv4: { type: 256 } } }, 'l4.ICMPv4.type'],
  ['a time with too many nanoseconds', { time: { seconds: 1, nanos: 2_000_000_000 } }, 'time'],
  ['a negative verdict', { verdict: -1 }, 'verdict'],
])('%s is a bad field that is named', (_, more, at) => {
  expect(decodedFrame(plain(more))).toEqual({ kind: 'bad', code: 'bad_field', at });
});

test('a message without anything that matters is bad, and says which kind of nothing it is', () => {
  expect(decodedFrame(new Uint8Array(0))).toMatchObject({ code: 'not_a_record' });
  expect(decodedFrame(frameOf({}))).toMatchObject({ code: 'empty_flow' });
});

test('what was decoded does not change with the buffer it came from', () => {
  const buffer = Buffer.from(plain());
  const decoder = createFlowDecoder();
  const first = decoder.decode(buffer);
  const copy = structuredClone(first);
  buffer.fill(0x61);
  expect(first).toEqual(copy);
  expect(decoder.decode(plain())).toEqual(copy);
});

test('a message is read from within a larger buffer, and nothing beyond its end', () => {
  const frame = plain();
  const buffer = Buffer.concat([Buffer.alloc(7, 0xff), frame, Buffer.alloc(9, 0xff)]);
  expect(createFlowDecoder().decode(buffer, 7, 7 + frame.length)).toEqual(decodedFrame(frame));
});

test('endpoints that differ in one byte anywhere are told apart', () => {
  const decoder = createFlowDecoder();
  const pod = 'cart-5f9d8c7b6-abcde';
  for (let i = 0; i < pod.length; i += 1) {
    const pod_name = `${pod.slice(0, i)}0${pod.slice(i + 1)}`;
    const destination = { ...PLAIN_WIRE_FLOW.destination, pod_name };
    expect(decoder.decode(plain({ destination }))).toMatchObject({
      flow: { destination: { pod: pod_name } },
    });
  }
});

test('the memory of endpoints is bounded, what it forgets is counted, and what comes back is right', () => {
  const decoder = createFlowDecoder({ endpoints: { entries: 50, bytes: 100_000 } });
  const frames = Array.from({ length: 400 }, (_, i) =>
    plain({ source: { ...PLAIN_WIRE_FLOW.source, pod_name: `web-${i}` }, IP: { source: `10.0.0.${i}` } }),
  );
  for (const round of [1, 2]) {
    for (const [i, frame] of frames.entries()) {
      expect(decoder.decode(frame), `round ${round}`).toMatchObject({
        flow: { source: { pod: `web-${i}`, ip: `10.0.0.${i}` } },
      });
    }
  }
  expect(decoder.counts().evicted).toBeGreaterThan(500);
});

test('a server that answers under two addresses, ports or names is not mistaken for the one before', () => {
  const decoder = createFlowDecoder();
  const full = createFullDecoder();
  const variants = [
    {},
    { IP: { source: '10.0.1.5', destination: '10.0.2.7' } },
    { l4: { TCP: { source_port: 40_000, destination_port: 9090 } } },
    { l4: { UDP: { source_port: 40_000, destination_port: 8080 } } },
    { destination_names: ['a.example', ''] },
    { IP: { destination: '' } },
    { IP: undefined },
    { l4: undefined },
    {},
  ];
  for (const more of variants) {
    const frame = plain(more);
    expect(decoder.decode(frame)).toEqual(full.decode(frame, 0, frame.length));
  }
});
