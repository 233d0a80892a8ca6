import { expect, test } from 'vitest';
import { decoded, flowIn, flowLine, PLAIN_FLOW } from '../../support/hubble-lines.ts';

test('a complete exporter line becomes a flow with every field in place', () => {
  const flow = flowIn(flowLine());
  expect(flow).toEqual({
    at: 1_772_438_400_123,
    atNanos: 456_789,
    uuid: '8a1b0a50-0000-4000-8000-000000000001',
    node: 'kind/worker-1',
    kind: 'trace',
    verdict: 'forwarded',
    dropReason: undefined,
    protocol: 'TCP',
    source: {
      ip: '10.0.1.5',
      port: 40000,
      identity: 1001,
      cluster: 'prod',
      namespace: 'shop',
      pod: 'web-7d9c5b6f4-x2x4z',
      workloads: [{ name: 'web', kind: 'Deployment' }],
      labels: new Map([['app', 'web']]),
      namespaceLabels: new Map([['team', 'blue']]),
      entities: [],
      names: [],
    },
    destination: {
      ip: '10.0.2.6',
      port: 8080,
      identity: 1002,
      cluster: undefined,
      namespace: 'shop',
      pod: 'cart-5f9d8c7b6-abcde',
      workloads: [],
      labels: new Map([['app', 'cart']]),
      namespaceLabels: new Map(),
      entities: [],
      names: [],
    },
    tcpFlags: { syn: true, ack: false, rst: false, fin: false },
    icmpType: undefined,
    reply: 'request',
    direction: 'ingress',
    isNew: true,
    l7: undefined,
    service: undefined,
    allowedBy: [],
    deniedBy: [],
    count: 1,
    isAggregate: false,
  });
});

test.each([
  ['wrapped', flowLine()],
  ['flow-only', JSON.stringify({ flow: PLAIN_FLOW })],
  ['bare', JSON.stringify(PLAIN_FLOW)],
  ['relabelled', JSON.stringify({ component_name: 'cilium', flow: PLAIN_FLOW })],
] as const)('the %s shape is known as such and says the same', (shape, text) => {
  expect(decoded(text)).toMatchObject({ kind: 'flow', shape, timeless: false });
  expect(flowIn(text)).toEqual(flowIn(flowLine()));
});

const CAMEL = {
  time: { seconds: '1772438400', nanos: 123_456_789 },
  uuid: PLAIN_FLOW.uuid,
  verdict: 1,
  IP: PLAIN_FLOW.IP,
  l4: { TCP: { sourcePort: 40000, destinationPort: 8080, flags: { SYN: true } } },
  source: {
    identity: 1001,
    clusterName: 'prod',
    namespace: 'shop',
    labels: PLAIN_FLOW.source.labels,
    podName: 'web-7d9c5b6f4-x2x4z',
    workloads: PLAIN_FLOW.source.workloads,
  },
  destination: {
    identity: 1002,
    namespace: 'shop',
    labels: ['k8s:app=cart'],
    podName: 'cart-5f9d8c7b6-abcde',
  },
  Type: 1,
  eventType: { type: 4, subType: 0 },
  trafficDirection: 1,
  traceObservationPoint: 101,
  traceReason: 1,
  isReply: { value: false },
};

test('camel case with numeric enums and wrapped booleans says the same as the exporter line', () => {
  const text = JSON.stringify({ flow: CAMEL, nodeName: 'kind/worker-1' });
  expect(decoded(text)).toMatchObject({ shape: 'camel-case' });
  expect(flowIn(text)).toEqual(flowIn(flowLine()));
});

test.each([
  [0, 'unknown'],
  [1, 'forwarded'],
  [2, 'dropped'],
  [3, 'error'],
  [4, 'audit'],
  [5, 'redirected'],
  [6, 'traced'],
  [7, 'translated'],
  [8, 'unknown'],
  ['AUDIT', 'audit'],
  ['SOME_NEW_VERDICT', 'unknown'],
  [undefined, 'unknown'],
])('verdict %s is %s', (verdict, expected) => {
  expect(flowIn(flowLine({ verdict })).verdict).toBe(expected);
});

test.each([
  [{ drop_reason_desc: 'POLICY_DENIED' }, 'POLICY_DENIED'],
  [{ drop_reason_desc: 133 }, 'POLICY_DENIED'],
  [{ drop_reason_desc: 181 }, 'POLICY_DENY'],
  [{ drop_reason_desc: 189 }, 'AUTH_REQUIRED'],
  [{ drop_reason_desc: 205 }, 'DROP_PUNT_PROXY'],
  [{ drop_reason: 133 }, 'POLICY_DENIED'],
  [{ drop_reason: 250 }, '250'],
  [{ drop_reason_desc: 'DROP_REASON_UNKNOWN', drop_reason: 158 }, 'SERVICE_BACKEND_NOT_FOUND'],
  [{ event_type: { type: 1, sub_type: 132 } }, 'INVALID_SOURCE_IP'],
  [{ event_type: { type: 4, sub_type: 3 } }, undefined],
  [{ drop_reason_desc: 'a sentence, not a name' }, undefined],
])('the drop reason in %j is %s', (more, expected) => {
  expect(flowIn(flowLine({ verdict: 'DROPPED', ...more })).dropReason).toBe(expected);
});

test.each([
  [1, 'drop'],
  [2, 'other'],
  [4, 'trace'],
  [5, 'policy-verdict'],
  [7, 'socket'],
  [129, 'l7'],
  [130, 'other'],
  [4242, 'other'],
])('event type %i is a %s flow', (type, kind) => {
  expect(flowIn(flowLine({ event_type: { type } })).kind).toBe(kind);
});

test.each([
  [{ l7: { type: 'REQUEST' } }, 'l7'],
  [{ Type: 'L7' }, 'l7'],
  [{ Type: 'SOCK' }, 'socket'],
  [{ trace_observation_point: 'TO_STACK' }, 'trace'],
  [{ policy_match_type: 1 }, 'policy-verdict'],
  [{ verdict: 'DROPPED' }, 'drop'],
  [{}, 'other'],
])('without an event type the fields %j make it a %s flow', (more, kind) => {
  expect(flowIn(JSON.stringify({ flow: { verdict: 'FORWARDED', IP: PLAIN_FLOW.IP, ...more } })).kind).toBe(
    kind,
  );
});

test('a field-masked line keeps what it has and invents nothing', () => {
  const flow = flowIn(JSON.stringify({ flow: { IP: { destination: '10.0.0.9' } }, time: PLAIN_FLOW.time }));
  expect(flow).toMatchObject({
    verdict: 'unknown',
    protocol: 'unknown',
    reply: 'unknown',
    direction: 'unknown',
    node: undefined,
    tcpFlags: undefined,
  });
  expect(flow.source).toMatchObject({ ip: undefined, port: undefined, identity: undefined, pod: undefined });
  expect(flow.at).toBe(1_772_438_400_123);
});

test('an aggregated row counts what it stands for and is marked', () => {
  const aggregate = { ingress_flow_count: 3, egress_flow_count: 4, unknown_direction_flow_count: 5 };
  expect(flowIn(flowLine({ aggregate }))).toMatchObject({ count: 12, isAggregate: true });
  expect(flowIn(flowLine({ aggregate: {} }))).toMatchObject({ count: 1, isAggregate: true });
});

test.each([
  ['agent_event', 'agent-event'],
  ['agentEvent', 'agent-event'],
  ['debug_event', 'debug-event'],
  ['debugEvent', 'debug-event'],
])('%s is told apart', (field, kind) => {
  expect(decoded(JSON.stringify({ [field]: {}, node_name: 'n' }))).toEqual({ kind });
});

test('a node status names its nodes, or else the node that wrote it', () => {
  const status = { state_change: 'NODE_UNAVAILABLE', node_names: ['a', 'b'], message: 'gone fishing' };
  expect(decoded(JSON.stringify({ node_status: status }))).toEqual({
    kind: 'node-status',
    state: 'NODE_UNAVAILABLE',
    nodes: ['a', 'b'],
    message: 'gone fishing',
  });
  expect(decoded('{"nodeStatus":{"stateChange":3},"nodeName":"c"}')).toEqual({
    kind: 'node-status',
    state: 'NODE_GONE',
    nodes: ['c'],
    message: undefined,
  });
});

test.each([
  ['"18446744073709551615"', 18_446_744_073_709_551_615n],
  ['9007199254740993', 9_007_199_254_740_993n],
  ['18446744073709551615', 18_446_744_073_709_551_615n],
  ['7', 7n],
  ['{"low":-1,"high":1,"unsigned":true}', 8_589_934_591n],
])('a lost count of %s stays exact', (count, expected) => {
  const text = `{"lost_events":{"source":"HUBBLE_RING_BUFFER","num_events_lost":${count}},"node_name":"n"}`;
  expect(decoded(text)).toEqual({ kind: 'lost', source: 'HUBBLE_RING_BUFFER', count: expected, node: 'n' });
});

test('a lost record without a count lost nothing, and its source is unknown', () => {
  expect(decoded('{"lost_events":{},"node_name":"my-node"}')).toEqual({
    kind: 'lost',
    source: 'UNKNOWN_LOST_EVENT_SOURCE',
    count: 0n,
    node: 'my-node',
  });
  expect(decoded('{"lostEvents":{"source":2,"numEventsLost":"3"}}')).toMatchObject({
    source: 'OBSERVER_EVENTS_QUEUE',
    count: 3n,
  });
});
