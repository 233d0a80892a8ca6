import type { AllowingRule } from '#core/policy/blast/verdict-bench.ts';
import { describeWrittenRule, rulesOf } from '#core/policy/explain/describe-rule.ts';
import { joinedReasons, type Reason } from '#core/policy/exposure/rules-between.ts';
import { ruleText, type Sources } from '../app/policy-questions/placed-policies.ts';
import { shortLine } from './short-line.ts';
import { plural } from './terminal.ts';

const SHOWN_RULES = 4;

/** What a rule says, whatever policy it stands in. */
function wordsOf({ policy, direction, rule }: AllowingRule): string {
  const written = rulesOf(policy, direction)[rule];
  return `${direction} ${written === undefined ? '' : describeWrittenRule(written, direction)}`;
}

/** The same text where rules say the same, even in several policies. */
export const reasonKey = ({ isIsolated, rules, isConfirmed }: Reason): string =>
  JSON.stringify([isIsolated, isConfirmed, [...new Set(rules.map(wordsOf))].sort()]);

/** Things of one key together, the largest group first. */
export function groupedLargestFirst<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): readonly (readonly Item[])[] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const own = groups.get(keyOf(item));
    if (own === undefined) groups.set(keyOf(item), [item]);
    else own.push(item);
  }
  return [...groups.values()].sort((a, b) => b.length - a.length);
}

/** The rules of several reasons that say the same: one of each wording, with the number of those like it. */
export function reasonLines(reasons: readonly Reason[], sources: Sources, open: string): readonly string[] {
  const { isIsolated, rules, isConfirmed } = joinedReasons(reasons);
  const doubt = isConfirmed ? [] : ['the literal evaluator does not confirm it: please report this'];
  if (!isIsolated) return [open, ...doubt];
  const wordings = groupedLargestFirst(rules, wordsOf);
  const lines = wordings.slice(0, SHOWN_RULES).map(([first, ...others]) => {
    const like = others.length === 0 ? '' : `; and ${plural(others.length, 'rule')} like it`;
    return first === undefined ? '' : `by ${shortLine(ruleText(first, sources))}${like}`;
  });
  const hidden = wordings.length - SHOWN_RULES;
  return [...lines, ...(hidden > 0 ? [`and by ${plural(hidden, 'more rule')}`] : []), ...doubt];
}
