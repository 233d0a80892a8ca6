import { describe, expect, test } from 'vitest';
import type { Simulation } from '#core/simulation/simulate.ts';
import { SIMULATION_START, simulate } from '#core/simulation/simulate.ts';
import { afterMinutes, exportOf, tell } from './simulated.ts';

const nanosOf = (event: { readonly at: number; readonly atNanos: number }): bigint =>
  BigInt(event.at) * 1_000_000n + BigInt(event.atNanos);

const drawn = (simulation: Simulation, count: number): number => {
  let seen = 0;
  for (const _ of simulation.events) {
    seen += 1;
    if (seen === count) break;
  }
  return seen;
};

describe('a simulation', () => {
  test('tells the same story byte for byte when the seed is the same', () => {
    const options = { seed: 42, until: afterMinutes(15) };
    expect(exportOf(simulate(options).events)).toBe(exportOf(simulate(options).events));
  });

  test('tells another story when the seed differs', () => {
    const until = afterMinutes(5);
    expect(exportOf(simulate({ seed: 1, until }).events)).not.toBe(
      exportOf(simulate({ seed: 2, until }).events),
    );
  });

  test('draws the same traffic whatever the fault rates are', () => {
    const until = afterMinutes(20);
    const clean = tell({
      seed: 3,
      until,
      faults: { lostEventsRate: 0, unknownReplyRate: 0, missingNamesRate: 0 },
    });
    const faulty = tell({ seed: 3, until, faults: { lostEventsRate: 0.01, unknownReplyRate: 0.5 } });
    expect([...faulty.truth.edges]).toEqual([...clean.truth.edges]);
    expect(faulty.observations.length).toBeLessThan(clean.observations.length);
  });

  test('accounts for every observation that is missing', () => {
    const until = afterMinutes(20);
    const clean = tell({ seed: 3, until, faults: { lostEventsRate: 0 } });
    const faulty = tell({ seed: 3, until, faults: { lostEventsRate: 0.01 } });
    const lost = faulty.told.reduce(
      (sum, event) => sum + (event.kind === 'lost-events' ? event.count : 0),
      0,
    );
    const missing = clean.observations.length - faulty.observations.length;
    expect(lost).toBeGreaterThan(0);
    expect(missing - lost).toBeGreaterThanOrEqual(0);
    // A burst that the end of the run cuts short was not announced yet: at most one a node, of 24.
    expect(missing - lost).toBeLessThan(3 * 24);
  });

  test('reports a whole cluster in time order, from its start on', () => {
    const { told } = tell({ seed: 5, until: afterMinutes(170) });
    const times = told.map((event) => nanosOf(event.kind === 'flow' ? event.observation : event));
    expect(times[0]).toBe(BigInt(SIMULATION_START) * 1_000_000n);
    expect(times.every((time, i) => i === 0 || (times[i - 1] ?? 0n) <= time)).toBe(true);
  });

  test('stops before its end, and never begins when there is no time', () => {
    const until = afterMinutes(3);
    expect(tell({ seed: 5, until }).observations.every(({ at }) => at < until)).toBe(true);
    expect(tell({ seed: 5, until: SIMULATION_START }).told).toEqual([]);
  });

  test.each([10, 100, 1000, 10_000])(
    'of %i workloads has that many and gives events as they are drawn',
    (workloads) => {
      const simulation = simulate({ seed: 1, workloads });
      expect(simulation.truth.conversationCount).toBe(0);
      expect(drawn(simulation, 500)).toBe(500);
      expect(simulation.truth.conversationCount).toBeLessThan(2000);
      expect(simulation.workloadCount).toBe(workloads);
    },
  );

  test.each([9, 10_001, 10.5, Number.NaN])('refuses a cluster of %d workloads', (workloads) => {
    expect(() => simulate({ seed: 1, workloads })).toThrow(RangeError);
  });

  test('keeps a generated call graph skewed: a few workloads are called by many', () => {
    const { truth } = tell({ seed: 8, workloads: 200, until: afterMinutes(30) });
    const clients = new Map<string, number>();
    for (const edge of truth.edges.values()) {
      if (
        edge.client.kind === 'workload' &&
        edge.server.kind === 'workload' &&
        edge.port !== 53 &&
        edge.port !== 9090
      ) {
        clients.set(edge.server.id, (clients.get(edge.server.id) ?? 0) + 1);
      }
    }
    const sorted = [...clients.values()].sort((a, b) => b - a);
    expect(sorted[0]).toBeGreaterThan(10);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(4);
  });

  test('goes on after the attack without an end', () => {
    const simulation = simulate({ seed: 2, trainingMs: 60_000, rolloutMs: 60_000, attackMs: 60_000 });
    let last = 0;
    for (const event of simulation.events) {
      last = event.kind === 'flow' ? event.observation.at : event.at;
      if (last > afterMinutes(120)) break;
    }
    expect(last).toBeGreaterThan(afterMinutes(120));
  });
});
