import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createHubbleDecoder } from '../../../collector/sources/hubble/decode.ts';
import { chance, decoded, flowIn, flowLine } from '../../support/hubble-lines.ts';

test.each([
  [{ verdict: {} }, 'verdict'],
  [{ time: 'yesterday' }, 'time'],
  [{ time: 12 }, 'time'],
  [{ time: { seconds: 1e15 } }, 'time'],
  [{ IP: 'x' }, 'IP'],
  [{ IP: { source: 1 } }, 'IP.source'],
  [{ l4: [] }, 'l4'],
  [{ l4: { TCP: 1 } }, 'l4.TCP'],
  [{ l4: { TCP: { source_port: 70_000 } } }, 'l4.TCP.source_port'],
  [{ l4: { UDP: { destination_port: -1 } } }, 'l4.UDP.destination_port'],
  [{ l4: { UDP: { destination_port: 1.5 } } }, 'l4.UDP.destination_port'],
  [{ l4: { ICMPv4: { type: 256 } } }, 'l4.ICMPv4.type'],
  [{ source: 'x' }, 'source'],
  [{ source: { identity: 'x' } }, 'source.identity'],
  [{ source: { labels: 'k8s:app=x' } }, 'source.labels'],
  [{ destination: { labels: ['k8s:app=x', 7] } }, 'destination.labels'],
  [{ destination: { labels: [{ toString: 1 }] } }, 'destination.labels'],
  [{ destination: { namespace: 5 } }, 'destination.namespace'],
  [{ destination: { pod_name: [] } }, 'destination.pod_name'],
  [{ is_reply: 'true' }, 'is_reply'],
  [{ traffic_direction: {} }, 'traffic_direction'],
  [{ event_type: 4 }, 'event_type'],
  [{ event_type: { type: 'x' } }, 'event_type.type'],
  [{ aggregate: { ingress_flow_count: -1 } }, 'aggregate'],
])('%j is a bad record that names %s', (more, at) => {
  expect(decoded(flowLine(more))).toEqual({ kind: 'bad', code: 'bad_field', at });
});

test.each([
  ['{"flow":{"verdict":"FORW', 'not_json', undefined],
  ['', 'not_json', undefined],
  ['7', 'not_an_object', undefined],
  ['null', 'not_an_object', undefined],
  ['[]', 'not_an_object', undefined],
  ['{}', 'not_a_record', undefined],
  ['{"level":"info","msg":"Started","time":"2026-03-02T08:00:00Z"}', 'not_a_record', undefined],
  ['{"kind":"bad","code":"x"}', 'not_a_record', undefined],
  ['{"flow":{}}', 'empty_flow', undefined],
  ['{"flow":7}', 'bad_field', 'flow'],
  ['{"lost_events":7}', 'bad_field', 'lost_events'],
  ['{"lost_events":{"num_events_lost":"-1"}}', 'bad_field', 'lost_events.num_events_lost'],
  ['{"lost_events":{"num_events_lost":1.5}}', 'bad_field', 'lost_events.num_events_lost'],
  ['{"lost_events":{"num_events_lost":18446744073709551616}}', 'bad_field', 'lost_events.num_events_lost'],
  ['{"node_status":[]}', 'bad_field', 'node_status'],
])('%s is bad: %s %s', (text, code, at) => {
  expect(decoded(text)).toEqual({ kind: 'bad', code, at });
});

test('fields that decide nothing may hold anything', () => {
  const odd = {
    uuid: 7,
    source_names: 'x',
    trace_reason: [],
    drop_reason_desc: {},
    destination_service: 'x',
  };
  expect(flowIn(flowLine({ ...odd, Summary: [[[]]], unknown_field: { deep: [] } }))).toMatchObject({
    uuid: undefined,
    isNew: false,
    dropReason: undefined,
    service: undefined,
  });
});

test('C10: names that live on every object are ordinary text here', () => {
  const text = flowLine().replace(
    '"labels":["k8s:app=cart"]',
    '"__proto__":{"polluted":1},"labels":["k8s:__proto__=x","k8s:toString=y","k8s:constructor=z"]',
  );
  const { labels } = flowIn(text).destination;
  expect([...labels]).toEqual([
    ['__proto__', 'x'],
    ['toString', 'y'],
    ['constructor', 'z'],
  ]);
  expect(flowIn(flowLine({ verdict: 'toString', drop_reason_desc: 'constructor' })).verdict).toBe('unknown');
  expect(decoded('{"__proto__":{"flow":{}}}')).toMatchObject({ kind: 'bad', code: 'not_a_record' });
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
});

test('a line that was damaged anywhere is decoded or refused, never an exception', () => {
  const random = chance(20_260_302);
  const decoder = createHubbleDecoder();
  const line = flowLine({ l7: { type: 'REQUEST', http: { url: '/x' } }, destination_names: ['a.example'] });
  const tokens = ['null', '{}', '[]', '-1', '1e999', '"x"', 'true', '{"a":[', '}', '"', '\\', '\u0000', ':'];
  const kinds = new Set<string>();
  for (let round = 0; round < 20_000; round += 1) {
    const at = Math.floor(random() * line.length);
    const cut = Math.floor(random() * 12);
    const token = tokens[Math.floor(random() * tokens.length)] ?? '';
    kinds.add(decoder.decode(line.slice(0, at) + token + line.slice(at + cut)).kind);
  }
  expect(kinds).toEqual(new Set(['flow', 'bad']));
});

test('a value of any type in any place is decoded or refused, never an exception', () => {
  const values: readonly unknown[] = [
    null,
    true,
    7,
    -1,
    1.5,
    1e300,
    'x',
    '',
    [],
    [null],
    [[]],
    {},
    { toString: 1 },
    { value: 1 },
  ];
  const decoder = createHubbleDecoder();
  const kinds = new Set<string>();
  const visit = (root: unknown, holder: Record<string, unknown>): void => {
    for (const key of Object.keys(holder)) {
      const before = holder[key];
      for (const value of values) {
        holder[key] = value;
        kinds.add(decoder.decode(JSON.stringify(root)).kind);
      }
      holder[key] = before;
      if (typeof before === 'object' && before !== null) visit(root, before as Record<string, unknown>);
    }
  };
  const record: Record<string, unknown> = JSON.parse(flowLine({ aggregate: { ingress_flow_count: 1 } }));
  visit(record, record);
  expect(kinds).toEqual(new Set(['flow', 'bad']));
});

test('ever new labels do not make the decoder grow', () => {
  const decoder = createHubbleDecoder();
  const source = (i: number): Record<string, unknown> => ({ labels: [`k8s:app=${'x'.repeat(2000)}${i}`] });
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const used = (): number => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  for (let i = 0; i < 8_000; i += 1) decoder.decode(flowLine({ source: source(i) }));
  const before = used();
  for (let i = 8_000; i < 40_000; i += 1) decoder.decode(flowLine({ source: source(i) }));
  expect(used() - before).toBeLessThan(64 * 1024 * 1024);
});
