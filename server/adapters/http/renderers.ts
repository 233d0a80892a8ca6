import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { NamespaceIsolation, Proposal, ProposedPolicy, RuleReason } from '#core/policy/proposal.ts';

/** How policies and reports become text. Given from outside, so that API and exported files show the same bytes. */
export interface Renderers {
  /** YAML of one policy; the reasons become comments beside the rules. */
  readonly renderPolicy: (policy: NetworkPolicy, reasons: readonly RuleReason[]) => string;
  /** Markdown. */
  readonly renderReport: (proposal: Proposal) => string;
  /** Where an export would put the policy, relative to its folder. */
  readonly pathOf: (policy: ProposedPolicy | NamespaceIsolation, cluster: string) => string;
}
