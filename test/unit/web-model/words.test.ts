import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FindingView } from '#contract/learning.ts';
import { activityBySlice, minutesOf } from '../../../web/model/activity.ts';
import {
  ago,
  bytes,
  counted,
  cutMiddle,
  duration,
  percent,
  rate,
  shortCount,
} from '../../../web/model/format.ts';
import { fromSnapshot } from '../../../web/model/live-graph.ts';
import { neighbourOf } from '../../../web/model/navigation.ts';
import { EMPTY_PLACEMENT } from '../../../web/model/placement.ts';
import { sceneOf } from '../../../web/model/scene.ts';
import { INITIAL_VIEW } from '../../../web/model/view.ts';
import { yamlTokens } from '../../../web/model/yaml-tokens.ts';
import { shopFindings } from '../../support/page-fixture-shop.ts';
import { edge, live, snapshot, workload } from './graphs.ts';

describe('names', () => {
  test('are cut in the middle, so that the end that tells replicas apart stays', () => {
    expect(cutMiddle('checkout-6d9c7b8f4-x7k2p', 13)).toBe('checko…-x7k2p');
    expect(cutMiddle('cart', 13)).toBe('cart');
  });

  test('that are cut are never longer than asked for', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 80 }),
        fc.integer({ min: 3, max: 60 }),
        (name, max) => {
          expect([...cutMiddle(name, max)].length).toBeLessThanOrEqual(Math.max(max, 3));
        },
      ),
    );
  });
});

describe('numbers', () => {
  test.each([
    [shortCount(999), '999'],
    [shortCount(1234), '1\u2009234'],
    [shortCount(12_345), '12.3k'],
    [shortCount(4_200_000), '4.2M'],
    [counted(1, 'edge'), '1 edge'],
    [counted(2, 'policy'), '2 policies'],
    [percent(0), '0 %'],
    [percent(0.0004), '<0.1 %'],
    [percent(0.9871), '98.7 %'],
    [percent(0.9999), '>99.9 %'],
    [percent(1), '100 %'],
    [rate(0), '0'],
    [rate(0.02), '<0.1'],
    [rate(4.24), '4.2'],
    [bytes(1_258_291), '1.2 MiB'],
    [bytes(0), '0 B'],
    [duration(7_500_000), '2 h 5 min'],
    [duration(0), '0 s'],
    [ago(0, 181_000), '3 min ago'],
    [ago(1000, 1200), 'just now'],
  ])('%s reads %s', (written, wanted) => {
    expect(written).toBe(wanted);
  });
});

describe('YAML', () => {
  test('is coloured without losing a letter', () => {
    fc.assert(
      fc.property(fc.string(), (line) => {
        expect(
          yamlTokens(line)
            .map(({ text }) => text)
            .join(''),
        ).toBe(line);
      }),
    );
  });

  test.each([
    ['  name: cart # the cart', 'comment', '# the cart'],
    ['  note: "a # b"', 'value', ' "a # b"'],
    ['  - protocol: TCP', 'key', 'protocol'],
  ] as const)('%j has as %s %j', (line, kind, text) => {
    expect(yamlTokens(line)).toContainEqual({ kind, text });
  });
});

describe('time', () => {
  const shopFinding = shopFindings[0] as FindingView; // the shop has findings
  const [a, b] = [workload('shop/a'), workload('shop/b')];

  test('edges and findings first seen are counted once each, the new edges apart', () => {
    const edges = [0, 1, 2, 2].map((minute, i) =>
      edge(i, [a, b], { firstSeenAt: minute * 60_000 + 1, state: i === 3 ? 'new' : 'known' }),
    );
    const slices = activityBySlice(live([a, b], edges), 60);
    expect(slices.map((slice) => [slice.edges, slice.newEdges, slice.findings])).toEqual([
      [1, 0, 0],
      [1, 0, 0],
      [2, 1, 0],
      [0, 0, 0],
    ]);
  });

  test('conversations stand in the slice of their minute, denied ones apart, and none is lost or doubled', () => {
    const minutes = Array.from({ length: 50 }, (_, i) => ({
      at: i * 60_000,
      conversations: i,
      denied: i % 2,
    }));
    const graph = fromSnapshot({
      graph: snapshot([a, b], [], { minutes, now: 49 * 60_000, span: { from: 30_000, until: 49 * 60_000 } }),
      findings: [],
    });
    const slices = activityBySlice(graph, 20);
    expect(slices.map(minutesOf)).toEqual(Array.from({ length: 17 }, () => 3));
    expect(slices.slice(0, 2).map(({ conversations, denied }) => [conversations, denied])).toEqual([
      [3, 1],
      [12, 2],
    ]);
    expect(slices.reduce((sum, slice) => sum + slice.conversations, 0)).toBe(1225);
  });

  test('a span longer than a day shows its last day, without what came before', () => {
    const day = 86_400_000;
    const graph = fromSnapshot({
      graph: snapshot(
        [a, b],
        [edge(1, [a, b], { firstSeenAt: 5 }), edge(2, [a, b], { firstSeenAt: 3 * day })],
        {
          now: 3 * day,
          span: { from: 0, until: 3 * day },
        },
      ),
      findings: [],
    });
    const slices = activityBySlice(graph, 96);
    expect(slices[0]?.from).toBe(2 * day + 60_000);
    expect(slices.reduce((sum, slice) => sum + slice.edges, 0)).toBe(1);
  });

  test('a finding stands where it began: at its first conversation, or at the last one of what went silent', () => {
    const findings = (['new-edge', 'gone-silent'] as const).map((kind) => ({
      ...shopFinding,
      id: kind,
      kind,
      firstSeenAt: 0,
      lastSeenAt: 120_000,
    }));
    const graph = fromSnapshot({ graph: snapshot([a, b], []), findings });
    expect(activityBySlice(graph, 60).map((slice) => slice.findings)).toEqual([1, 0, 1, 0]);
  });

  test('nothing seen yet is no slice', () => {
    const graph = fromSnapshot({ graph: snapshot([], [], { span: null }), findings: [] });
    expect(activityBySlice(graph, 60)).toEqual([]);
  });
});

describe('arrow keys', () => {
  test('lead to what is called at the right, and back again', () => {
    const [a, b, c] = [workload('one/a'), workload('two/b'), workload('three/c')];
    const graph = live([a, b, c], [edge(1, [a, b]), edge(2, [b, c])]);
    const scene = sceneOf(graph, INITIAL_VIEW, EMPTY_PLACEMENT);
    const start = neighbourOf(scene, undefined, 'right');
    expect(start).toBeDefined();
    const visited = ['left', 'right', 'up', 'down'].flatMap(
      (step) => neighbourOf(scene, start, step as 'left') ?? [],
    );
    expect(visited.length).toBeGreaterThan(0);
    expect(visited).not.toContain(start);
  });
});
