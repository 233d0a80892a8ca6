import type { Brand } from '#core/brand.ts';
import type { Flow } from '#core/flow/flow.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { EdgeEnds, EdgeKey } from '#core/graph/edge.ts';

export type FindingId = Brand<string, 'FindingId'>;

export const FINDING_KINDS = ['new-edge', 'new-port', 'denied-attempt', 'gone-silent', 'fan-out'] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export const FINDING_STATES = ['open', 'acknowledged', 'resolved', 'suppressed'] as const;
export type FindingState = (typeof FINDING_STATES)[number];

export const SEVERITIES = ['info', 'low', 'medium', 'high'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Whether the proposal would have stopped it: the evaluator's answer, or why there is none. */
export type ProposalAnswer = 'would-block' | 'would-admit' | 'not-covered' | 'no-proposal';

/** A stored fact about drift, with a lifecycle. */
export interface Finding {
  readonly id: FindingId;
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly state: FindingState;
  readonly edge: EdgeKey;
  readonly ends: EdgeEnds;
  readonly title: string;
  /** Why it is new, how sure that is, and what to do: plain sentences. */
  readonly explanation: string;
  /** The baseline edge most like it, as a readable line. */
  readonly nearestKnown: string | undefined;
  readonly proposalAnswer: ProposalAnswer;
  readonly conversations: number;
  readonly firstSeenAt: EpochMs;
  readonly lastSeenAt: EpochMs;
  /** The first flow, as evidence; undefined for an edge that went silent before this process saw it. */
  readonly sample: Flow | undefined;
}
