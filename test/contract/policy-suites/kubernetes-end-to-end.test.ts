import { describe, expect, test } from 'vitest';
import { policyProblems } from '#core/policy/literal/problems.ts';
import { hasRecordings, skippedWithoutRecordings } from '../../support/recordings.ts';
import {
  type Claim,
  claimsOf,
  disagreements,
  type EndToEndCase,
  readCases,
  worldOf,
} from './recorded-suites.ts';

/** 33 probes × 9 pods × 8 others. */
const VERDICTS_AT_LEAST = 33 * 72;

const claimsIn = ({ steps }: EndToEndCase): readonly Claim[] =>
  steps.flatMap((step) => {
    const world = worldOf(step);
    return step.probes.flatMap(({ protocol, port, expected }) =>
      claimsOf(expected, { world, protocol, port, part: 'combined' }),
    );
  });

describe.skipIf(!hasRecordings)(`the Kubernetes end-to-end cases${skippedWithoutRecordings}`, () => {
  const cases = hasRecordings ? readCases<EndToEndCase>('k8s-e2e') : [];

  test.each(cases)('case $id ($title) has every asserted verdict right', (recorded) => {
    const claims = claimsIn(recorded);
    expect(claims.length).toBeGreaterThan(0);
    expect(disagreements(claims)).toEqual([]);
  });

  test('no verdict of the suite is left out', () => {
    expect(cases.length).toBe(24);
    expect(cases.flatMap(claimsIn).length).toBeGreaterThanOrEqual(VERDICTS_AT_LEAST);
  });

  test('no policy of the suite is taken for malformed', () => {
    const policies = cases.flatMap(({ steps }) => steps.flatMap((step) => step.policies));
    expect(policies.length).toBeGreaterThan(24);
    expect(policies.flatMap(policyProblems)).toEqual([]);
  });
});
