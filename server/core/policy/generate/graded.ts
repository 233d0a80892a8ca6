import type { Baseline } from '#core/baseline/baseline.ts';
import { dataSpan } from '#core/baseline/readiness-of.ts';
import type { EdgeKey } from '#core/graph/edge.ts';
import type { EdgeFate } from '../holdout/hold-out.ts';
import type { NetworkPolicyPeer } from '../network-policy.ts';
import type { ProposedPolicy, RuleReason } from '../proposal.ts';
import { isOpenedToPublic } from '../system/public-blocks.ts';
import { type ConfidenceContext, ruleConfidence } from './confidence.ts';
import { OPENED_NEED } from './confidence-needs.ts';

/** The other ends that a rule of a policy names. */
function peersOf({ policy: { spec } }: ProposedPolicy, at: RuleReason): readonly NetworkPolicyPeer[] {
  const peers = at.direction === 'ingress' ? spec.ingress?.[at.index]?.from : spec.egress?.[at.index]?.to;
  return peers ?? [];
}

/** Policies with each rule's confidence and the parts of it, once window and hold-out are known. */
export function withConfidence(
  policies: readonly ProposedPolicy[],
  baseline: Baseline,
  fates: ReadonlyMap<EdgeKey, EdgeFate>,
): readonly ProposedPolicy[] {
  const context: ConfidenceContext = {
    span: dataSpan(baseline.window, baseline.coverage),
    fateOf: (edge) => fates.get(edge) ?? 'untested',
  };
  const graded = (policy: ProposedPolicy, reason: RuleReason): RuleReason => {
    const edges = reason.edges
      .map((key) => baseline.edges.get(key)?.edge)
      .filter((edge) => edge !== undefined);
    const confidence = ruleConfidence(edges, context);
    if (confidence === undefined) return reason;
    const { grade, parts } = confidence;
    const isChosen = parts.needs !== undefined && isOpenedToPublic(peersOf(policy, reason));
    return { ...reason, confidence: grade, parts: isChosen ? { ...parts, needs: OPENED_NEED } : parts };
  };
  return policies.map((policy) => ({
    ...policy,
    reasons: policy.reasons.map((reason) => graded(policy, reason)),
  }));
}
