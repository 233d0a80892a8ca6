import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readinessOf } from '#core/baseline/readiness-of.ts';
import { MINUTE_MS } from '#core/flow/time.ts';
import { START } from '../support/flows.ts';
import { coverage } from '../unit/baseline/some-edge.ts';
import { anyEdges } from './baseline-arbitraries.ts';

const anyMinutes = fc.integer({ min: 1, max: 240 });
const windowOf = (minutes: number) => ({ from: START, until: START + minutes * MINUTE_MS });

test('score and unseen mass are shares, and no more edges were seen once than were seen', () => {
  fc.assert(
    fc.property(anyEdges, anyMinutes, fc.bigInt({ min: 0n, max: 10_000n }), (edges, minutes, lostEvents) => {
      const readiness = readinessOf(edges, windowOf(minutes), coverage(minutes, { lostEvents }));
      for (const share of [readiness.score, readiness.unseenMass, readiness.lostShare]) {
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1);
      }
      expect(readiness.oneShotEdges).toBeLessThanOrEqual(readiness.edges);
      expect(readiness.incidences).toBeGreaterThanOrEqual(readiness.edges);
      expect(readiness.hoursCovered).toBeLessThanOrEqual(readiness.hoursInSpan);
    }),
  );
});

test('the more was lost, the lower the score', () => {
  fc.assert(
    fc.property(anyEdges, fc.nat(5000), fc.nat(5000), (edges, a, b) => {
      const scoreAt = (lost: number): number =>
        readinessOf(edges, windowOf(240), coverage(240, { lostEvents: BigInt(lost) })).score;
      expect(scoreAt(a + b)).toBeLessThanOrEqual(scoreAt(a));
    }),
  );
});
