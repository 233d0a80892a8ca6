import { describe, expect, test } from 'vitest';
import { readinessOf } from '#core/baseline/readiness-of.ts';
import { MINUTE_MS } from '#core/flow/time.ts';
import type { Edge } from '#core/graph/edge.ts';
import { START } from '../../support/flows.ts';
import { coverage, edge, every } from '../baseline/some-edge.ts';

const windowOf = (minutes: number) => ({ from: START, until: START + minutes * MINUTE_MS });
const of = (edges: readonly Edge[], minutes: number, more = {}) =>
  readinessOf(edges, windowOf(minutes), coverage(minutes, more));

describe('readiness', () => {
  test("the unseen mass is Good and Turing's: edges seen in one time window, divided by all incidences", () => {
    const often = edge('shop/a', 'shop/b', 80, { minutes: every(1, 0, 60) });
    const once = [1, 2, 3].map((port) => edge('shop/a', 'shop/c', port, { minutes: [port] }));
    expect(of([often, ...once], 60)).toMatchObject({
      edges: 4,
      oneShotEdges: 3,
      incidences: 63,
      windowMs: MINUTE_MS,
      unseenMass: 0.0476,
      score: 0.9524,
    });
  });

  test('a recording of a moment is never ready: everything in it was seen once', () => {
    expect(of([edge('shop/a', 'shop/b', 80, { minutes: [0] })], 1)).toMatchObject({
      score: 0,
      unseenMass: 1,
    });
  });

  test('a few seconds around the turn of a minute are one moment, not two', () => {
    const given = edge('shop/a', 'shop/b', 80, { minutes: [0, 1] });
    const span = { from: START + 57_000, until: START + 63_000 };
    expect(readinessOf([given], windowOf(5), coverage(5, { span }))).toMatchObject({
      score: 0,
      unseenMass: 1,
    });
  });

  test('an empty window is not ready and says so', () => {
    expect(of([], 60)).toMatchObject({ score: 0, reasons: ['No edge was seen in the window.'] });
  });

  test('where everything was denied it says so, and still counts nothing', () => {
    const tried = edge('shop/a', 'shop/b', 80, { minutes: [0, 1], deniedMinutes: [0, 1] });
    expect(of([tried], 60)).toMatchObject({
      score: 0,
      edges: 0,
      reasons: [
        'Nothing was let through in the window; 2 conversations were denied, and a denied attempt is never evidence.',
      ],
    });
    const known = edge('shop/a', 'shop/c', 80, { minutes: every(1, 0, 60) });
    expect(of([tried, known], 60)).toEqual(of([known], 60));
  });

  test('a long span is cut into at most sixty time windows of whole minutes', () => {
    const given = edge('shop/a', 'shop/b', 80, { minutes: every(1, 0, 600) });
    expect(of([given], 600)).toMatchObject({
      windowMs: 10 * MINUTE_MS,
      incidences: 60,
      hoursInSpan: 10,
      hoursCovered: 10,
    });
  });

  test('hours without a conversation are not covered', () => {
    const given = edge('shop/a', 'shop/b', 80, { minutes: [0, 1, 2, 200, 201] });
    expect(of([given], 300)).toMatchObject({ hoursInSpan: 5, hoursCovered: 2 });
  });

  test('edges outside the window count for nothing', () => {
    const later = edge('shop/a', 'shop/b', 80, { minutes: [90] });
    expect(of([later], 60).edges).toBe(0);
  });

  test('lost events, silent nodes and undecided conversations lower it and are named', () => {
    const edges = [edge('shop/a', 'shop/b', 80, { minutes: every(1, 0, 60) })];
    const whole = of(edges, 60);
    const hurt = of(edges, 60, { lostEvents: 1000n, silentNodes: ['node-3'], undecidedTransport: 50 });
    expect(whole.score).toBe(1);
    expect(hurt.score).toBeCloseTo(0.5 * (2 / 3) * 0.9, 3);
    expect(hurt.lostShare).toBe(0.5);
    expect(hurt.reasons.join(' ')).toMatch(/lost 1000 events.*1 node was silent.*50 conversations/);
  });

  test('the reasons say what the recording can not hold', () => {
    const edges = [
      edge('shop/a', 'shop/b', 80, { minutes: [0, 1] }),
      edge('shop/a', 'shop/c', 80, { minutes: [1] }),
    ];
    expect(of(edges, 3).reasons).toEqual([
      '1 of 2 edges was seen in one time window of 1 minute only.',
      'About 33.3 % of what happens in a time window is not in the baseline yet (Good–Turing, 1 ÷ 3).',
      'The recording spans 3 minutes: nothing that runs hourly or nightly can be relied on to be in it.',
    ]);
  });
});
