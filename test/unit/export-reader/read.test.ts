import { expect, test } from 'vitest';
import type { SourceSummary } from '#core/flow/source-summary.ts';
import { readText } from '../../support/export-reading.ts';
import { chance, flowLine, PLAIN_FLOW } from '../../support/hubble-lines.ts';

const pieces = (summary: SourceSummary): number =>
  summary.flows +
  summary.badRecords +
  summary.text.count +
  summary.lostRecords +
  summary.nodeStatusRecords +
  summary.agentEvents +
  summary.debugEvents;

test('every kind of record is counted once, and bad ones with where they stand', async () => {
  const { summary, records, lines } = await readText(
    [
      'Handling connection for 4245',
      flowLine(),
      JSON.stringify(PLAIN_FLOW),
      flowLine({ aggregate: { ingress_flow_count: 2 } }),
      flowLine({ verdict: {} }),
      '{"flow":{"verd',
      '{"level":"info"}',
      '{"lost_events":{"source":"HUBBLE_RING_BUFFER","num_events_lost":"9007199254740993"}}',
      '{"lost_events":{"source":"HUBBLE_RING_BUFFER","num_events_lost":1}}',
      '{"node_status":{"state_change":"NODE_GONE","node_names":["b","a"]}}',
      '{"agent_event":{}}',
      '{"debug_event":{}}',
      JSON.stringify({ flow: { ...PLAIN_FLOW, time: undefined } }),
    ].join('\n'),
  );
  expect(summary).toEqual({
    files: [{ name: '-', records: 13, failure: undefined }],
    flows: 4,
    shapes: [
      { shape: 'wrapped', count: 2 },
      { shape: 'bare', count: 1 },
      { shape: 'flow-only', count: 1 },
    ],
    aggregatedFlows: 1,
    timelessFlows: 1,
    badRecords: 3,
    bad: [
      {
        code: 'bad_field',
        at: 'verdict',
        count: 1,
        examples: [{ file: '-', line: 5, what: 'field verdict has an impossible value' }],
      },
      {
        code: 'not_a_record',
        at: undefined,
        count: 1,
        examples: [{ file: '-', line: 7, what: 'a JSON object that is no flow record: {"level":"info"}' }],
      },
      {
        code: 'not_json',
        at: undefined,
        count: 1,
        examples: [{ file: '-', line: 6, what: 'not valid JSON: {"flow":{"verd' }],
      },
    ],
    text: { count: 1, examples: [{ file: '-', line: 1, what: 'Handling connection for 4245' }] },
    lostRecords: 2,
    lost: [{ source: 'HUBBLE_RING_BUFFER', count: 9_007_199_254_740_994n }],
    nodeStatusRecords: 1,
    nodeStatus: [
      { node: 'a', state: 'NODE_GONE', count: 1 },
      { node: 'b', state: 'NODE_GONE', count: 1 },
    ],
    agentEvents: 1,
    debugEvents: 1,
    span: { from: 1_772_438_400_123, until: 1_772_438_400_123 },
    nodes: ['kind/worker-1'],
    nodesLeftOut: 0,
  });
  expect(pieces(summary)).toBe(13);
  expect(lines).toEqual([2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13]);
  expect(records).toHaveLength(11);
});

test('only the first five examples of a kind are kept', async () => {
  const { summary } = await readText('{"a":1}\n'.repeat(1000) + 'text\n'.repeat(1000));
  expect(summary.bad.map(({ count, examples }) => [count, examples.length])).toEqual([[1000, 5]]);
  expect([summary.text.count, summary.text.examples.length]).toEqual([1000, 5]);
});

test.each([
  ['an array on one line', `[${Array.from({ length: 5000 }, () => flowLine()).join(',')}]`, 5000],
  ['a short array on one line', `[${flowLine()},${flowLine()}]\n`, 2],
  ['records without anything between them', flowLine() + flowLine() + flowLine(), 3],
  ['a pretty-printed array', JSON.stringify([JSON.parse(flowLine()), PLAIN_FLOW], null, 2), 2],
  ['pretty-printed objects in a row', `${JSON.stringify(PLAIN_FLOW, null, '\t')}\n`.repeat(3), 3],
  ['a timestamp before each line', `2026-03-02T08:00:00Z ${flowLine()}\n`.repeat(2), 2],
  ['a container log prefix', `2026-03-02T08:00:00Z stdout F ${flowLine()}\n`, 1],
  ['a pod prefix', `[pod/cilium-abc/export-stdout] ${flowLine()}\n`, 1],
  ['a byte order mark and Windows line ends', `\ufeff${flowLine()}\r\n${flowLine()}\r\n`, 2],
  ['a last line without its end', `${flowLine()}\n${flowLine()}`, 2],
])('%s gives every flow and nothing else', async (_, text, flows) => {
  const { summary } = await readText(text);
  expect([summary.flows, summary.badRecords, summary.text.count]).toEqual([flows, 0, 0]);
});

test('a prefixed record that is wrong or cut is bad; text with braces is text', async () => {
  const { summary } = await readText(
    [
      `x ${flowLine({ verdict: {} })}`,
      'x {"flow":{"ver',
      'func main() { return {}; }',
      'msg {"level":1}',
    ].join('\n'),
  );
  expect([summary.flows, summary.badRecords, summary.text.count]).toEqual([0, 2, 2]);
  expect(summary.bad.map(({ code, at }) => [code, at])).toEqual([
    ['bad_field', 'verdict'],
    ['not_json', undefined],
  ]);
});

test('C26: what is kept of a bad line holds no query string and no token', async () => {
  const secret = 'canarycanarycanarycanary';
  const { summary } = await readText(
    [
      `GET /x?token=canary HTTP`,
      `Authorization ${secret}`,
      `{"url":"/r/${secret}"`,
      `{"a":"${secret}"}`,
    ].join('\n'),
  );
  expect(pieces(summary)).toBe(4);
  expect(JSON.stringify(summary.bad) + JSON.stringify(summary.text)).not.toContain('canary');
});

test('C13: bombs are counted one by one and every line after them is read', async () => {
  const { summary } = await readText(
    [
      `{"flow":${'['.repeat(1_000_000)}`,
      flowLine(),
      '['.repeat(1_000_000),
      flowLine(),
      `{"flow":{"uuid":"${'x'.repeat(2_000_000)}"}}`,
      flowLine(),
      `{"flow":${'{"a":'.repeat(200)}1${'}'.repeat(200)}}`,
      flowLine(),
    ].join('\n'),
  );
  expect([summary.flows, summary.badRecords]).toEqual([4, 4]);
  expect(summary.bad.map(({ code }) => code)).toEqual([
    'empty_flow',
    'not_an_object',
    'too_deep',
    'too_long',
  ]);
});

test('damage anywhere costs no more than the damaged line, and each line is counted once', async () => {
  const random = chance(7);
  const tokens = ['"', '\\', '}', ']', ':', ',', 'null', '-', 'é', '\t', '\u0000', '{"a":1'];
  const damaged = (line: string): string => {
    const at = Math.floor(random() * line.length);
    const token = tokens[Math.floor(random() * tokens.length)] ?? '';
    return random() < 0.3 ? line.slice(0, at) || 'x' : line.slice(0, at) + token + line.slice(at + 1);
  };
  for (let round = 0; round < 200; round += 1) {
    const lines = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? flowLine() : damaged(flowLine())));
    const { summary } = await readText(lines.join('\n'));
    expect(pieces(summary)).toBe(40);
    expect(summary.flows).toBeGreaterThanOrEqual(20);
  }
});
