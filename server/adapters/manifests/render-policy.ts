import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { RuleReason } from '#core/policy/proposal.ts';
import { yamlText } from './yaml-text.ts';

/**
 * One policy as YAML. The reasons become comments above their rules; they say who talks with whom and nothing that
 * changes while the rule stays the same.
 */
export const renderPolicy = (policy: NetworkPolicy, reasons: readonly RuleReason[]): string =>
  yamlText(
    policy,
    reasons.map(({ direction, index, comment }) => ({ path: ['spec', direction, index], text: comment })),
  );

/** A kustomization over these files or folders, in the order given. */
export const renderKustomization = (resources: readonly string[]): string =>
  yamlText({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources });
