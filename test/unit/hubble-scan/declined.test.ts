import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createHubbleDecoder } from '../../../collector/sources/hubble/decode.ts';
import { LineDecoder } from '../../../collector/sources/hubble/scan/decode-line.ts';
import { FIELDS, MAX_LINE_BYTES, type ScopeName } from '../../../collector/sources/hubble/scan/fields.ts';
import { flowLine, PLAIN_FLOW } from '../../support/hubble-lines.ts';
import { decodeText, scanners } from '../../support/scanners.ts';

const both = await scanners();

/** The members of an interface of wire.ts, as it stands there. */
function membersOf(name: string): readonly string[] {
  const text = readFileSync(new URL('../../../collector/sources/hubble/wire.ts', import.meta.url), 'utf8');
  const body = new RegExp(`interface ${name}[^{]*\\{([^}]*)\\}`).exec(text)?.[1] ?? '';
  return [...body.matchAll(/readonly (\w+)\?/g)].map((match) => match[1] ?? '');
}

/** What only a flow without an event type is asked for; the scanner declines those. */
const ASKED_WITHOUT_EVENT_TYPE = ['Type', 'type', 'policy_match_type', 'policyMatchType'];
const ALSO_ASKED = ['trace_observation_point', 'traceObservationPoint'];

test.each([
  ['WireRecord', 'record'],
  ['WireFlow', 'flow'],
  ['WireAddresses', 'addresses'],
  ['WireTransport', 'layer4'],
  ['WirePorts', 'ports'],
  ['WireFlags', 'flags'],
] as const)('every field of %s that the parsing decoder knows is read or declined', (shape, scope) => {
  const passedOver = new Set([...ASKED_WITHOUT_EVENT_TYPE, ...ALSO_ASKED]);
  const known = new Set(
    FIELDS.filter(
      (field) => field.scope === (scope as ScopeName) && field.kind !== 'skip' && field.kind !== 'pass',
    ).map(({ name }) => name),
  );
  const members = membersOf(shape);
  expect(members.length).toBeGreaterThan(1);
  const isForPorts = (name: string): boolean => scope === 'ports' && name === 'type';
  expect(members.filter((name) => !known.has(name) && !passedOver.has(name) && !isForPorts(name))).toEqual(
    [],
  );
});

const { source, destination } = PLAIN_FLOW;
const plain = flowLine();
const replaced = (from: string, to: string): string => {
  if (!plain.includes(from)) throw new Error(`no ${from} in the line`);
  return plain.replace(from, to);
};

describe.each(both)('the scanner %s', (_, make) => {
  const found = (text: string | Uint8Array) => decodeText(new LineDecoder(make()), text);

  test('finds the plain line, and it in between others', () => {
    expect(found(plain)).toEqual(createHubbleDecoder().decode(plain));
  });

  test.each([
    ['white space between the parts', replaced(',"verdict"', ', "verdict"')],
    ['white space at the end', `${plain} `],
    ['something behind the object', `${plain},`],
    ['two objects', `${plain}${plain}`],
    ['a line that is cut off', plain.slice(0, -1)],
    ['a field twice', replaced('"verdict":"FORWARDED"', '"verdict":"DROPPED","verdict":"FORWARDED"')],
    ['an endpoint twice', replaced('"Type":', '"source":{"identity":2},"Type":')],
    ['an escaped key', replaced('"verdict"', '"v\\u0065rdict"')],
    ['an escape in a name', replaced('kind/worker-1', 'kind\\/worker-1')],
    ['text that is not ASCII', replaced('kind/worker-1', 'kind/wörker-1')],
    ['bytes that are no UTF-8', Buffer.from(replaced('web-7d9c5b6f4', 'web-\u00ff'), 'latin1')],
    ['a control byte in a text', replaced('kind/worker-1', 'kind/\tworker')],
    ['a number with a leading zero', replaced('40000', '040000')],
    ['a negative port', replaced('40000', '-4000')],
    ['a port with an exponent', replaced('40000', '4e4')],
    ['a port as text', replaced('40000', '"40000"')],
    ['a port that no port can be', replaced('40000', '70000')],
    ['null where a text belongs', replaced('"FORWARDED"', 'null')],
    ['an object where a text belongs', replaced('"FORWARDED"', '{}')],
    ['a list where an endpoint belongs', flowLine({ source: [] })],
    ['an endpoint whose labels are no texts', flowLine({ source: { ...source, labels: [1] } })],
    ['a namespace that is no text', flowLine({ destination: { ...destination, namespace: 5 } })],
    ['another spelling', replaced('"traffic_direction"', '"trafficDirection"')],
    ['no event type', flowLine({ event_type: undefined })],
    ['an event type of 0', flowLine({ event_type: { type: 0 } })],
    ['two protocols', flowLine({ l4: { TCP: { source_port: 1 }, UDP: {} } })],
    ['a protocol without ports', flowLine({ l4: { VRRP: {} } })],
    ['an aggregate', flowLine({ aggregate: { ingress_flow_count: 3 } })],
    ['a time that is none', replaced('08:00:00.123456789Z', '25:00:00Z')],
    ['a record that a collector wrapped again', `{"cluster_name":"prod",${plain.slice(1)}`],
    ['a flow of its own', JSON.stringify(PLAIN_FLOW)],
    ['lost events', '{"lost_events":{"num_events_lost":"5"}}'],
    ['a field a hundred times', `{"flow":{${manyVerdicts()}}}`],
    ['a field that is passed over a thousand times', `{"flow":{${'"Type":1,'.repeat(900)}`],
    ['nothing', ''],
    ['an empty object', '{}'],
    ['a flow that says nothing', '{"flow":{"event_type":{"type":4}}}'],
    ['a million brackets', `{"flow":${'['.repeat(1_000_000)}`],
    ['a value nested deeper than any flow', flowLine({ l7: nested(40) })],
    ['a line of more than 8 KiB', flowLine({ Summary: 'x'.repeat(MAX_LINE_BYTES) })],
    ['a text without an end', `${plain.slice(0, 400).replaceAll('"', '')}"`],
    ['a backslash at the end', '{"flow":{"Summary":"\\'],
  ] as const)('declines %s', (_what, text) => {
    expect(found(text)).toBeUndefined();
  });

  test.each([
    ['an unknown field', flowLine({ new_field: { a: [1, -2.5e-7, 'x', null, { b: [] }] } })],
    [
      'escapes where nothing is read',
      flowLine({ Summary: 'DNS "Query" \\ \u00e9'.replace('\u00e9', '\\n') }),
    ],
    ['fields in another order', reversed(plain)],
    ['a flow without time', flowLine({ time: undefined }).replace(/,"time":"[^"]*"}$/, '}')],
    ['a time before 1970', replaced('2026-03-02T08:00:00.123456789Z', '0001-01-01T00:00:00Z')],
    ['a time with an offset', replaced('08:00:00.123456789Z', '08:00:00.5+02:00')],
    ['ICMP', flowLine({ l4: { ICMPv6: { type: 129 } } })],
    ['a layer 4 that nobody knows', flowLine({ l4: { QUIC: { source_port: 5 } } })],
    ['no endpoints', flowLine({ source: undefined, destination: undefined })],
    ['empty texts', flowLine({ verdict: '', node_name: '', uuid: '', IP: { source: '' } })],
    ['names', flowLine({ destination_names: ['a.example', 'b.example'], source_names: null })],
    ['services', flowLine({ destination_service: { name: 'web', namespace: 'shop' }, is_reply: undefined })],
    ['policies of both directions', flowLine({ ...policies('egress'), ...policies('ingress') })],
    ['a drop', flowLine({ verdict: 'DROPPED', drop_reason: 133, event_type: { type: 1, sub_type: 133 } })],
    ['the old mark of a reply', flowLine({ reply: true, is_reply: undefined })],
    [
      'a request of HTTP',
      flowLine({ l7: { type: 'REQUEST', http: { method: 'GET', url: 'http://a/b?c="&' } } }),
    ],
  ] as const)('finds %s as parsing does', (_what, text) => {
    const decoder = new LineDecoder(make());
    const expected = createHubbleDecoder().decode(text);
    expect(expected.kind).toBe('flow');
    for (let again = 0; again < 2; again += 1) expect(decodeText(decoder, text)).toEqual(expected);
  });

  test('is not led astray by an endpoint that begins as a known one does', () => {
    const decoder = new LineDecoder(make());
    const parsing = createHubbleDecoder();
    for (const pod_name of ['web-1', 'web-12', 'web-1', 'web-2', 'web-', 'web-12']) {
      const text = flowLine({ source: { ...source, pod_name } });
      expect(decodeText(decoder, text)).toEqual(parsing.decode(text));
    }
  });

  test('forgets what it knows rather than grow, and finds the same', () => {
    const decoder = new LineDecoder(make());
    const parsing = createHubbleDecoder();
    for (let i = 0; i < 70_000; i += 1) {
      const text = flowLine({
        IP: { source: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, destination: '::1' },
      });
      const record = decodeText(decoder, text);
      if (i % 997 === 0) expect(record).toEqual(parsing.decode(text));
    }
    expect(decoder.counts()).toMatchObject({ lines: 70_000, resets: 1 });
    expect(decoder.counts().declined).toBeLessThan(70);
  });

  test('remembers endpoints up to its bound, however long they are', () => {
    const decoder = new LineDecoder(make());
    const label = `k8s:a=${'v'.repeat(6000)}`;
    for (let i = 0; i < 12_000; i += 1) {
      const text = flowLine({ source: { identity: i + 1, labels: [label] } });
      expect(decodeText(decoder, text)).toMatchObject({ flow: { source: { identity: i + 1 } } });
    }
    expect(decoder.counts()).toEqual({ lines: 12_000, declined: 0, resets: 1 });
  });
});

function manyVerdicts(): string {
  return Array.from({ length: 100 }, (_, i) => `"verdict":"V${i}"`).join(',');
}

function nested(depth: number): unknown {
  return depth === 0 ? 1 : { x: [nested(depth - 2)] };
}

function reversed(text: string): string {
  const flip = (value: unknown): unknown =>
    typeof value !== 'object' || value === null || Array.isArray(value)
      ? value
      : Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, inner]) => [key, flip(inner)]),
        );
  return JSON.stringify(flip(JSON.parse(text)));
}

const policies = (direction: string) => ({
  [`${direction}_allowed_by`]: [{ name: `allow-${direction}`, namespace: 'shop', kind: 'NetworkPolicy' }],
});
