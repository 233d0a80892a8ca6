import { sortedText } from '#core/order.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { ProposedPolicy, RuleReason } from '../proposal.ts';
import { type Reliance, ruleName } from './rule-reliance.ts';

type Groups = readonly ReadonlySet<string>[];

/** Rules that only ever let through what other rules of the same policy let through as well, the last first. */
function needlessOf({ policy, reasons }: ProposedPolicy, groups: Groups): ReadonlySet<string> {
  const own = new Set(reasons.map(({ direction, index }) => ruleName(policy, direction, index)));
  const gone = new Set<string>();
  for (const rule of [...own].reverse()) {
    const relying = groups.filter((group) => group.has(rule));
    const isCovered = relying.every((group) =>
      [...group].some((other) => other !== rule && own.has(other) && !gone.has(other)),
    );
    if (relying.length > 0 && isCovered) gone.add(rule);
  }
  return gone;
}

/** A reason takes over the edges of the rules that it made needless, and says so. */
function takeOver(reason: RuleReason, dropped: readonly RuleReason[]): RuleReason {
  if (dropped.length === 0) return reason;
  const comments = dropped.map(({ comment }) => comment).join('; ');
  const edges = sortedText(new Set([reason, ...dropped].flatMap((each) => each.edges)));
  return { ...reason, edges, comment: `${reason.comment}; covers ${comments}` };
}

function specWithout(
  { spec }: NetworkPolicy,
  kept: { readonly ingress: ReadonlySet<number>; readonly egress: ReadonlySet<number> },
): NetworkPolicy['spec'] {
  const { ingress, egress, ...rest } = spec;
  const left = {
    ingress: (ingress ?? []).filter((_, index) => kept.ingress.has(index)),
    egress: (egress ?? []).filter((_, index) => kept.egress.has(index)),
  };
  return {
    ...rest,
    ...(left.ingress.length > 0 ? { ingress: left.ingress } : {}),
    ...(left.egress.length > 0 ? { egress: left.egress } : {}),
  };
}

function without(proposed: ProposedPolicy, groups: Groups): ProposedPolicy {
  const { policy, reasons } = proposed;
  const nameOf = ({ direction, index }: RuleReason): string => ruleName(policy, direction, index);
  const gone = needlessOf(proposed, groups);
  if (gone.size === 0) return proposed;
  const kept = reasons.filter((reason) => !gone.has(nameOf(reason)));
  const dropped = reasons.filter((reason) => gone.has(nameOf(reason)));
  const coverOf = (reason: RuleReason): RuleReason | undefined =>
    kept.find((each) => groups.some((group) => group.has(nameOf(reason)) && group.has(nameOf(each))));
  const renumbered = (['ingress', 'egress'] as const).flatMap((direction) =>
    kept
      .filter((reason) => reason.direction === direction)
      .map((reason, index) => ({
        ...takeOver(
          reason,
          dropped.filter((each) => coverOf(each) === reason),
        ),
        index,
      })),
  );
  const indexes = (direction: RuleReason['direction']): ReadonlySet<number> =>
    new Set(kept.filter((reason) => reason.direction === direction).map(({ index }) => index));
  const spec = specWithout(policy, { ingress: indexes('ingress'), egress: indexes('egress') });
  return { ...proposed, policy: { ...policy, spec }, reasons: renumbered };
}

/**
 * Takes out of each policy the rules without which every seen connection still passes by another rule of that policy.
 * A rule that only another policy backs up stays: the two would hang on labels that happen to be shared.
 */
export function withoutNeedless(
  policies: readonly ProposedPolicy[],
  reliance: readonly Reliance[],
): readonly ProposedPolicy[] {
  const groups = reliance.filter(({ rules }) => rules.length > 1).map(({ rules }) => new Set(rules));
  const alone = reliance.filter(({ rules }) => rules.length === 1).map(({ rules }) => new Set(rules));
  const contested = new Set(groups.flatMap((group) => [...group]));
  const isContested = ({ policy, reasons }: ProposedPolicy): boolean =>
    reasons.some(({ direction, index }) => contested.has(ruleName(policy, direction, index)));
  return policies.map((each) => (isContested(each) ? without(each, [...groups, ...alone]) : each));
}
