import { sortedBy, sortedText } from '#core/order.ts';
import type { Minimality, RuleNeed } from '../certificate.ts';
import type { ProposedPolicy } from '../proposal.ts';
import type { RuleBound } from './rule-bound.ts';
import { type Reliance, ruleName } from './rule-reliance.ts';

/** What the needs of rules are worked out from. */
export interface MinimalityRequest {
  readonly policies: readonly ProposedPolicy[];
  readonly reliance: readonly Reliance[];
  /** Conversations of each edge that the reliance names by index. */
  readonly conversations: readonly number[];
  readonly bounds: readonly RuleBound[];
}

function needOf(rule: string, relying: readonly Reliance[], conversations: readonly number[]): RuleNeed {
  const broken = new Set(
    relying.filter(({ rules }) => rules.length === 1).flatMap(({ edges }) => [...edges]),
  );
  const backing = new Set(relying.flatMap(({ rules }) => rules).filter((other) => other !== rule));
  return {
    rule,
    edges: broken.size,
    conversations: [...broken].reduce((sum, index) => sum + (conversations[index] ?? 0), 0),
    backedBy: broken.size > 0 ? [] : sortedText(backing),
  };
}

function relianceByRule(reliance: readonly Reliance[]): ReadonlyMap<string, readonly Reliance[]> {
  const byRule = new Map<string, Reliance[]>();
  for (const each of reliance) {
    for (const rule of each.rules) {
      const known = byRule.get(rule);
      if (known === undefined) byRule.set(rule, [each]);
      else known.push(each);
    }
  }
  return byRule;
}

/** For each rule what would break without it, and how few rules there could be. */
export function minimalityOf({ policies, reliance, conversations, bounds }: MinimalityRequest): Minimality {
  const byRule = relianceByRule(reliance);
  const counts = new Map<string, number>();
  const rules = policies.flatMap(({ workload, policy, reasons }) =>
    reasons.map(({ direction, index }) => {
      const key = `${workload}|${direction}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      const rule = ruleName(policy, direction, index);
      return needOf(rule, byRule.get(rule) ?? [], conversations);
    }),
  );
  const atLeast = bounds.reduce((sum, bound) => sum + bound.atLeast, 0);
  const above = bounds
    .map((bound) => ({ ...bound, rules: counts.get(`${bound.workload}|${bound.direction}`) ?? 0 }))
    .filter((bound) => bound.rules > bound.atLeast);
  return {
    rules: sortedBy(rules, ({ rule }) => rule),
    redundant: rules.filter(({ edges }) => edges === 0).length,
    ruleCount: rules.length,
    atLeast,
    above: sortedBy(above, ({ workload, direction }) => `${workload}|${direction}`),
  };
}
