import type { TrainingWindow } from '#core/baseline/training-window.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { CertificateTotals } from '../certificate.ts';
import type { PlacedPolicy } from '../cluster/cluster-model.ts';
import type { PolicyDirection } from '../literal/verdict.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { Proposal } from '../proposal.ts';
import type { ReplayResult } from '../replay/replay.ts';
import type { KeptPolicy } from './mix.ts';
import type { RuleUse } from './rule-use.ts';

/**
 * `perhaps`: nothing seen certainly needed it, and the recording leaves open whether something did. `unseen`: none of
 * the pods that its policy governs is in the flows, so that they say nothing about it.
 */
export const RULE_STATUSES = ['used', 'unused', 'perhaps', 'unseen'] as const;
export type RuleStatus = (typeof RULE_STATUSES)[number];

/** What a rule admits that the proposal does not. */
export interface TooWide {
  /** Ports counted one by one, an address range as one. */
  readonly cells: number;
  /** Pairs of a workload and somebody else. */
  readonly pairs: number;
  /** The widest first; each confirmed by the literal evaluator: `from shop/web[Deployment] to shop/db[StatefulSet] : TCP 1-5431`. */
  readonly examples: readonly string[];
  /** The proposal's rules for what this one was seen to let through, as `shop/db-1a2b ingress[0], from … on …`. */
  readonly instead: readonly string[];
}

export interface RuleReview {
  readonly direction: PolicyDirection;
  /** Index in `spec.ingress` or `spec.egress`. */
  readonly rule: number;
  readonly text: string;
  readonly status: RuleStatus;
  readonly use: RuleUse;
  /** Undefined when it admits nothing that the proposal does not. */
  readonly tooWide: TooWide | undefined;
}

/** `replaced`: a new policy has its name, so that applying that is enough. */
export const POLICY_FATES = ['kept', 'removed', 'replaced'] as const;
export type PolicyFate = (typeof POLICY_FATES)[number];

export interface PolicyReview {
  readonly placed: PlacedPolicy;
  readonly fate: PolicyFate;
  /** Set when it admits too much and stays. */
  readonly keptBecause: Omit<KeptPolicy, 'policy'> | undefined;
  /** Workloads it governs that were seen. */
  readonly governs: readonly string[];
  readonly rules: readonly RuleReview[];
}

/** Conversations of a workload in a direction in which no existing policy isolates it. */
export interface UngovernedSide {
  readonly workload: string;
  readonly direction: PolicyDirection;
  readonly edges: number;
  readonly conversations: number;
}

/** What the literal evaluator says of the policies as they would be. */
export interface MixProof {
  /** Observed conversations that existing and proposed policies together admit, and edges that carried them. */
  readonly conversations: number;
  readonly edges: number;
  /** Those of them that would not be admitted; empty, or there is a fault. */
  readonly lost: readonly string[];
  readonly existing: CertificateTotals;
  readonly proposal: CertificateTotals;
  readonly mix: CertificateTotals;
  readonly policies: number;
}

/** What an existing set of policies is to a proposal. */
export interface ExistingReview {
  readonly window: TrainingWindow;
  readonly trainedUntil: EpochMs;
  /** Those that are about the scope, by name. */
  readonly policies: readonly PolicyReview[];
  /** About namespaces or workloads that the scope leaves out: neither judged nor touched. */
  readonly outOfScope: readonly PlacedPolicy[];
  /** What they would have blocked of what passed. */
  readonly blocked: ReplayResult['blocked'];
  readonly unjudged: ReplayResult['unjudged'];
  readonly ungoverned: readonly UngovernedSide[];
  /** Workloads of the proposal for which nothing has to be written. */
  readonly asTight: readonly string[];
  /** Workloads that existing policies leave wider on their own side than the proposal would, whoever the other end is. */
  readonly tooWide: readonly string[];
  /** Those of them of which that still holds afterwards, since the policies have to stay. */
  readonly stillWide: readonly string[];
  readonly proof: MixProof;
  /** In the place of the proposal: only what has to be applied, certified together with the policies that stay. */
  readonly proposal: Proposal;
  /** Existing policies that stay, as the certificate counts on them. */
  readonly stay: readonly NetworkPolicy[];
}
