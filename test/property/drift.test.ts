import fc from 'fast-check';
import { expect, test } from 'vitest';
import { driftOf } from '#core/change/drift.ts';
import { encodeFinding } from '#core/finding/finding-codec.ts';
import { mergeFindings } from '#core/finding/merge-findings.ts';
import { MINUTE_MS } from '#core/flow/time.ts';
import type { Edge } from '#core/graph/edge.ts';
import { START } from '../support/flows.ts';
import { coverage, graphOf, hash, learn } from '../unit/baseline/some-edge.ts';
import { anyEdges } from './baseline-arbitraries.ts';

const TRAINED = 120;
const SINCE = START + TRAINED * MINUTE_MS;

const drift = (edges: readonly Edge[], nowMinute = 240) =>
  driftOf({
    baseline: learn(edges, TRAINED),
    graph: graphOf(edges),
    coverage: coverage(nowMinute),
    since: SINCE,
    now: START + nowMinute * MINUTE_MS,
    hash,
  });

test('the order of edges never changes what is found', () => {
  fc.assert(
    fc.property(anyEdges, (edges) => {
      expect(drift([...edges].reverse()).map(encodeFinding)).toEqual(drift(edges).map(encodeFinding));
    }),
  );
});

test('each finding is about one thing: no id comes twice', () => {
  fc.assert(
    fc.property(anyEdges, (edges) => {
      const ids = drift(edges).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    }),
  );
});

test('at the end of the window there is no drift yet', () => {
  fc.assert(
    fc.property(anyEdges, (edges) => {
      const before = edges.filter((edge) => edge.lastSeenAt < SINCE);
      const found = drift(before, TRAINED).filter(({ kind }) => kind !== 'gone-silent');
      expect(found).toEqual([]);
    }),
  );
});

test('looking again at the same traffic changes no stored finding', () => {
  fc.assert(
    fc.property(anyEdges, (edges) => {
      const stored = mergeFindings([], drift(edges));
      const again = mergeFindings(stored, drift(edges));
      expect(again.every((finding, index) => finding === stored[index])).toBe(true);
    }),
  );
});
