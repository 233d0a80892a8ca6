import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { RuleReason } from '#core/policy/proposal.ts';

/** `shop/cart-deployment egress[0]`: how API and certificate name one rule of a policy. */
export const ruleName = (policy: NetworkPolicy, rule: Pick<RuleReason, 'direction' | 'index'>): string =>
  `${policy.metadata.namespace ?? 'default'}/${policy.metadata.name} ${rule.direction}[${rule.index}]`;
