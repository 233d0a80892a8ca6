import { describe, expect, test } from 'vitest';
import { describeEdge } from '#core/graph/edge.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import type { ServiceGraph } from '#core/graph/service-graph.ts';
import { collectLines } from '../../../collector/main.ts';
import { recordDemo } from '../../../collector/sources/demo/recording.ts';
import { parseFaults } from '../../../collector/sources/hubble/observer/fault-plan.ts';
import { AS_READ, running, THREE_MINUTES } from '../observer/running-observer.ts';
import { followed } from './followed.ts';

/** One readable line for each edge, with its counts. */
const linesOf = ({ edges }: ServiceGraph): readonly string[] =>
  [...edges.values()].map((edge) => `${describeEdge(edge)} ${edge.conversations.total}`).sort();

/** The same flows as a file, read by the other road. */
function fromExport(): { readonly graph: ServiceGraph; readonly flows: number } {
  const builder = new GraphBuilder();
  const collector = collectLines((window) => builder.apply(window), { name: 'export' });
  for (const { line } of recordDemo(THREE_MINUTES).lines) collector.line(line);
  collector.flush();
  return { graph: builder.snapshot(), flows: collector.coverage().flows };
}

const EXPECTED = fromExport();

const faults = (text: string) => {
  const parsed = parseFaults(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};

describe('what is followed over the network', () => {
  test('gives the same edges and counts as the same flows in a file', async () => {
    const { address } = await running({ pace: AS_READ });
    const { until, collector, graph } = followed([address]);
    await until((now) => now.summary.flows === EXPECTED.flows);
    await collector.stop();
    expect(linesOf(graph())).toEqual(linesOf(EXPECTED.graph));
  });

  test('gives them also when the stream is cut again and again and messages come twice', async () => {
    const { address, observer } = await running({
      pace: AS_READ,
      faults: faults('cut=400,duplicate=5%'),
    });
    const { until, collector, graph } = followed([address]);
    await until((now) => now.summary.flows === EXPECTED.flows);
    await collector.stop();
    expect(observer.tally().cuts).toBeGreaterThan(2);
    expect(collector.statuses()[0]?.live).toMatchObject({ gaps: 0, shedEvidence: 0 });
    expect(linesOf(graph())).toEqual(linesOf(EXPECTED.graph));
    expect(collector.coverage().flows).toBe(EXPECTED.flows);
  });

  test('accounts for every flow that its nodes lost', async () => {
    const { address, observer } = await running({ pace: AS_READ, faults: faults('lose=10%') });
    const { until, collector } = followed([address]);
    await observer.played;
    const lost = BigInt(observer.tally().lost);
    await until((now) => now.summary.flows + Number(lost) >= EXPECTED.flows);
    await collector.stop();
    expect(lost).toBeGreaterThan(0n);
    expect(BigInt(collector.coverage().flows) + lost).toBe(BigInt(EXPECTED.flows));
    expect(collector.coverage().lostEvents).toBeGreaterThanOrEqual(lost);
  });

  test('comes from each age of server', async () => {
    for (const version of ['1.14.0', '1.16.0', '1.18.2']) {
      const { address } = await running({ pace: AS_READ, version });
      const { until, collector } = followed([address]);
      const { summary, live } = await until((now) => now.summary.flows === EXPECTED.flows);
      await collector.stop();
      expect(live.version ?? '', version).toContain(version);
      expect(summary.badRecords, version).toBe(0);
    }
  });

  test('says why nothing arrives from a Relay without nodes', async () => {
    const { address } = await running({ faults: faults('no-nodes') });
    const { until } = followed([address]);
    const { live } = await until((now) => now.live.connectedNodes === 0);
    expect(live.notices[0]).toContain(`${address} is connected to no node`);
  });
});
