import { describe, expect, test } from 'vitest';
import type { Baseline } from '#core/baseline/baseline.ts';
import { MINUTE_MS } from '#core/flow/time.ts';
import { describeEdge } from '#core/graph/edge.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import { peerKey } from '#core/identity/peer.ts';
import { SIMULATION_START, type SimulationOptions, simulate } from '#core/simulation/simulate.ts';
import type { TrueEdge } from '#core/simulation/truth.ts';
import { createPipeline } from '../../collector/pipeline.ts';
import { createHubbleDecoder } from '../../collector/sources/hubble/decode.ts';
import { createHubbleEncoder } from '../../collector/sources/hubble/encode.ts';
import { learn } from '../unit/baseline/some-edge.ts';

/** Learns from a simulated cluster through the same ingest as real traffic, over so many minutes. */
function learnt(
  options: SimulationOptions,
  minutes: number,
): { readonly baseline: Baseline; readonly truth: readonly TrueEdge[] } {
  const simulation = simulate({ ...options, until: SIMULATION_START + minutes * MINUTE_MS });
  const encode = createHubbleEncoder();
  const decoder = createHubbleDecoder();
  const builder = new GraphBuilder();
  const pipeline = createPipeline((window) => builder.apply(window));
  for (const event of simulation.events) {
    const record = decoder.decode(encode(event));
    if (record.kind === 'flow') pipeline.add(record.flow);
  }
  pipeline.flush();
  const scope = { cluster: simulation.clusterName, namespaces: [], workloads: [] };
  const baseline = learn([], minutes, {
    graph: builder.snapshot(),
    world: pipeline.world(),
    coverage: pipeline.coverage(),
    scope,
  });
  return { baseline, truth: [...simulation.truth.edges.values()] };
}

const heldShare = ({ edges }: Baseline): number =>
  [...edges.values()].filter(({ decision }) => decision === 'held').length / edges.size;

describe('whoever makes traffic during training does not write policy', () => {
  test.each([1, 2, 3])(
    'no edge that only an attacker used is accepted, though the attack lies in the middle of the window (seed %i)',
    (seed) => {
      const { baseline, truth } = learnt({ seed, trainingMs: 60 * MINUTE_MS }, 160);
      const attack = truth.filter((edge) => edge.attackConversations === edge.conversations);
      const accepted = [...baseline.edges.values()]
        .filter(({ decision }) => decision === 'accepted')
        .map(({ edge }) => edge);
      const poisoned = accepted.filter((edge) =>
        attack.some(
          (each) =>
            peerKey(each.client) === peerKey(edge.from) &&
            peerKey(each.server) === peerKey(edge.to) &&
            each.protocol === edge.protocol &&
            (each.port ?? 'none') === edge.port,
        ),
      );
      expect(attack.length).toBeGreaterThan(50);
      expect(poisoned.map(describeEdge)).toEqual([]);
    },
  );

  test.each([
    { name: 'the shop over two hours', options: { seed: 4 }, minutes: 120 },
    { name: 'the shop over three minutes', options: { seed: 5 }, minutes: 3 },
    { name: 'sixty workloads over an hour and a half', options: { seed: 6, workloads: 60 }, minutes: 90 },
  ])('at most one benign edge in twenty is held: $name', ({ options, minutes }) => {
    const { baseline } = learnt({ ...options, trainingMs: minutes * MINUTE_MS }, minutes);
    expect(baseline.edges.size).toBeGreaterThan(20);
    expect(heldShare(baseline)).toBeLessThanOrEqual(0.05);
  });
});
