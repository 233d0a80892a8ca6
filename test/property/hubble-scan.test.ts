import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createHubbleDecoder } from '../../collector/sources/hubble/decode.ts';
import { createHubbleEncoder } from '../../collector/sources/hubble/encode.ts';
import { LineDecoder } from '../../collector/sources/hubble/scan/decode-line.ts';
import { PLAIN_FLOW } from '../support/hubble-lines.ts';
import { decodeText, scanners } from '../support/scanners.ts';
import { simulatedEvents } from '../support/wire-frames.ts';

const both = await scanners();
const encode = createHubbleEncoder();
const LINES = simulatedEvents(600, { workloads: 20 }).map(encode);

/** Bytes that mean something in JSON, numbers, or nothing at all. */
const TOKENS = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '0',
  '9',
  '-',
  '.',
  'e',
  'u',
  'true',
  'null',
  '\n',
  ' ',
  '\u0000',
];
const token = fc.oneof(fc.constantFrom(...TOKENS), fc.string({ minLength: 1, maxLength: 3, unit: 'binary' }));
const change = fc.record({
  at: fc.nat(4000),
  remove: fc.oneof({ weight: 3, arbitrary: fc.nat(2) }, { weight: 1, arbitrary: fc.nat(200) }),
  insert: fc.oneof({ weight: 3, arbitrary: token }, { weight: 1, arbitrary: fc.constant('') }),
});
const mutated = fc
  .tuple(fc.constantFrom(...LINES), fc.array(change, { minLength: 1, maxLength: 3 }))
  .map(([line, changes]) =>
    changes.reduce((text, { at, remove, insert }) => {
      const from = at % (text.length + 1);
      return text.slice(0, from) + insert + text.slice(from + remove);
    }, line),
  );

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(
    0,
    1,
    5,
    -1,
    65_536,
    1e21,
    '',
    'NEW',
    'DROPPED',
    'INGRESS',
    '443',
    true,
    false,
    null,
    {},
    [],
  ),
);
const KEYS = [
  ...Object.keys(PLAIN_FLOW),
  'reply',
  'l7',
  'drop_reason',
  'drop_reason_desc',
  'source_names',
  'aggregate',
];
const MORE_KEYS = [
  'destination_service',
  'egress_allowed_by',
  'ingress_denied_by',
  'isReply',
  'ip',
  '__proto__',
];
const reshaped = fc
  .record({
    flow: fc.array(fc.tuple(fc.constantFrom(...KEYS, ...MORE_KEYS), value), { maxLength: 5 }),
    end: fc.array(fc.tuple(fc.constantFrom(...Object.keys(PLAIN_FLOW.source), 'podName'), value), {
      maxLength: 2,
    }),
    record: fc.array(fc.tuple(fc.constantFrom('node_name', 'time', 'cluster_name', 'flow', 'x'), value), {
      maxLength: 1,
    }),
    ports: fc.array(fc.tuple(fc.constantFrom('source_port', 'destination_port', 'flags', 'type'), value), {
      maxLength: 1,
    }),
  })
  .map(({ flow, end, record, ports }) => {
    const l4 = { TCP: { ...PLAIN_FLOW.l4.TCP, ...Object.fromEntries(ports) } };
    const source = { ...PLAIN_FLOW.source, ...Object.fromEntries(end) };
    const whole = { ...PLAIN_FLOW, l4, source, ...Object.fromEntries(flow) };
    return JSON.stringify({ flow: whole, node_name: 'n', ...Object.fromEntries(record) });
  });

describe.each(both)('whatever the line, the scanner %s', (_, make) => {
  const decoder = new LineDecoder(make());
  const isSameOrDeclined = (text: string): void => {
    const record = decodeText(decoder, text);
    if (record !== undefined) expect(record).toEqual(createHubbleDecoder().decode(text));
    const plain = LINES[7] ?? '';
    expect(decodeText(decoder, plain)).toEqual(createHubbleDecoder().decode(plain));
  };

  test('never finds another flow in a damaged line than parsing gives, and goes on with the next', () => {
    fc.assert(fc.property(mutated, isSameOrDeclined), { numRuns: 8000 });
  });

  test('never finds another flow where values of any kind stand in its fields', () => {
    fc.assert(fc.property(reshaped, isSameOrDeclined), { numRuns: 8000 });
  });

  test('declines or finds a line that is cut off anywhere', () => {
    const line = LINES[3] ?? '';
    for (let end = 0; end < line.length; end += 1) isSameOrDeclined(line.slice(0, end));
  });
});

test('both scanners answer for the same lines', () => {
  const [first, second] = both.map(([, make]) => new LineDecoder(make()));
  fc.assert(
    fc.property(fc.oneof(mutated, reshaped), (text) => {
      if (first === undefined || second === undefined) throw new Error('two scanners are compared');
      expect(decodeText(first, text)).toEqual(decodeText(second, text));
    }),
    { numRuns: 8000 },
  );
});
