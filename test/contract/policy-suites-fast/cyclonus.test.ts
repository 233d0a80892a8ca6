import { describe, expect, test } from 'vitest';
import { createEngine } from '#core/policy/fast/fast-engine.ts';
import { KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import type { PolicyProtocol, World } from '#core/policy/world.ts';
import { hasRecordings, skippedWithoutRecordings } from '../../support/recordings.ts';
import {
  type Claim,
  type CyclonusCase,
  claimsOf,
  readCases,
  worldOf,
} from '../policy-suites/recorded-suites.ts';
import { broughtTo, disagreements, engineFor } from './fast-claims.ts';

/** 131 steps × 6 port-protocols × 3 tables × 72 off-diagonal pairs, and a few more where a case adds a pod. */
const VERDICTS_AT_LEAST = 131 * 6 * 3 * 72;

const PARTS = ['ingress', 'egress', 'combined'] as const;

type Step = CyclonusCase['steps'][number];

const claimsIn = ({ expected }: Step, world: World, part: Claim['part']): readonly Claim[] =>
  Object.entries(expected).flatMap(([portProtocol, tables]) => {
    const [protocol, port] = portProtocol.split('/') as [PolicyProtocol, string];
    return claimsOf(tables[part], { world, protocol, port: Number(port), part });
  });

describe.skipIf(!hasRecordings)(`the fast engine on the cyclonus suite${skippedWithoutRecordings}`, () => {
  const cases = hasRecordings ? readCases<CyclonusCase>('cyclonus') : [];

  test.each(cases)('case $id ($description) has every verdict off the diagonal right', ({ steps }) => {
    for (const step of steps) {
      const world = worldOf(step);
      for (const part of PARTS) {
        const claims = claimsIn(step, world, part);
        expect(disagreements(engineFor(world, part), claims)).toEqual([]);
      }
    }
  });

  test('no verdict of the suite is left out', () => {
    expect(cases.length).toBe(115);
    const verdicts = cases.flatMap(({ steps }) =>
      steps.map((step) => PARTS.flatMap((part) => claimsIn(step, worldOf(step), part)).length),
    );
    expect(verdicts.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(VERDICTS_AT_LEAST);
  });

  test('one engine that is led by updates through every step of every case ends each with the same verdicts', () => {
    let engine = createEngine({ namespaces: [], pods: [], policies: [] }, KUBERNETES_PROFILE);
    for (const step of cases.flatMap(({ steps }) => steps)) {
      const world = worldOf(step);
      engine = broughtTo(engine, world);
      expect(disagreements(engine, claimsIn(step, world, 'combined'))).toEqual([]);
    }
    expect(engine.world().pods.length).toBeGreaterThan(8);
  });
});
