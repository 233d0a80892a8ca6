import type { NotAdmittedReason } from '../certificate.ts';
import type { ConfidenceGrade } from '../proposal.ts';

/** What the workloads of a wave have in common; in the order in which waves come. */
export const WAVE_KINDS = [
  /** One well supported policy, to see that the road is open. */
  'canary',
  /** Workloads that nobody was seen to call. */
  'consumers',
  /** Workloads with few clients. */
  'providers',
  /** Workloads with many clients: a mistake there is felt everywhere. */
  'shared',
  /** Closes namespaces, and with them whatever has no policy of its own. */
  'default-deny',
] as const;
export type WaveKind = (typeof WAVE_KINDS)[number];

/** One file to apply. */
export interface RolloutPolicy {
  readonly namespace: string;
  readonly name: string;
  /** Relative to the folder of the cluster. */
  readonly file: string;
  /** `shop/cart[Deployment]`; absent for a namespace's default deny. */
  readonly workload?: string;
  /** That of the weakest of its rules; absent where there is none. */
  readonly confidence?: ConfidenceGrade;
  /** Distinct peers that were seen to call the workload. */
  readonly clients: number;
}

/** A training conversation that stops with a wave: the proposal does not admit it. */
export interface RolloutCut {
  readonly line: string;
  readonly conversations: number;
  readonly reason: NotAdmittedReason | 'unknown';
  readonly note: string;
}

/** A rule of grade C or D: what it admits is thinly supported, and more of its kind may be missing. */
export interface ThinRule {
  /** `shop/cart-b2ca43f0 egress[0]`. */
  readonly rule: string;
  readonly admits: string;
  readonly confidence: ConfidenceGrade;
  readonly needs: string;
}

/** A direction of a workload that a wave closes although nothing was seen in it. */
export interface BlindIsolation {
  readonly workload: string;
  readonly directions: readonly ('ingress' | 'egress')[];
}

/** What the literal evaluator said of the cluster as it stands when a wave is in. */
export interface PrefixJudgement {
  /** Training edges that the whole proposal admits, and conversations on them: all were judged. */
  readonly edges: number;
  readonly conversations: number;
  /** Lines of those that this prefix denies although the whole proposal admits them; empty when the wave is safe. */
  readonly cutMidway: readonly string[];
  /** Lines of those that are denied between two files of the wave and admitted again when it is complete. */
  readonly cutBetweenFiles: readonly string[];
}

/** Conversations of the hold-out that touch a wave's workloads and would have been lost. */
export interface HeldOutLoss {
  readonly edges: number;
  readonly conversations: number;
  /** The first few. */
  readonly lines: readonly string[];
}

/** Policies that are applied together, in this order. */
export interface RolloutWave {
  /** Counts from 1. */
  readonly number: number;
  readonly kinds: readonly WaveKind[];
  /** Some rule is of grade C or D, the hold-out lost something, or not all that was seen is admitted: look first. */
  readonly isDoubtful: boolean;
  readonly policies: readonly RolloutPolicy[];
  readonly cuts: readonly RolloutCut[];
  readonly thinRules: readonly ThinRule[];
  readonly holdOut: HeldOutLoss;
  readonly isolatesBlindly: readonly BlindIsolation[];
  readonly judged: PrefixJudgement;
  /** Commands for a POSIX shell in the folder of the cluster. */
  readonly apply: readonly string[];
  /** Takes this wave back, provided that every later one was taken back before. */
  readonly rollback: readonly string[];
}

/** In which order to apply a proposal, what each step costs, and the way back. Plain data. */
export interface RolloutPlan {
  readonly format: 'bulkhead.rollout/v1';
  readonly cluster: string;
  readonly proposal: string;
  readonly profile: string;
  /** No prefix of the waves cuts a training conversation that the whole proposal admits. */
  readonly isSafe: boolean;
  /** Training edges that name nobody a policy could be asked about (folded addresses): not judged. */
  readonly unjudgedEdges: number;
  readonly waves: readonly RolloutWave[];
}
