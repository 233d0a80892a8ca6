import { describe, expect, test } from 'vitest';
import { worldOf } from '#core/policy/cluster/model-world.ts';
import { connectivityOf } from '#core/policy/connections/connectivity.ts';
import { literalJudge } from '#core/policy/connections/literal-judge.ts';
import { PROFILES } from '#core/policy/literal/profiles.ts';
import { readCluster } from '../../../server/adapters/manifests/read-cluster.ts';
import { hasRecordings, skippedWithoutRecordings } from '../../support/recordings.ts';
import {
  asNpGuardReads,
  canonical,
  caseFolder,
  expectedFacts,
  factsOf,
  NP_GUARD_PROFILE,
  readSuite,
} from './np-guard-suite.ts';

async function listOf(name: string) {
  const { model } = await readCluster([caseFolder(name)]);
  const asRead = asNpGuardReads(model);
  const allowed = literalJudge(worldOf(asRead), NP_GUARD_PROFILE);
  return connectivityOf({ model: asRead, profile: NP_GUARD_PROFILE, allowed });
}

/** Rows of all lists together, without those of the ingress controller. */
const ROWS_AT_LEAST = 3500;

describe.skipIf(!hasRecordings)(`np-guard's connectivity lists${skippedWithoutRecordings}`, () => {
  const cases = hasRecordings ? readSuite().connlist : [];

  test.each(cases)('%s: every connection it lists is found, and no other', async (name) => {
    expect(canonical(factsOf(await listOf(name)))).toEqual(canonical(expectedFacts(name)));
  });

  test.each(cases)('%s: the fast engine lists the same', async (name) => {
    const { model } = await readCluster([caseFolder(name)]);
    for (const profile of [...PROFILES, NP_GUARD_PROFILE]) {
      const allowed = literalJudge(worldOf(model), profile);
      expect(connectivityOf({ model, profile })).toEqual(connectivityOf({ model, profile, allowed }));
    }
  });

  test('no list and no row is left out', () => {
    expect(cases.length).toBe(25);
    expect(cases.flatMap(expectedFacts).length).toBeGreaterThan(ROWS_AT_LEAST);
  });
});
