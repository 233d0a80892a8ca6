import { describe, expect, test } from 'vitest';
import { policyPath } from '#core/policy/generate/policy-names.ts';
import { planRollout } from '#core/policy/rollout/plan-rollout.ts';
import { renderPolicy } from '../../../server/adapters/manifests/render-policy.ts';
import { renderReport } from '../../../server/adapters/manifests/render-report.ts';
import { renderRollout } from '../../../server/adapters/manifests/render-rollout.ts';
import { sha256 } from '../../support/baseline-fixture.ts';
import { proposeFrom, shopBaseline } from '../../unit/propose/shop-fixture.ts';

describe('a small shop', () => {
  const proposal = proposeFrom(shopBaseline());
  const { cluster } = proposal.certificate.scope;

  test('gets these policies', async () => {
    const files = [...proposal.policies, ...proposal.isolation].map((each) => {
      const reasons = 'reasons' in each ? each.reasons : [];
      return `# file: ${policyPath(each, cluster, sha256)}\n${renderPolicy(each.policy, reasons)}`;
    });
    await expect(files.join('---\n')).toMatchFileSnapshot('golden/shop-policies.yaml');
  });

  test('gets this report', async () => {
    await expect(renderReport(proposal)).toMatchFileSnapshot('golden/shop-report.md');
  });

  test('gets this rollout plan', async () => {
    await expect(renderRollout(planRollout(proposal, sha256))).toMatchFileSnapshot('golden/shop-rollout.md');
  });
});
