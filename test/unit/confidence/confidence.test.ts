import { describe, expect, test } from 'vitest';
import { toJson } from '#core/baseline/canonical-json.ts';
import { readJson } from '#core/baseline/json-reader.ts';
import { MINUTE_MS } from '#core/flow/time.ts';
import type { Edge } from '#core/graph/edge.ts';
import { partsText } from '#core/policy/describe-confidence.ts';
import {
  type ConfidenceContext,
  confidenceOfEdge,
  ruleConfidence,
} from '#core/policy/generate/confidence.ts';
import { readConfidenceParts } from '#core/policy/generate/confidence-codec.ts';
import type { EdgeFate } from '#core/policy/holdout/hold-out.ts';
import { cidr, type EdgeParts, edge, WINDOW, workload } from '../../support/baseline-fixture.ts';

const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** 2026-03-02T00:00Z, or whatever day the fixture begins on. */
const MIDNIGHT = Math.floor(WINDOW.from / DAY_MS) * DAY_MS;

const web = workload('shop/web');
const cart = workload('shop/cart');
const nightly = workload('data/nightly', { kind: 'CronJob' });

/** A context of so many hours from midnight. */
const context = (hours = 1, fate: EdgeFate = 'survived'): ConfidenceContext => ({
  span: { from: MIDNIGHT, until: MIDNIGHT + hours * HOUR_MS },
  fateOf: () => fate,
});

interface Seen extends EdgeParts {
  /** Minutes after midnight with a conversation each. */
  readonly at: readonly number[];
  readonly clientPods?: number;
  readonly service?: boolean;
}

const range = (from: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => from + index);

function seen({ at, clientPods = 0, service = false, ...parts }: Seen, from = web): Edge {
  const times = at.map((minute) => MIDNIGHT + minute * MINUTE_MS);
  return {
    ...edge(from, cart, { conversations: Math.max(2, at.length), ...parts }),
    minutes: new Map(times.map((time) => [time, { conversations: 1, denied: 0 }])),
    firstSeenAt: Math.min(...times),
    lastSeenAt: Math.max(...times) + MINUTE_MS - 1,
    fromPods: new Set(range(0, clientPods).map((index) => `shop/web-${index}`)),
    services: new Set(service ? ['shop/cart'] : []),
  };
}

const gradeOf = (parts: Seen, where = context()): string => confidenceOfEdge(seen(parts), where).grade;

const unproven = { proofs: { handshake: 0, listener: 20 } };
const oneEnd = { counts: { atDestination: 0 } };

describe('the points of a confidence', () => {
  test.each<[number, Seen]>([
    [4, { at: range(0, 60) }],
    [4, { at: range(50, 10) }],
    [3, { at: range(51, 9) }],
    [3, { at: range(57, 3) }],
    [2, { at: range(58, 2) }],
    [3, { at: range(50, 10), ...oneEnd }],
    [3, { at: range(50, 10), ...unproven }],
    [4, { at: range(50, 10), proofs: { handshake: 0, 'reply-mark': 3 } }],
    [4, { at: range(50, 10), proofs: { handshake: 0, l7: 3 } }],
    [4, { at: range(50, 10), clientPods: 1 }],
    [5, { at: range(50, 10), clientPods: 2 }],
    [5, { at: range(50, 10), service: true }],
    [5, { at: range(50, 10), service: true, clientPods: 2 }],
    [0, { at: range(58, 2), ...oneEnd, ...unproven }],
  ])('are %i for %j', (points, parts) => {
    expect(confidenceOfEdge(seen(parts), context()).parts.points).toBe(points);
  });

  test('are not lost over the other end where that lies outside the cluster', () => {
    const outside = edge(web, cidr('203.0.113.7/32'), {
      addresses: ['203.0.113.7'],
      counts: { atDestination: 0 },
    });
    expect(confidenceOfEdge(outside, context()).parts).toMatchObject({
      ends: 'only-one-possible',
      points: 4,
    });
  });
});

describe('the grade of a confidence', () => {
  test.each<[string, Seen]>([
    ['A', { at: range(50, 10) }],
    ['B', { at: range(50, 10), ...oneEnd }],
    ['C', { at: range(50, 10), ...oneEnd, ...unproven }],
    ['D', { at: range(58, 2), ...oneEnd, ...unproven }],
    ['C', { at: range(58, 2) }],
  ])('is %s by points alone for %j', (grade, parts) => {
    expect(gradeOf(parts)).toBe(grade);
  });

  test('is at most B below ten distinct minutes, whatever else speaks for it', () => {
    expect(gradeOf({ at: range(51, 9), service: true })).toBe('B');
    expect(gradeOf({ at: range(50, 10), service: true })).toBe('A');
  });

  test('is D for a single conversation', () => {
    expect(gradeOf({ at: [59], conversations: 1, service: true, clientPods: 5 })).toBe('D');
    expect(gradeOf({ at: range(50, 10), conversations: 2 })).toBe('A');
  });

  test('is at most C for what the hold-out lost', () => {
    expect(gradeOf({ at: range(50, 10) }, context(1, 'lost'))).toBe('C');
    expect(gradeOf({ at: range(50, 10) }, context(1, 'untested'))).toBe('A');
  });

  test('is at most B for what came in one hour only of more than six', () => {
    const burst = { at: range(5 * 60, 30) };
    expect(gradeOf(burst, context(6))).toBe('A');
    expect(gradeOf(burst, context(6.5))).toBe('B');
    expect(gradeOf({ at: [...range(4 * 60, 5), ...range(5 * 60, 5)] }, context(6.5))).toBe('A');
  });

  test('is at most C for what came on one day only of more than three', () => {
    const day = range(49 * 60, 20 * 60);
    expect(gradeOf({ at: day }, context(72))).toBe('A');
    expect(gradeOf({ at: day }, context(73))).toBe('C');
    expect(gradeOf({ at: [60, ...day] }, context(73))).toBe('A');
  });

  test('is at most B for what was last seen before the second half of the data', () => {
    expect(gradeOf({ at: range(20, 10) })).toBe('A');
    expect(gradeOf({ at: range(19, 10) })).toBe('B');
  });

  test('is at most B for a job of fewer than three runs', () => {
    const runs = (count: number): Edge =>
      seen({ at: range(0, count).flatMap((run) => range(run * 120, 10)) }, nightly);
    expect(confidenceOfEdge(runs(2), context(4)).grade).toBe('B');
    expect(confidenceOfEdge(runs(3), context(6)).grade).toBe('A');
    expect(confidenceOfEdge(runs(2), context(4)).parts.runStarts).toEqual([MIDNIGHT, MIDNIGHT + 2 * HOUR_MS]);
  });

  test('counts two stretches less than half an hour apart as one run', () => {
    const { parts } = confidenceOfEdge(seen({ at: [0, 30, 61] }, nightly), context(2));
    expect(parts.runStarts).toHaveLength(2);
  });

  test('of a rule is that of the weakest of its edges, whose parts it shows', () => {
    const strong = seen({ at: range(0, 60) });
    const weak = { ...seen({ at: [58, 59] }, nightly) };
    expect(ruleConfidence([strong, weak], context())).toMatchObject({
      grade: 'C',
      parts: { weakest: 'data/nightly[CronJob] => shop/cart[Deployment] : TCP 8080' },
    });
    expect(ruleConfidence([weak, strong], context())).toEqual(ruleConfidence([strong, weak], context()));
    expect(ruleConfidence([], context())).toBeUndefined();
  });
});

describe('what a confidence needs', () => {
  const needs = (of: Edge, where = context()): string | undefined => confidenceOfEdge(of, where).parts.needs;

  test('is nothing for an A', () => {
    expect(needs(seen({ at: range(0, 60) }))).toBeUndefined();
  });

  test('is more runs for a job, nightly where it ran by night', () => {
    expect(needs(seen({ at: range(120, 10) }, nightly), context(4))).toMatch(
      /^2 more nightly runs of data\/nightly\[CronJob\]/,
    );
    expect(needs(seen({ at: range(12 * 60, 10) }, nightly), context(24))).toMatch(/^2 more runs of /);
  });

  test('is the minutes, ends and proof that are missing', () => {
    expect(needs(seen({ at: range(51, 9) }))).toMatch(/^1 more minute with conversations/);
    expect(needs(seen({ at: range(58, 2) }))).toMatch(/^1 more minute with conversations/);
    expect(needs(seen({ at: range(50, 10), ...oneEnd }))).toMatch(/^reports from both ends/);
    expect(needs(seen({ at: range(50, 10), ...unproven }))).toMatch(/^a handshake or reply mark/);
  });

  test('is to come again for what came once, and a longer window for what the hold-out lost', () => {
    expect(needs(seen({ at: [3], conversations: 1 }))).toMatch(/^to be seen again: it was one conversation;/);
    expect(needs(seen({ at: range(50, 10) }), context(1, 'lost'))).toMatch(/^a longer window/);
  });

  test('is no further learning for visitors of a public port', () => {
    const visitors = range(1, 6).map((host) =>
      edge(cidr(`203.0.113.${host}/32`), web, {
        addresses: [`203.0.113.${host}`],
        conversations: 1,
        minutes: 1,
      }),
    );
    expect(ruleConfidence(visitors, context())?.parts.needs).toContain('however long one learns');
  });
});

describe('the parts of a confidence', () => {
  const { parts } = confidenceOfEdge(seen({ at: [1, 2, 61, 62], clientPods: 2, service: true }), context(2));

  test('read as one line', () => {
    expect(partsText(parts)).toBe(
      '4 minutes in 2 hours, both ends reported, handshake, 2 client pods, addressed by Service, survived the hold-out',
    );
  });

  test('read back as they were written', () => {
    expect(readJson(JSON.parse(JSON.stringify(toJson(parts))), readConfidenceParts)).toEqual({
      ok: true,
      value: parts,
    });
  });
});
