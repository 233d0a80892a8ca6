import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arrival, FaultLine } from '../../../collector/sources/hubble/observer/fault-line.ts';
import { type FaultPlan, parseFaults } from '../../../collector/sources/hubble/observer/fault-plan.ts';
import type { ServedRecord } from '../../../collector/sources/hubble/observer/served-record.ts';

const NODES = ['demo/node-1', 'demo/node-2', 'demo/node-3'] as const;
const START = 1_772_438_400_000;

/** Flows a tenth of a second apart, from the nodes in turn. */
const flows = (count: number): readonly ServedRecord[] =>
  Array.from({ length: count }, (_, i) => ({
    kind: 'flow',
    at: START + i * 100,
    node: NODES[i % NODES.length] ?? '',
    record: { flow: { uuid: String(i), time: new Date(START + i * 100).toISOString() } },
  }));

function through(plan: FaultPlan, records: readonly ServedRecord[], seed = 1) {
  const line = new FaultLine(plan, seed, NODES);
  const arrivals: Arrival[] = [];
  for (const record of records) {
    line.push(record);
    arrivals.push(...line.due(record.at));
  }
  arrivals.push(...line.rest());
  return { arrivals, tally: line.tally() };
}

const uuidOf = ({ record }: Arrival): string =>
  String((record.record['flow'] as { readonly uuid?: string } | undefined)?.uuid);
const flowsOf = (arrivals: readonly Arrival[]) => arrivals.filter(({ record }) => record.kind === 'flow');
const lostCount = (arrivals: readonly Arrival[]): number =>
  arrivals.reduce((sum, { record }) => {
    const lost = record.record['lost_events'] as { readonly num_events_lost: string } | undefined;
    return sum + Number(lost?.num_events_lost ?? 0);
  }, 0);

describe('without faults', () => {
  test('everything arrives when it was seen, in its order', () => {
    const records = flows(200);
    const { arrivals, tally } = through({}, records);
    expect(arrivals.map(({ record }) => record)).toEqual(records);
    expect(arrivals.map(({ dueAt }) => dueAt)).toEqual(records.map(({ at }) => at));
    expect(tally).toEqual({ lost: 0, duplicated: 0, reordered: 0, untold: 0 });
  });
});

describe('each fault can be accounted for', () => {
  test('what is lost is told of, to the last flow', () => {
    const { arrivals, tally } = through({ loseShare: 0.2 }, flows(3000));
    expect(tally.lost).toBeGreaterThan(400);
    expect(lostCount(arrivals)).toBe(tally.lost);
    expect(flowsOf(arrivals)).toHaveLength(3000 - tally.lost);
  });

  test('what is sent twice is the same flow', () => {
    const { arrivals, tally } = through({ duplicateShare: 0.1 }, flows(1000));
    expect(tally.duplicated).toBeGreaterThan(50);
    expect(arrivals).toHaveLength(1000 + tally.duplicated);
    expect(new Set(arrivals.map(uuidOf)).size).toBe(1000);
  });

  test('what is out of order arrives, no more than two seconds late', () => {
    const { arrivals, tally } = through({ reorderShare: 0.1 }, flows(1000));
    const late = arrivals.map(({ dueAt, record }) => dueAt - record.at);
    expect(late.filter((ms) => ms > 0)).toHaveLength(tally.reordered);
    expect(Math.max(...late)).toBeLessThanOrEqual(2000);
    expect(new Set(arrivals.map(uuidOf)).size).toBe(1000);
  });

  test('a slow node is late by what was asked for, the others are not', () => {
    const { arrivals } = through({ slow: { byMs: 3000, node: 'node-2' } }, flows(300));
    for (const { dueAt, record } of arrivals) {
      expect(dueAt - record.at).toBe(record.node === 'demo/node-2' ? 3000 : 0);
    }
  });

  test('a stalled node says nothing, then everything', () => {
    const { arrivals } = through({ stallMs: 5000 }, flows(1000));
    const late = arrivals.filter(({ dueAt, record }) => dueAt > record.at);
    expect(late.length).toBeGreaterThan(10);
    expect(Math.max(...late.map(({ dueAt, record }) => dueAt - record.at))).toBeLessThanOrEqual(5000);
    expect(arrivals).toHaveLength(1000);
  });

  test('a node that is gone says so, its flows are counted here and told nowhere', () => {
    const { arrivals, tally } = through({ goneMs: 5000 }, flows(1000));
    const states = arrivals.flatMap(({ record }) => {
      const status = record.record['node_status'] as { readonly state_change: string } | undefined;
      return status === undefined ? [] : [status.state_change];
    });
    expect(states.slice(0, 4)).toEqual([
      'NODE_UNAVAILABLE',
      'NODE_CONNECTED',
      'NODE_UNAVAILABLE',
      'NODE_CONNECTED',
    ]);
    expect(tally.untold).toBeGreaterThan(10);
    expect(flowsOf(arrivals)).toHaveLength(1000 - tally.untold);
    expect(lostCount(arrivals)).toBe(0);
  });

  test('clocks that are off change what flows say and not when they arrive', () => {
    const { arrivals } = through({ skewMs: -60_000 }, flows(1));
    expect(arrivals[0]?.dueAt).toBe(START);
    expect(arrivals[0]?.record.record['flow']).toEqual({ uuid: '0', time: '2026-03-02T07:59:00.000000000Z' });
  });
});

describe('a plan of faults', () => {
  test('is decided by the seed alone', () => {
    const plan: FaultPlan = { loseShare: 0.1, duplicateShare: 0.1, reorderShare: 0.1, goneMs: 3000 };
    expect(through(plan, flows(500), 5)).toEqual(through(plan, flows(500), 5));
    expect(through(plan, flows(500), 5)).not.toEqual(through(plan, flows(500), 6));
  });

  test('loses nothing that it does not count, whatever it is', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const span = fc.option(fc.integer({ min: 100, max: 9000 }), { nil: undefined });
    fc.assert(
      fc.property(
        share,
        share,
        share,
        span,
        span,
        fc.nat(),
        (lose, duplicate, reorder, stall, gone, seed) => {
          const plan: FaultPlan = {
            loseShare: lose,
            duplicateShare: duplicate,
            reorderShare: reorder,
            ...(stall !== undefined && { stallMs: stall }),
            ...(gone !== undefined && { goneMs: gone }),
          };
          const { arrivals, tally } = through(plan, flows(200), seed);
          expect(flowsOf(arrivals)).toHaveLength(200 - tally.lost - tally.untold + tally.duplicated);
          expect(lostCount(arrivals)).toBe(tally.lost);
          const instants = arrivals.map(({ dueAt }) => dueAt);
          expect(Math.min(...instants.map((at, i) => at - (instants[i - 1] ?? at)))).toBeGreaterThanOrEqual(
            0,
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  test('is read from its text', () => {
    expect(parseFaults('cut=30s, lose=1%,duplicate=0.5,slow=node-2:250ms,skew=-5m,mute')).toEqual({
      ok: true,
      value: {
        cut: { afterMs: 30_000 },
        loseShare: 0.01,
        duplicateShare: 0.5,
        slow: { byMs: 250, node: 'node-2' },
        skewMs: -300_000,
        isMute: true,
      },
    });
    expect(parseFaults('cut=500')).toEqual({ ok: true, value: { cut: { afterMessages: 500 } } });
  });

  test.each([
    'lose',
    'lose=2',
    'lose=-1%',
    'cut=0',
    'cut=-1s',
    'mute=yes',
    'nothing',
    '',
    'toString=1',
    'slow=:2s',
  ])('that makes no sense is refused: %j', (text) => {
    expect(parseFaults(text).ok).toBe(false);
  });
});
