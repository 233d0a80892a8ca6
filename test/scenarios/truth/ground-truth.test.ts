import { describe, expect, test } from 'vitest';
import { MINUTE_MS } from '#core/flow/time.ts';
import type { Edge } from '#core/graph/edge.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import type { Peer } from '#core/identity/peer.ts';
import { SIMULATION_START, type SimulationOptions, simulate } from '#core/simulation/simulate.ts';
import { collectLines } from '../../../collector/main.ts';
import { createHubbleEncoder } from '../../../collector/sources/hubble/encode.ts';

/** A peer as both sides can name it: the simulator knows users as `world`, a recording only their addresses. */
const nameOf = (peer: Peer): string => {
  if (peer.kind === 'workload') return peer.id;
  if (peer.kind === 'entity')
    return peer.entity === 'remote-node' ? 'node' : peer.entity === 'host' ? 'node' : peer.entity;
  return peer.kind === 'fqdn' ? peer.name : 'outside';
};

const lineOf = (from: string, to: string, protocol: string, port: number | string | undefined): string =>
  `${from === 'outside' ? 'world' : from} => ${to} ${protocol} ${port ?? 'none'}`;

function simulated(
  options: SimulationOptions,
  minutes: number,
  order: (lines: string[]) => string[] = (lines) => lines,
) {
  const simulation = simulate({ ...options, until: SIMULATION_START + minutes * MINUTE_MS });
  const encode = createHubbleEncoder();
  const lines = Array.from(simulation.events, encode);
  const builder = new GraphBuilder();
  const collector = collectLines((window) => builder.apply(window), {
    name: 'truth',
    cluster: simulation.clusterName,
  });
  for (const line of order(lines)) collector.line(line);
  collector.flush();
  const edges = [...builder.snapshot().edges.values()];
  const found = new Set(
    edges.map((edge) => lineOf(nameOf(edge.from), nameOf(edge.to), edge.protocol, edge.port)),
  );
  const truth = [...simulation.truth.edges.values()];
  const real = new Set(
    truth.map((edge) => lineOf(nameOf(edge.client), nameOf(edge.server), edge.protocol, edge.port)),
  );
  return { edges, found, real, truth, coverage: collector.coverage(), bad: collector.summary().badRecords };
}

const NO_FAULTS = { lostEventsRate: 0, missingNamesRate: 0 };
const total = (edges: readonly Edge[], of: (edge: Edge) => number): number =>
  edges.reduce((sum, edge) => sum + of(edge), 0);

describe('against the ground truth of a simulated cluster', () => {
  test.each([
    { name: 'the demo shop, training', options: { seed: 1, faults: NO_FAULTS }, minutes: 45 },
    {
      name: 'a generated cluster of 60 workloads',
      options: { seed: 7, workloads: 60, faults: NO_FAULTS },
      minutes: 20,
    },
  ])('$name: every edge found is true, and none is missing', ({ options, minutes }) => {
    const { found, real, bad } = simulated(options, minutes);
    expect(bad).toBe(0);
    expect([...found].filter((line) => !real.has(line))).toEqual([]);
    expect([...real].filter((line) => !found.has(line))).toEqual([]);
  });

  test('denied and refused conversations are told apart from the rest', () => {
    const options = {
      seed: 1,
      trainingMs: 10 * MINUTE_MS,
      rolloutMs: 6 * MINUTE_MS,
      attackMs: 8 * MINUTE_MS,
      faults: NO_FAULTS,
    };
    const { edges, truth } = simulated(options, 25);
    const sum = (outcome: 'denied' | 'refused') =>
      truth.reduce((all, edge) => all + edge.outcomes[outcome], 0);
    expect(sum('refused')).toBeGreaterThan(50);
    expect(total(edges, (edge) => edge.outcomes.denied)).toBe(sum('denied'));
    expect(total(edges, (edge) => edge.conversations.refused)).toBe(sum('refused'));
  });

  test('at most one TCP or UDP conversation in a hundred is undecided, with reply marks missing', () => {
    const { coverage } = simulated({ seed: 3, faults: { unknownReplyRate: 0.3 } }, 30);
    expect(coverage.transportConversations).toBeGreaterThan(500);
    expect(coverage.undecidedTransport / coverage.transportConversations).toBeLessThanOrEqual(0.01);
  });

  test('reading the lines backwards gives the same edges', () => {
    const options = { seed: 5 };
    const forwards = simulated(options, 10);
    const backwards = simulated(options, 10, (lines) => [...lines].reverse());
    const plain = ({ edges }: typeof forwards) => edges.map(({ sample, ...edge }) => edge);
    expect(plain(backwards)).toEqual(plain(forwards));
  });
});
