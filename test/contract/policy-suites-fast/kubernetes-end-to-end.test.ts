import { describe, expect, test } from 'vitest';
import type { World } from '#core/policy/world.ts';
import { hasRecordings, skippedWithoutRecordings } from '../../support/recordings.ts';
import {
  type Claim,
  claimsOf,
  type EndToEndCase,
  readCases,
  worldOf,
} from '../policy-suites/recorded-suites.ts';
import { disagreements, engineFor } from './fast-claims.ts';

/** 33 probes × 9 pods × 8 others. */
const VERDICTS_AT_LEAST = 33 * 72;

type Step = EndToEndCase['steps'][number];

const claimsIn = ({ probes }: Step, world: World): readonly Claim[] =>
  probes.flatMap(({ protocol, port, expected }) =>
    claimsOf(expected, { world, protocol, port, part: 'combined' }),
  );

describe.skipIf(!hasRecordings)(
  `the fast engine on the Kubernetes end-to-end cases${skippedWithoutRecordings}`,
  () => {
    const cases = hasRecordings ? readCases<EndToEndCase>('k8s-e2e') : [];

    test.each(cases)('case $id ($title) has every asserted verdict right', ({ steps }) => {
      for (const step of steps) {
        const world = worldOf(step);
        const engine = engineFor(world, 'combined');
        for (const { protocol, port, expected } of step.probes) {
          const claims = claimsOf(expected, { world, protocol, port, part: 'combined' });
          expect(disagreements(engine, claims)).toEqual([]);
        }
      }
    });

    test('no verdict of the suite is left out', () => {
      expect(cases.length).toBe(24);
      const verdicts = cases.flatMap(({ steps }) =>
        steps.map((step) => claimsIn(step, worldOf(step)).length),
      );
      expect(verdicts.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(VERDICTS_AT_LEAST);
    });
  },
);
