import type { BaselineId } from '#core/baseline/baseline.ts';
import type { Brand } from '#core/brand.ts';
import type { DirectionProof } from '#core/flow/direction.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { EdgeKey } from '#core/graph/edge.ts';
import type { WorkloadId } from '#core/identity/peer.ts';
import type { Certificate } from './certificate.ts';
import type { EdgeFate, HoldOut } from './holdout/hold-out.ts';
import type { NetworkPolicy } from './network-policy.ts';
import type { SystemAddOn } from './system/add-on.ts';
import type { ExternalEvidence } from './system/external-evidence.ts';

/** Content hash of the policies and certificate. */
export type ProposalId = Brand<string, 'ProposalId'>;

export const PROPOSAL_STATES = ['draft', 'approved', 'exported', 'superseded'] as const;
export type ProposalState = (typeof PROPOSAL_STATES)[number];

/** How well supported one rule is; A is best. */
export type ConfidenceGrade = 'A' | 'B' | 'C' | 'D';

/** What keeps a rule from a better grade, whatever its points. */
export const CONFIDENCE_CAPS = [
  'single-shot',
  'lost-in-hold-out',
  'one-day',
  'few-runs',
  'one-hour',
  'gone-quiet',
  'few-minutes',
] as const;
export type ConfidenceCap = (typeof CONFIDENCE_CAPS)[number];

/** What a grade was worked out from; a rule shows those of the weakest of its edges. Hours and days are those of UTC. */
export interface ConfidenceParts {
  /** The edge, as one readable line. */
  readonly weakest: string;
  /** Those that passed. */
  readonly conversations: number;
  /** Distinct minutes, hours and days with conversations. */
  readonly minutes: number;
  readonly hours: number;
  readonly days: number;
  /** An end is a Job or CronJob, which shows itself by runs; the first few began in these minutes. */
  readonly isJob: boolean;
  readonly runStarts: readonly EpochMs[];
  /** Outside the cluster nobody reports: there, one observed end is all there can be. */
  readonly ends: 'both' | 'one' | 'only-one-possible';
  readonly proof: DirectionProof | 'none';
  /** A Service that clients addressed leads there. */
  readonly declared: 'service' | 'unknown';
  readonly clientPods: number;
  readonly lastSeenAt: EpochMs;
  /** From then to the end of the data. */
  readonly quietMs: number;
  readonly isSingleShot: boolean;
  readonly holdOut: EdgeFate;
  /** 0 to 5. */
  readonly points: number;
  readonly caps: readonly ConfidenceCap[];
  /** What it needs for a better grade, as the end of "needs: …"; absent when nothing is missing. */
  readonly needs?: string;
}

/** Why a rule exists: the edges behind it, and what a reviewer should know. */
export interface RuleReason {
  readonly direction: 'ingress' | 'egress';
  /** Index into `spec.ingress` or `spec.egress`. */
  readonly index: number;
  readonly edges: readonly EdgeKey[];
  /** Printable, one line. */
  readonly comment: string;
  readonly confidence: ConfidenceGrade;
  /** Absent in proposals of earlier versions. */
  readonly parts?: ConfidenceParts;
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
    | 'conflicting-labels'
    | 'compression-refused'
    | 'port-range';
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
  /** System traffic by name; absent from proposals of earlier versions, like the next. */
  readonly addOns?: readonly SystemAddOn[];
  /** What is known of the outside, by workload. */
  readonly external?: readonly ExternalEvidence[];
  /** What the policies of its first part would have lost of the rest; absent when it was turned off. */
  readonly holdOut?: HoldOut;
}
