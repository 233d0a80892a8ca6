import type { BaselineEdge } from '#core/baseline/baseline.ts';
import { RULE_ACTOR } from '#core/baseline/learn.ts';
import { isAllowedEvidence } from '#core/graph/edge.ts';
import type { NotAdmittedReason } from '../certificate.ts';

/** Why an edge gets no rule, and what a person can do about it. */
export interface Refusal {
  readonly reason: NotAdmittedReason;
  /** One sentence. */
  readonly note: string;
}

/**
 * Why an edge must not carry a rule, or undefined when it may. Only what the data path let through is evidence;
 * what passed in audit mode is once a person accepted it; denied attempts never are.
 */
export function refusalOf({ edge, decision, reason, actor }: BaselineEdge): Refusal | undefined {
  if (decision === 'rejected') return { reason: 'rejected', note: reason };
  if (decision === 'held') return { reason: 'held-for-review', note: reason };
  if (isAllowedEvidence(edge)) return undefined;
  if (edge.outcomes.audited === 0) {
    return {
      reason: 'rejected',
      note: 'Only denied or failed attempts were seen; those are never evidence.',
    };
  }
  return actor === RULE_ACTOR
    ? { reason: 'held-for-review', note: 'It only passed in audit mode; a person must accept it first.' }
    : undefined;
}
