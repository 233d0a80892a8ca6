import type { BaselineId } from '#core/baseline/baseline.ts';
import type { Brand } from '#core/brand.ts';
import type { EdgeKey } from '#core/graph/edge.ts';
import type { WorkloadId } from '#core/identity/peer.ts';
import type { Certificate } from './certificate.ts';
import type { NetworkPolicy } from './network-policy.ts';

/** Content hash of the policies and certificate. */
export type ProposalId = Brand<string, 'ProposalId'>;

export const PROPOSAL_STATES = ['draft', 'approved', 'exported', 'superseded'] as const;
export type ProposalState = (typeof PROPOSAL_STATES)[number];

/** How well supported one rule is; A is best. */
export type ConfidenceGrade = 'A' | 'B' | 'C' | 'D';

/** Why a rule exists: the edges behind it, and what a reviewer should know. */
export interface RuleReason {
  readonly direction: 'ingress' | 'egress';
  /** Index into `spec.ingress` or `spec.egress`. */
  readonly index: number;
  readonly edges: readonly EdgeKey[];
  /** Printable, one line. */
  readonly comment: string;
  readonly confidence: ConfidenceGrade;
}

/** One workload's policy with its reasons. */
export interface ProposedPolicy {
  readonly workload: WorkloadId;
  readonly policy: NetworkPolicy;
  readonly reasons: readonly RuleReason[];
  readonly warnings: readonly ProposalWarning[];
}

/** Something a reviewer must know about a proposal; `code` is stable, `message` is for people. */
export interface ProposalWarning {
  readonly code:
    | 'selector-collision'
    | 'version-in-selector'
    | 'no-stable-selector'
    | 'external-still-growing'
    | 'public-listener'
    | 'isolated-without-evidence'
    | 'direction-without-evidence'
    | 'held-edges'
    | 'ephemeral-port'
    | 'conflicting-labels';
  readonly workload?: WorkloadId;
  readonly message: string;
}

/** Default deny for a namespace, exported apart so that it can be applied last. */
export interface NamespaceIsolation {
  readonly namespace: string;
  readonly policy: NetworkPolicy;
  /** Workloads that this isolates although nothing was seen of them in one or both directions. */
  readonly isolatesWithoutEvidence: readonly WorkloadId[];
}

/** Versioned policies with reasons and certificate. */
export interface Proposal {
  readonly id: ProposalId;
  readonly baseline: BaselineId;
  readonly policies: readonly ProposedPolicy[];
  readonly isolation: readonly NamespaceIsolation[];
  readonly warnings: readonly ProposalWarning[];
  readonly certificate: Certificate;
}
