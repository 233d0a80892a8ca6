import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import { collectExports } from '../../../collector/main.ts';
import { formatGraph } from '../../../server/cli/graph-format.ts';
import { hasRecordings, recording, skippedWithoutRecordings } from '../../support/recordings.ts';

const RECORDINGS = ['400-tcp', '400-udp'].map((name) => `hubble-otel-basic-sample-${name}-flows.jsonl`);

async function collected() {
  const builder = new GraphBuilder();
  const inputs = RECORDINGS.map((name) => recording('flows', 'hubble', name));
  const result = await collectExports({ inputs }, (window) => builder.apply(window));
  return { ...result, graph: builder.snapshot() };
}

describe.skipIf(!hasRecordings)(`a live Bookinfo recording${skippedWithoutRecordings}`, () => {
  test('shows who talks to whom, without a reply port among the edges', async () => {
    const { graph } = await collected();
    await expect(formatGraph(graph, 'text')).toMatchFileSnapshot('golden/bookinfo.txt');
    for (const { port } of graph.edges.values()) expect(Number(port)).toBeLessThan(32_768);
  });

  test('leaves at most one TCP or UDP conversation in a hundred undecided', async () => {
    const { coverage } = await collected();
    expect(coverage.transportConversations).toBeGreaterThan(100);
    expect(coverage.undecidedTransport / coverage.transportConversations).toBeLessThanOrEqual(0.01);
  });
});
