import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBaseline, encodeBaseline } from '#core/baseline/baseline-codec.ts';
import { canonicalJson } from '#core/baseline/canonical-json.ts';
import { withDecision } from '#core/baseline/learn.ts';
import { MINUTE_MS } from '#core/flow/time.ts';
import { START } from '../support/flows.ts';
import { coverage, graphOf, hash, learn } from '../unit/baseline/some-edge.ts';
import { anyEdges } from './baseline-arbitraries.ts';

const anyLength = fc.integer({ min: 1, max: 240 });

test('a baseline reads back from JSON exactly as it was, and writes the same bytes again', () => {
  fc.assert(
    fc.property(anyEdges, anyLength, fc.bigInt({ min: 0n, max: 1n << 80n }), (edges, minutes, lostEvents) => {
      const baseline = learn(edges, minutes, { coverage: coverage(minutes, { lostEvents }) });
      const text = JSON.stringify(encodeBaseline(baseline));
      const back = decodeBaseline(JSON.parse(text));
      expect(back).toStrictEqual({ ok: true, value: baseline });
      expect(back.ok && JSON.stringify(encodeBaseline(back.value))).toBe(text);
    }),
  );
});

test('the order of the flows behind a graph never changes a baseline', () => {
  fc.assert(
    fc.property(anyEdges, anyLength, (edges, minutes) => {
      const shuffled = [...edges].reverse().map((edge) => ({
        ...edge,
        minutes: new Map([...edge.minutes].reverse()),
        fromPods: new Set([...edge.fromPods].reverse()),
      }));
      const [one, other] = [learn(edges, minutes), learn(shuffled, minutes)];
      expect(canonicalJson(encodeBaseline(other))).toBe(canonicalJson(encodeBaseline(one)));
      expect(other.id).toBe(one.id);
    }),
  );
});

test('no edge without a conversation that passed inside the window is ever in a baseline', () => {
  fc.assert(
    fc.property(anyEdges, anyLength, (edges, minutes) => {
      const until = START + minutes * MINUTE_MS;
      for (const { edge } of learn(edges, minutes).edges.values()) {
        const passed = [...edge.minutes].filter(([, count]) => count.conversations > count.denied);
        expect(passed.length).toBeGreaterThan(0);
        for (const at of edge.minutes.keys()) expect(at).toBeLessThan(until);
      }
    }),
  );
});

test('what happens after the window never changes what was learnt in it', () => {
  fc.assert(
    fc.property(anyEdges, anyEdges, fc.integer({ min: 1, max: 120 }), (before, later, minutes) => {
      const offset = 300 * MINUTE_MS;
      const shifted = later.map((edge) => ({
        ...edge,
        minutes: new Map([...edge.minutes].map(([at, count]) => [at + offset, count])),
        firstSeenAt: edge.firstSeenAt + offset,
        lastSeenAt: edge.lastSeenAt + offset,
      }));
      const graph = graphOf([
        ...shifted.filter(({ key }) => !before.some((edge) => edge.key === key)),
        ...before,
      ]);
      expect(learn([], minutes, { graph }).id).toBe(learn(before, minutes).id);
    }),
  );
});

test('a decision changes one row and nothing else', () => {
  fc.assert(
    fc.property(anyEdges, anyLength, (edges, minutes) => {
      const baseline = learn(edges, minutes);
      for (const key of baseline.edges.keys()) {
        const word = { edge: key, decision: 'rejected', reason: 'Not wanted.', actor: 'ana' } as const;
        const next = withDecision(baseline, word, hash);
        const rest = (from: typeof next) => [...(from?.edges ?? [])].filter(([each]) => each !== key);
        expect(rest(next)).toEqual(rest(baseline));
        expect(next?.version).toBe(baseline.version + 1);
      }
    }),
    { numRuns: 30 },
  );
});
