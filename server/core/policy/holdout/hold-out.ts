import type { TrainingWindow } from '#core/baseline/training-window.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { WorkloadId } from '#core/identity/peer.ts';

/** What the policies learnt from the first part would have lost of the rest, and why; most telling first. */
export const LOSS_KINDS = [
  /** An end that was not met before the cut. */
  'new-workload',
  /** Two known workloads that had not talked before. */
  'new-pair',
  /** A known pair on another port. */
  'new-port',
  /** Known before the cut, and held for review on what was known of it then; accepted now. */
  'held-then',
  /** Pods of a known edge whose labels the policies did not know. */
  'new-labels',
  /** An address or name outside that was not met before. */
  'new-outside',
  /** The same, at a port that serves the public. */
  'new-visitor',
] as const;
export type LossKind = (typeof LOSS_KINDS)[number];

/** Why policies learnt from any part of the window would not admit it: more of the same teaches nothing. */
export const STANDING_KINDS = [
  /** Held for review or rejected, then and now. */
  'held',
  /** No NetworkPolicy can name it. */
  'not-expressible',
] as const;
export type StandingKind = (typeof STANDING_KINDS)[number];

/** How many edges, and how many conversations on them. */
export interface HoldOutTally {
  readonly edges: number;
  readonly conversations: number;
}

/** Conversations that would not have passed. */
export interface HoldOutRow extends HoldOutTally {
  readonly kind: LossKind | StandingKind;
  /** `shop/cart[Deployment] => shop/db[StatefulSet] : TCP 5432`; one line for all visitors of a port. */
  readonly line: string;
  /** `some`: other pods or addresses of the edge would have passed, so that the count is the most it can be. */
  readonly extent: 'all' | 'some';
  readonly firstSeenAt: EpochMs;
  /** Ends that are workloads. */
  readonly workloads: readonly WorkloadId[];
  /** One sentence: what the proposal makes of it now. */
  readonly note: string;
}

/**
 * A time-split hold-out: policies learnt from the first part of the training window, judged by the rest. Plain data.
 * Time is kept by the minute, so a conversation belongs to the rest by the minutes it was active in.
 */
export interface HoldOut {
  /** Share of the span that is held out, above 0 and below 1. */
  readonly share: number;
  /** The part of the training window that data exists for. */
  readonly span: TrainingWindow;
  /** A full minute: what was active before it was learnt from. */
  readonly cutAt: EpochMs;
  /** `too-short`: no full minute on both sides of the cut. `nothing-seen`: one of the sides is empty. */
  readonly outcome: 'judged' | 'too-short' | 'nothing-seen';
  /** Let through by the policies, or never governed by one. */
  readonly admitted: HoldOutTally;
  /** What more learning would have saved. */
  readonly lost: HoldOutTally;
  /** What is not admitted whatever is learnt. */
  readonly standing: HoldOutTally;
  /** What the recording does not say enough about, and what a person rejected. */
  readonly unjudged: HoldOutTally;
  readonly rejected: HoldOutTally;
  /** Lost ÷ (admitted + lost) conversations, 0 to 1; 0 when there are none. */
  readonly rate: number;
  /** The lost and the standing ones by kind, those that occur. */
  readonly kinds: readonly (HoldOutTally & { readonly kind: LossKind | StandingKind })[];
  /** Lost ones first, then most conversations; at most {@link ROWS_LISTED}. */
  readonly rows: readonly HoldOutRow[];
  readonly rowsLeftOut: number;
  /** Accepted edges without a minute in the rest: nothing was tested of them. */
  readonly untested: number;
}

/** Rows that are kept; all are counted. */
export const ROWS_LISTED = 200;

/** What the hold-out says of one edge. */
export type EdgeFate = 'survived' | 'lost' | 'untested';
