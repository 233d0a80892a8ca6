import { expect, test } from 'vitest';
import { driftOf } from '#core/change/drift.ts';
import { propose } from '#core/policy/generate/propose.ts';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import { judgeProposal } from '../../../server/app/proposal-judge.ts';
import { sha256, trainedDemo } from '../../support/demo-proposal.ts';

const MINUTE = 60_000;

test('the demo tells its story: a rollout of low severity, then a scan, a move to the database and a rare host', () => {
  const { baseline, builder, collector, replay, trainedUntil } = trainedDemo();
  replay.playUntil(trainedUntil + 18 * MINUTE);
  collector.flush();
  const proposal = propose(baseline, { toolVersion: 'example', profile: CILIUM_PROFILE, hash: sha256 });
  const [graph, coverage] = [builder.snapshot(), collector.coverage()];
  const judge = judgeProposal(proposal, collector.world());
  const now = coverage.span?.until ?? 0;
  const findings = driftOf({ baseline, graph, coverage, since: trainedUntil, now, hash: sha256, judge });
  expect(
    findings.map(({ severity, title, proposalAnswer }) => `${severity}: ${title} (${proposalAnswer})`),
  ).toEqual([
    'high: New edge: shop/recommendations[Deployment] => 198.51.100.66/32 : TCP 4444 (would-block)',
    'high: New edge: shop/recommendations[Deployment] => data/orders-db[StatefulSet] : TCP 5432 (would-block)',
    'high: Fan-out: shop/recommendations[Deployment] tried 13 destinations on 10 ports within 2 minutes (would-block)',
    'low: New edge: shop/checkout[Deployment] => shop/feature-flags[Deployment] : TCP 8080 (would-block)',
    'info: New edge: host => shop/feature-flags[Deployment] : TCP 8080 (would-admit)',
    'info: Denied attempt: monitoring/prometheus[StatefulSet] => data/cache[StatefulSet] : TCP 9121 (would-block)',
  ]);
});

test('the demo’s proposal admits every edge that was learnt or says why not, and nothing unseen but declared extras', () => {
  const { baseline } = trainedDemo();
  const { certificate } = propose(baseline, {
    toolVersion: 'example',
    profile: CILIUM_PROFILE,
    hash: sha256,
  });
  const missing = certificate.conversations.filter(({ admitted }) => !admitted);
  expect(missing.map(({ line, reason }) => `${line} (${reason})`)).toEqual([
    'ingress/ingress-nginx-controller[Deployment] => kube-apiserver : TCP 6443 (entity-not-expressible)',
    'monitoring/prometheus[StatefulSet] => host : TCP 10250 (held-for-review)',
    'monitoring/prometheus[StatefulSet] => remote-node : TCP 10250 (held-for-review)',
  ]);
  expect(certificate.extras.filter(({ kind }) => kind !== 'declared')).toEqual([]);
  expect(baseline.readiness.score).toBeGreaterThan(0.9);
});
