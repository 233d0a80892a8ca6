import { describe, expect, test } from 'vitest';
import { learnBaseline } from '#core/baseline/learn.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import { recheck } from '#core/policy/certify/recheck.ts';
import { collectExports } from '../../../collector/main.ts';
import { sha256 } from '../../support/baseline-fixture.ts';
import { hasRecordings, recording, skippedWithoutRecordings } from '../../support/recordings.ts';
import { proposeFrom } from '../../unit/propose/shop-fixture.ts';

async function bookinfoBaseline() {
  const builder = new GraphBuilder();
  const inputs = ['400-tcp', '400-udp'].map((name) =>
    recording('flows', 'hubble', `hubble-otel-basic-sample-${name}-flows.jsonl`),
  );
  const { world, coverage } = await collectExports({ inputs }, (window) => builder.apply(window));
  const graph = builder.snapshot();
  const { from, until } = graph.span ?? { from: 0, until: 0 };
  const scope = { cluster: world.pods[0]?.cluster ?? 'default', namespaces: [], workloads: [] };
  const window = { from, until: until + 1 };
  return learnBaseline({ graph, world, coverage, scope, window, hash: sha256, version: 1 });
}

describe.skipIf(!hasRecordings)(`a live Bookinfo recording${skippedWithoutRecordings}`, () => {
  test('becomes policies that admit each conversation or say why not, and holds when checked again', async () => {
    const proposal = proposeFrom(await bookinfoBaseline());
    const { certificate } = proposal;
    for (const { admitted, reason, note } of certificate.conversations) {
      if (!admitted) expect([reason, note]).not.toContain(undefined);
      expect(reason).not.toBe('denied-by-evaluator');
    }
    expect(certificate.extras.filter(({ kind }) => kind !== 'declared')).toEqual([]);
    const policies = [...proposal.policies, ...proposal.isolation].map(({ policy }, index) => ({
      policy,
      file: String(index),
    }));
    expect(recheck({ certificate, policies, hash: sha256 }).findings).toEqual([]);
  });

  test('tells the versions of reviews apart, and says that a release needs a new policy', async () => {
    const { policies } = proposeFrom(await bookinfoBaseline());
    const reviews = policies.filter(({ workload }) => workload.includes('/reviews-'));
    expect(reviews.map(({ policy }) => policy.spec.podSelector)).toEqual(
      ['v1', 'v2', 'v3'].map((version) => ({ matchLabels: { app: 'reviews', version } })),
    );
    for (const { warnings } of reviews)
      expect(warnings.map(({ code }) => code)).toContain('version-in-selector');
  });
});
