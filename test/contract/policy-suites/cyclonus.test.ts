import { describe, expect, test } from 'vitest';
import { policyProblems } from '#core/policy/literal/problems.ts';
import type { PolicyProtocol } from '#core/policy/world.ts';
import { hasRecordings, skippedWithoutRecordings } from '../../support/recordings.ts';
import {
  type Claim,
  type CyclonusCase,
  claimsOf,
  disagreements,
  readCases,
  worldOf,
} from './recorded-suites.ts';

/** 131 steps × 6 port-protocols × 3 tables × 72 off-diagonal pairs, and a few more where a case adds a pod. */
const VERDICTS_AT_LEAST = 131 * 6 * 3 * 72;

const PARTS = ['ingress', 'egress', 'combined'] as const;

const claimsIn = ({ steps }: CyclonusCase): readonly Claim[] =>
  steps.flatMap((step) => {
    const world = worldOf(step);
    return Object.entries(step.expected).flatMap(([portProtocol, tables]) => {
      const [protocol, port] = portProtocol.split('/') as [PolicyProtocol, string];
      return PARTS.flatMap((part) => claimsOf(tables[part], { world, protocol, port: Number(port), part }));
    });
  });

describe.skipIf(!hasRecordings)(`the cyclonus suite${skippedWithoutRecordings}`, () => {
  const cases = hasRecordings ? readCases<CyclonusCase>('cyclonus') : [];

  test.each(cases)('case $id ($description) has every verdict off the diagonal right', (recorded) => {
    const claims = claimsIn(recorded);
    expect(claims.length).toBeGreaterThan(0);
    expect(disagreements(claims)).toEqual([]);
  });

  test('no verdict of the suite is left out', () => {
    expect(cases.length).toBe(115);
    expect(cases.flatMap(claimsIn).length).toBeGreaterThanOrEqual(VERDICTS_AT_LEAST);
  });

  test('the suite says nothing where its matcher is known to differ from Kubernetes', () => {
    const policies = cases.flatMap(({ steps }) => steps.flatMap((step) => step.policies));
    const text = JSON.stringify(policies);
    expect(policies.length).toBeGreaterThan(100);
    expect(text).not.toContain('"NotIn"');
    expect(text).not.toMatch(/"matchLabels":\{[^}]*:""/);
  });

  test('no policy of the suite is taken for malformed', () => {
    const policies = cases.flatMap(({ steps }) => steps.flatMap((step) => step.policies));
    expect(policies.flatMap(policyProblems)).toEqual([]);
  });
});
