import { describe, expect, test } from 'vitest';
import { worldOf } from '#core/policy/cluster/model-world.ts';
import { type ConnectivityRow, connectivityOf } from '#core/policy/connections/connectivity.ts';
import { describeRow } from '#core/policy/connections/describe-row.ts';
import { literalJudge } from '#core/policy/connections/literal-judge.ts';
import { KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import { readCluster } from '../../../server/adapters/manifests/read-cluster.ts';
import { hasRecordings, recording, skippedWithoutRecordings } from '../../support/recordings.ts';

const folder = (...parts: readonly string[]): string =>
  recording('netpol', 'sample-apps', 'online-boutique', ...parts);

async function rowsOf(paths: readonly string[]): Promise<readonly ConnectivityRow[]> {
  const { model, problems } = await readCluster(paths);
  expect(problems).toEqual([]);
  const allowed = literalJudge(worldOf(model), KUBERNETES_PROFILE);
  return connectivityOf({ model, profile: KUBERNETES_PROFILE, allowed });
}

/** Ordered pairs of two different workloads. */
const pairsOf = (rows: readonly ConnectivityRow[]): readonly ConnectivityRow[] =>
  rows.filter(
    ({ from, to }) =>
      from.kind === 'workload' && to.kind === 'workload' && from.workload.name !== to.workload.name,
  );

describe.skipIf(!hasRecordings)(`Online Boutique as published${skippedWithoutRecordings}`, () => {
  test('has 132 pairs without policies', async () => {
    expect(pairsOf(await rowsOf([folder('release')])).length).toBe(12 * 11);
  });

  test('has 26 pairs with its own policies, and a frontend that anybody may reach', async () => {
    const rows = await rowsOf([folder('release'), folder('kustomize')]);
    expect(pairsOf(rows).length).toBe(26);
    expect(rows.map(describeRow)).toContain(
      '0.0.0.0/0[external] => default/frontend[Deployment] : all ports',
    );
  });
});
