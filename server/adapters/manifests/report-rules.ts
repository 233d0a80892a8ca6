import { describePeer } from '#core/identity/peer.ts';
import { partsText } from '#core/policy/describe-confidence.ts';
import { needText } from '#core/policy/describe-minimality.ts';
import { ruleName } from '#core/policy/minimality/rule-reliance.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import { code, sentence, table } from './markdown.ts';

/** Every rule with its confidence, what that was worked out from, and what it needs for a better one. */
export function rulesSection(proposal: Proposal): readonly string[] {
  if (proposal.policies.length === 0) return [];
  const needs = new Map(proposal.certificate.minimality?.rules.map((need) => [need.rule, need]));
  const withoutIt = (rule: string): string => {
    const need = needs.get(rule);
    return need === undefined ? '' : sentence(needText(need));
  };
  const rows = proposal.policies.flatMap(({ workload, policy, reasons }) =>
    reasons.map(({ direction, index, comment, confidence, edges, parts }) => [
      code(describePeer({ kind: 'workload', id: workload })),
      `${direction}[${index}]`,
      code(comment),
      confidence,
      String(edges.length),
      withoutIt(ruleName(policy, direction, index)),
      parts === undefined ? '' : sentence(partsText(parts)),
      sentence(parts?.needs ?? ''),
    ]),
  );
  return [
    '## Rules',
    '',
    'Confidence is that of the weakest edge behind a rule, A to D; so is the support beside it.',
    '',
    ...table(['workload', 'rule', 'admits', 'confidence', 'edges', 'without it', 'support', 'needs'], rows),
    '',
  ];
}
