import { expect, test } from 'vitest';
import { createHubbleDecoder } from '../../../collector/sources/hubble/decode.ts';
import { decoded, flowIn, flowLine, PLAIN_FLOW } from '../../support/hubble-lines.ts';

const without = (...fields: readonly string[]): string =>
  JSON.stringify({
    flow: Object.fromEntries(Object.entries(PLAIN_FLOW).filter(([key]) => !fields.includes(key))),
  });

test.each([
  [{ is_reply: true }, 'reply'],
  [{ is_reply: false }, 'request'],
  [{ is_reply: false, reply: true }, 'request'],
  [{ is_reply: undefined, reply: true }, 'reply'],
  [{ is_reply: undefined, reply: false }, 'unknown'],
  [{ is_reply: undefined }, 'unknown'],
  [{ is_reply: null }, 'unknown'],
  [{ is_reply: { value: true } }, 'reply'],
  [{ is_reply: {} }, 'request'],
])('%j makes it a %s', (more, reply) => {
  expect(flowIn(flowLine(more)).reply).toBe(reply);
});

test.each([
  ['2026-03-02T08:00:00Z', 1_772_438_400_000, 0],
  ['2026-03-02T08:00:00.000000001Z', 1_772_438_400_000, 1],
  ['2026-03-02T09:00:00.5+01:00', 1_772_438_400_500, 0],
  [{ seconds: 1_772_438_400, nanos: 999_999_999 }, 1_772_438_400_999, 999_999],
  [{ seconds: { low: 1_772_438_400, high: 0 }, nanos: 0 }, 1_772_438_400_000, 0],
])('the time %j is exact', (time, at, atNanos) => {
  expect(flowIn(flowLine({ time }))).toMatchObject({ at, atNanos });
});

test('times of the same second read one after another are each exact', () => {
  const decoder = createHubbleDecoder();
  const fractions = ['', '.1', '.12', '.123456789', '.000000001', '.999999999'];
  const nanos = fractions.map((fraction) => {
    const record = decoder.decode(flowLine({ time: `2026-03-02T08:00:00${fraction}Z` }));
    return record.kind === 'flow' ? (record.flow.at - 1_772_438_400_000) * 1e6 + record.flow.atNanos : -1;
  });
  expect(nanos).toEqual([0, 100_000_000, 120_000_000, 123_456_789, 1, 999_999_999]);
});

test('without a time of its own a flow takes that of its wrapper', () => {
  const flow = { ...PLAIN_FLOW, time: undefined };
  expect(flowIn(JSON.stringify({ flow, time: '2026-03-02T08:00:01Z' })).at).toBe(1_772_438_401_000);
});

test.each([
  ['none at all', without('time')],
  ['one that was never set', flowLine({ time: '0001-01-01T00:00:00Z' })],
])('a flow with %s for a time is accepted and marked', (_, text) => {
  expect(decoded(text)).toMatchObject({ kind: 'flow', timeless: true, flow: { at: 0, atNanos: 0 } });
});

test('port 0 and an absent port are no port', () => {
  const flow = flowIn(flowLine({ l4: { UDP: { source_port: 0 } } }));
  expect(flow).toMatchObject({
    protocol: 'UDP',
    source: { port: undefined },
    destination: { port: undefined },
  });
});

test.each([
  [{ ICMPv4: { type: 8 } }, 'ICMPv4', 8],
  [{ ICMPv4: {} }, 'ICMPv4', 0],
  [{ ICMPv6: { type: 133 } }, 'ICMPv6', 133],
  [{ VRRP: {} }, 'VRRP', undefined],
  [{ IGMP: {} }, 'IGMP', undefined],
  [{ SCTP: { destination_port: 3868 } }, 'SCTP', undefined],
  [{ QUIC: {} }, 'unknown', undefined],
  [{ Protocol: { TCP: { destination_port: 80 } } }, 'TCP', undefined],
])('%j is protocol %s with ICMP type %s', (l4, protocol, icmpType) => {
  expect(flowIn(flowLine({ l4 }))).toMatchObject({ protocol, icmpType });
});

const ended = (end: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>> = {}) =>
  flowIn(flowLine({ destination: end, ...more })).destination;

test('labels are sorted by their source, and only pod labels stay labels', () => {
  const end = ended({
    labels: [
      'k8s:app=web',
      'k8s:flag',
      'k8s:url=http://a:b=c',
      'old=style',
      'k8s:io.kubernetes.pod.namespace=shop',
      'k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=shop',
      'k8s:io.cilium.k8s.policy.cluster=prod',
      'k8s:io.cilium.k8s.policy.serviceaccount=web',
      'container:image=x',
      'unspec:y=z',
      'node:role=w',
    ],
  });
  expect([...end.labels]).toEqual([
    ['app', 'web'],
    ['flag', ''],
    ['url', 'http://a:b=c'],
    ['old', 'style'],
  ]);
  expect([...end.namespaceLabels]).toEqual([['kubernetes.io/metadata.name', 'shop']]);
  expect(end).toMatchObject({ namespace: 'shop', cluster: 'prod', entities: [] });
});

test.each([
  [{ labels: ['reserved:host', 'reserved:kube-apiserver'] }, ['host', 'kube-apiserver']],
  [{ labels: ['reserved:world-ipv4'] }, ['world']],
  [{ labels: ['reserved:unknown'] }, []],
  [{ labels: ['cidr:10.0.0.0/8'] }, ['world']],
  [{ labels: ['cidr:0--1/128', 'reserved:world'] }, ['world']],
  [{ identity: 2, labels: ['reserved:host'] }, ['host']],
  [{ identity: 2 }, ['world']],
  [{ identity: 6, labels: [] }, ['remote-node']],
  [{ identity: 10 }, ['world']],
  [{ identity: 1001 }, []],
  [{}, []],
])('%j stands for the entities %j', (end, entities) => {
  expect(ended(end).entities).toEqual(entities);
});

test('an FQDN identity names its address once, and a pattern names nothing', () => {
  const names = { destination_names: ['api.example.com', 'cdn.example.com'] };
  expect(ended({ labels: ['fqdn:api.example.com', 'fqdn:*.example.com'] }, names)).toMatchObject({
    names: ['api.example.com', 'cdn.example.com'],
    entities: ['world'],
  });
  expect(ended({ labels: ['fqdn:api.example.com'] }).names).toEqual(['api.example.com']);
});

test('a pod whose labels change in place is decoded anew', () => {
  const decoder = createHubbleDecoder();
  const versions = ['v1', 'v2', 'v1'].map((version) => {
    const source = { ...PLAIN_FLOW.source, labels: [`k8s:version=${version}`] };
    const record = decoder.decode(flowLine({ source }));
    return record.kind === 'flow' ? record.flow.source.labels.get('version') : undefined;
  });
  expect(versions).toEqual(['v1', 'v2', 'v1']);
});

test('flows of one pod share its labels', () => {
  const decoder = createHubbleDecoder();
  const [first, second] = [decoder.decode(flowLine()), decoder.decode(flowLine())];
  if (first?.kind !== 'flow' || second?.kind !== 'flow') throw new Error('no flows');
  expect(second.flow.source.labels).toBe(first.flow.source.labels);
});

test('the exporting cluster is used only where an endpoint names none', () => {
  const flow = flowIn(JSON.stringify({ cluster_name: 'outer', flow: PLAIN_FLOW }));
  expect([flow.source.cluster, flow.destination.cluster]).toEqual(['prod', 'outer']);
});

test('the Service is the one the client asked for, also on the way back', () => {
  const near = { source_service: { name: 'cart', namespace: 'shop' } };
  const far = { destination_service: { name: 'cart', namespace: 'shop' } };
  const cart = { name: 'cart', namespace: 'shop' };
  expect(flowIn(flowLine(far)).service).toEqual(cart);
  expect(flowIn(flowLine(near)).service).toBeUndefined();
  expect(flowIn(flowLine({ ...near, is_reply: true })).service).toEqual(cart);
  expect(flowIn(flowLine({ ...far, is_reply: true })).service).toBeUndefined();
});

test('deciding policies are taken from both directions, with the kind from old labels where it must be', () => {
  const flow = flowIn(
    flowLine({
      egress_allowed_by: [{ name: 'a', namespace: 'shop', kind: 'CiliumNetworkPolicy' }],
      ingress_allowed_by: [
        {
          labels: [
            'k8s:io.cilium.k8s.policy.derived-from=NetworkPolicy',
            'k8s:io.cilium.k8s.policy.name=b',
            'k8s:io.cilium.k8s.policy.namespace=shop',
          ],
        },
        { revision: '5' },
      ],
      ingress_denied_by: [{ name: 'c', kind: 'CiliumClusterwideNetworkPolicy' }],
      egress_denied_by: 'nonsense',
    }),
  );
  expect(flow.allowedBy).toEqual([
    { kind: 'CiliumNetworkPolicy', namespace: 'shop', name: 'a' },
    { kind: 'NetworkPolicy', namespace: 'shop', name: 'b' },
  ]);
  expect(flow.deniedBy).toEqual([{ kind: 'CiliumClusterwideNetworkPolicy', namespace: '', name: 'c' }]);
});
