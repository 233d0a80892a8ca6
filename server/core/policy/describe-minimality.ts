import type { BudgetReport, Minimality, RuleNeed } from './certificate.ts';

const rulesText = (count: number): string => `${count} rule${count === 1 ? '' : 's'}`;

function spareText(redundant: number): string {
  if (redundant === 0) return 'none can be left out';
  return `${redundant} can be left out`;
}

/** `32 rules where 31 is a lower bound; none can be left out`. */
export const minimalityText = ({ ruleCount, atLeast, redundant }: Minimality): string =>
  ruleCount === 0
    ? 'no rules'
    : `${rulesText(ruleCount)} where ${atLeast} is a lower bound; ${spareText(redundant)}`;

/** `4 of 5 extras spent in 2 steps, which save 3 rules and peers`. */
export function budgetText({ maxExtra, spent, steps }: BudgetReport): string {
  const saved = steps.reduce((sum, step) => sum + step.saved, 0);
  const bought = `${steps.length} step${steps.length === 1 ? '' : 's'}`;
  if (steps.length === 0) return `nothing spent of ${maxExtra}: no step within it saves a rule or a peer`;
  return `${spent} of ${maxExtra} spent in ${bought}, which save${steps.length === 1 ? 's' : ''} ${saved} rules or peers`;
}

/** What becomes of a cluster without the rule, in a few words. */
export function needText({ conversations, backedBy }: RuleNeed): string {
  if (conversations > 0) return `${conversations} conversation${conversations === 1 ? '' : 's'} break`;
  return backedBy.length === 0
    ? 'nothing breaks'
    : `nothing breaks: ${backedBy.join(' and ')} lets it through`;
}
