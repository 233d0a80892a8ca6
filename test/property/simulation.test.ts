import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MINUTE_MS } from '#core/flow/time.ts';
import type { Observation, SimulationEvent } from '#core/simulation/observation.ts';
import { Random } from '#core/simulation/random.ts';
import { Schedule } from '#core/simulation/schedule.ts';
import { SIMULATION_START, simulate } from '#core/simulation/simulate.ts';
import { trueEdgeKey } from '#core/simulation/truth.ts';

const anySeed = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

/** Addresses, ports and minute of a request that reached its endpoint; undefined for any other observation. */
function requestTuple(o: Observation): string | undefined {
  if (o.point !== 'to-endpoint' || o.reply !== 'request' || o.sourcePort === undefined) return undefined;
  const minute = Math.floor(o.at / MINUTE_MS);
  return `${o.protocol} ${o.source.ip}:${o.sourcePort} ${o.destination.ip}:${o.destinationPort} ${minute}`;
}

/** The requests that reached an endpoint: their tuple and their conversation. */
function* requestsIn(events: Iterable<SimulationEvent>): Generator<readonly [string, number]> {
  for (const event of events) {
    if (event.kind !== 'flow') continue;
    const tuple = requestTuple(event.observation);
    if (tuple !== undefined) yield [tuple, event.observation.conversation.id];
  }
}

describe('whatever the seed and the size', () => {
  test('events come in time order and belong to a conversation of the truth', () => {
    fc.assert(
      fc.property(anySeed, fc.option(fc.integer({ min: 10, max: 60 })), (seed, workloads) => {
        const { events, truth } = simulate({
          seed,
          ...(workloads !== null && { workloads }),
          until: SIMULATION_START + 4 * MINUTE_MS,
        });
        let last = 0n;
        for (const event of events) {
          const moment = event.kind === 'flow' ? event.observation : event;
          const at = BigInt(moment.at) * 1_000_000n + BigInt(moment.atNanos);
          expect(at >= last).toBe(true);
          last = at;
          if (event.kind === 'flow') {
            expect(truth.edges.has(trueEdgeKey(event.observation.conversation))).toBe(true);
          }
        }
        expect(last).toBeGreaterThan(0n);
      }),
      { numRuns: 25 },
    );
  });

  test('no two connections of one minute share addresses and ports', () => {
    fc.assert(
      fc.property(anySeed, (seed) => {
        const { events } = simulate({ seed, until: SIMULATION_START + 10 * MINUTE_MS });
        const owner = new Map<string, number>();
        for (const [tuple, id] of requestsIn(events)) {
          expect(owner.get(tuple) ?? id).toBe(id);
          owner.set(tuple, id);
        }
        expect(owner.size).toBeGreaterThan(0);
      }),
      { numRuns: 10 },
    );
  });
});

describe('the seeded numbers', () => {
  test('are the same for the same seed and stream, and others for another stream', () => {
    fc.assert(
      fc.property(anySeed, fc.integer({ min: 0, max: 1000 }), (seed, stream) => {
        const draw = (random: Random): readonly number[] => Array.from({ length: 8 }, () => random.uint32());
        expect(draw(new Random(seed, stream))).toEqual(draw(new Random(seed, stream)));
        expect(draw(new Random(seed, stream))).not.toEqual(draw(new Random(seed, stream + 1)));
      }),
    );
  });

  test('fill their range evenly', () => {
    const random = new Random(11, 1);
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i += 1) {
      const tenth = Math.floor(random.unit() * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    expect(Math.min(...tenths)).toBeGreaterThan(9500);
    expect(Math.max(...tenths)).toBeLessThan(10_500);
  });

  test('print as version 4 UUIDs', () => {
    fc.assert(
      fc.property(anySeed, (seed) => {
        expect(new Random(seed, 1).uuid()).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
      }),
    );
  });
});

test('a schedule gives back what it was given by time, and equal times in the order they came', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (times) => {
      const schedule = new Schedule<number>();
      for (const [index, at] of times.entries()) schedule.add(at, index);
      const taken: { readonly at: number; readonly item: number }[] = [];
      for (let due = schedule.take(); due !== undefined; due = schedule.take()) {
        taken.push({ at: due.at, item: due.item });
      }
      const expected = times.map((at, item) => ({ at, item })).sort((a, b) => a.at - b.at || a.item - b.item);
      expect(taken).toEqual(expected);
      expect(schedule.size).toBe(0);
    }),
  );
});
