import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Flow } from '#core/flow/flow.ts';
import { readPaths, readText } from '../../support/export-reading.ts';
import { hasRecordings, recording, skippedWithoutRecordings } from '../../support/recordings.ts';

/** File, flows, flows without a time; every other piece is named in a test of its own. */
const EXPECTED: readonly (readonly [string, number, number])[] = [
  ['accuknox-discovery-engine.jsonl', 86, 53],
  ['cclab-inu-kunerva.jsonl', 1, 0],
  ['cilium-docs-and-tests.jsonl', 2, 0],
  ['cpg-handwritten/l7_dns.jsonl', 3, 0],
  ['cpg-handwritten/l7_http.jsonl', 4, 0],
  ['cpg-handwritten/malformed.jsonl', 2, 0],
  ['cpg-handwritten/mixed_tcp_icmp.jsonl', 4, 0],
  ['cpg-handwritten/small.jsonl', 3, 0],
  ['cpg-handwritten/with_non_dropped.jsonl', 5, 0],
  ['denied-egress-masked.jsonl', 226, 0],
  ['evalops-cerebro.jsonl', 8, 0],
  ['hubble-otel-basic-sample-10-flows.jsonl', 10, 0],
  ['hubble-otel-basic-sample-330-dns-flows.jsonl', 330, 0],
  ['hubble-otel-basic-sample-400-icmpv4-flows.jsonl', 18, 0],
  ['hubble-otel-basic-sample-400-l7-redirected-flows.jsonl', 400, 0],
  ['hubble-otel-basic-sample-400-tcp-flows.jsonl', 400, 0],
  ['hubble-otel-basic-sample-400-udp-flows.jsonl', 400, 0],
  ['hubble-otel-basic-sample-5-dns-flows.jsonl', 5, 0],
];

const hubble = (...parts: readonly string[]): string => recording('flows', 'hubble', ...parts);

/** Everything a flow holds, as text. */
const plainText = (flow: Flow): string =>
  JSON.stringify(flow, (_, value: unknown) => (value instanceof Map ? [...value] : value));

describe.skipIf(!hasRecordings)(`recorded exports${skippedWithoutRecordings}`, () => {
  test.each(EXPECTED)('%s holds %i flows and no bad record', async (name, flows, timeless) => {
    const { summary, failures } = await readPaths([hubble(name)]);
    expect([summary.flows, summary.timelessFlows, summary.badRecords]).toEqual([flows, timeless, 0]);
    expect(failures).toEqual([]);
  });

  test('each pretty-printed array gives as many flows as a JSON parser finds in it', async () => {
    const files = globSync(hubble('accuknox-cases', '*', '*.json'));
    expect(files).toHaveLength(35);
    for (const file of files) {
      const elements: readonly { readonly time?: string }[] = JSON.parse(readFileSync(file, 'utf8'));
      const { summary } = await readPaths([file]);
      const timeless = elements.filter(({ time }) => time === undefined).length;
      expect([file, summary.flows, summary.timelessFlows, summary.badRecords, summary.text.count]).toEqual([
        file,
        elements.length,
        timeless,
        0,
        0,
      ]);
    }
  });

  test('the line that is no JSON is counted as text, with its place', async () => {
    const { summary } = await readPaths([hubble('cpg-handwritten', 'malformed.jsonl')]);
    expect(summary.text.count).toBe(1);
    expect(summary.text.examples).toMatchObject([{ line: 2, what: 'this is not json' }]);
  });

  test('a lost record and an agent event are told apart from flows', async () => {
    const { summary } = await readPaths([hubble('cilium-docs-and-tests.jsonl')]);
    expect([summary.lostRecords, summary.agentEvents]).toEqual([1, 1]);
    expect(summary.lost).toEqual([{ source: 'UNKNOWN_LOST_EVENT_SOURCE', count: 0n }]);
  });

  test('a policy verdict and the drop of the same packet are two flows of their own kind', async () => {
    const { records } = await readPaths([hubble('denied-egress-masked.jsonl')]);
    const kinds = records.map((record) => (record.kind === 'flow' ? record.flow.kind : record.kind));
    expect(kinds.filter((kind) => kind === 'policy-verdict')).toHaveLength(113);
    expect(kinds.filter((kind) => kind === 'drop')).toHaveLength(113);
    expect(records[0]).toMatchObject({
      flow: {
        dropReason: 'POLICY_DENIED',
        reply: 'unknown',
        destination: { entities: ['world'], names: ['github.com'], ip: '140.82.121.4', port: 443 },
      },
    });
  });

  test('the whole folder is read in one go, and yields what its files yield one by one', async () => {
    const { summary, failures } = await readPaths([hubble()]);
    expect(failures).toEqual([]);
    expect(summary.files).toHaveLength(53);
    expect([summary.flows, summary.timelessFlows, summary.badRecords]).toEqual([1984, 113, 0]);
    expect([summary.text.count, summary.lostRecords, summary.agentEvents]).toEqual([1, 1, 1]);
    expect(summary.nodes).toHaveLength(16);
  });

  test('no header, query string or key of another collector is kept', async () => {
    const { records } = await readPaths([hubble()]);
    const kept = records
      .map((record) => (record.kind === 'flow' ? plainText(record.flow) : record.kind))
      .join();
    for (const absent of ['curl/7.47.0', 'X-Request-Id', 'id=42', 'ZmVlZGVyLXNlcnZjaWU', 'TVE9PQ']) {
      expect(kept.includes(absent)).toBe(false);
    }
    expect(kept).toContain('/reviews/:id');
  });

  test('a recorded line cut at any byte is refused or decoded, never an exception', async () => {
    const line = readFileSync(hubble('evalops-cerebro.jsonl')).subarray(0, 900);
    for (let length = 1; length < line.length; length += 1) {
      const { summary } = await readText(line.subarray(0, length));
      expect(summary.flows + summary.badRecords + summary.text.count).toBeLessThanOrEqual(2);
    }
  });
});
