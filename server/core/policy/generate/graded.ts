import type { Baseline } from '#core/baseline/baseline.ts';
import { dataSpan } from '#core/baseline/readiness-of.ts';
import type { EdgeKey } from '#core/graph/edge.ts';
import type { EdgeFate } from '../holdout/hold-out.ts';
import type { ProposedPolicy, RuleReason } from '../proposal.ts';
import { type ConfidenceContext, ruleConfidence } from './confidence.ts';

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
  const graded = (reason: RuleReason): RuleReason => {
    const edges = reason.edges
      .map((key) => baseline.edges.get(key)?.edge)
      .filter((edge) => edge !== undefined);
    const confidence = ruleConfidence(edges, context);
    if (confidence === undefined) return reason;
    return { ...reason, confidence: confidence.grade, parts: confidence.parts };
  };
  return policies.map((policy) => ({ ...policy, reasons: policy.reasons.map(graded) }));
}
