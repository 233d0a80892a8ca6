import { expect, test } from 'vitest';
import { propose } from '#core/policy/generate/propose.ts';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import { baselineOf, edge, sha256, workload } from '../../support/baseline-fixture.ts';

const WORKLOADS = 200;
const PORTS = 20;
const LIMIT_MS = 30_000;

test('two hundred workloads with twenty ports each are proven within half a minute, with progress', {
  timeout: 60_000,
}, () => {
  const all = Array.from({ length: WORKLOADS }, (_, index) => workload(`team-${index % 4}/service-${index}`));
  const edges = all.flatMap((from, index) =>
    Array.from({ length: PORTS }, (_, port) => {
      const to = all[(index * 7 + port * 13 + 1) % WORKLOADS] ?? from;
      return edge(from, to, { port: 1000 + port });
    }),
  );
  const baseline = baselineOf({ workloads: all, edges });
  let steps = 0;
  const startedAt = performance.now();
  const { certificate } = propose(baseline, {
    toolVersion: '0',
    profile: CILIUM_PROFILE,
    hash: sha256,
    onProgress: () => {
      steps += 1;
    },
  });
  expect(performance.now() - startedAt).toBeLessThan(LIMIT_MS);
  expect(steps).toBe(WORKLOADS + 1);
  expect(certificate.totals).toMatchObject({ admittedEdges: WORKLOADS * PORTS, coverage: 1, extras: 0 });
});
