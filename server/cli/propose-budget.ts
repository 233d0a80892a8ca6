import { describePeer } from '#core/identity/peer.ts';
import type { BudgetStep, Certificate } from '#core/policy/certificate.ts';
import { budgetText, minimalityText, needText } from '#core/policy/describe-minimality.ts';
import { firstLines, plural, printable, UsageError } from './terminal.ts';

/** Steps and rules that a terminal shows; REPORT.md has all. */
const ROWS_SHOWN = 10;

/** A budget larger than this is none: no reader goes through what it admits. */
const LARGEST_BUDGET = 10_000;

/** The budget that `--max-extra` names. Throws {@link UsageError} for what is no number of extras. */
export function maxExtraOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const budget = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (budget <= LARGEST_BUDGET) return budget;
  throw new UsageError(
    `--max-extra ${printable(text)} is no number of extras: write a whole number from 0 (none) to ${LARGEST_BUDGET}.`,
  );
}

const shortened = (lines: readonly string[], what: string): readonly string[] =>
  firstLines(lines, ROWS_SHOWN, (hidden) => `  and ${plural(hidden, what)} more (see REPORT.md)`);

function stepLine({ workload, direction, what, saved, extra }: BudgetStep): string {
  const who = describePeer({ kind: 'workload', id: workload });
  return `  ${who} ${direction} ${what}: saves ${saved}, admits ${plural(extra, 'extra')}`;
}

/** How few rules do, those that could go, and what a budget of extras bought; for a terminal. */
export function minimalityLines({ minimality, budget }: Certificate): readonly string[] {
  const spare = (minimality?.rules ?? []).filter(({ conversations }) => conversations === 0);
  const spareLines = spare.map((need) => `  ${need.rule}: ${needText(need)}`);
  return [
    ...(minimality === undefined ? [] : [`minimality: ${minimalityText(minimality)}`]),
    ...shortened(spareLines, 'rule'),
    ...(budget === undefined ? [] : [`budget of extras: ${budgetText(budget)}`]),
    ...shortened((budget?.steps ?? []).map(stepLine), 'step'),
  ];
}

/** The same as plain data. */
export const minimalityJson = ({ minimality, budget }: Certificate) => ({
  minimality: minimality ?? null,
  budget: budget ?? null,
});
