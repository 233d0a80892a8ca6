import type { BaselineRecord, EdgeDecision } from '#core/baseline/baseline.ts';
import type { Readiness } from '#core/baseline/readiness.ts';
import type { Scope, TrainingWindow } from '#core/baseline/training-window.ts';
import type { Finding, FindingId, FindingState, ProposalAnswer } from '#core/finding/finding.ts';
import type { Coverage } from '#core/flow/coverage.ts';
import type { LiveHealth } from '#core/flow/live-health.ts';
import type { SourceSummary } from '#core/flow/source-summary.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { EdgeEnds, EdgeKey } from '#core/graph/edge.ts';
import type { ServiceGraph } from '#core/graph/service-graph.ts';
import type { SeenWorld } from '#core/identity/seen-pod.ts';
import type { Proposal, ProposalState } from '#core/policy/proposal.ts';
import type { Result } from '#core/result.ts';

/** What one source has delivered so far. */
export interface SourceStatus {
  readonly name: string;
  readonly kind: 'demo' | 'file' | 'hubble';
  readonly state: 'reading' | 'done' | 'failed' | 'live' | 'connecting';
  /** One sentence, when the state is `failed`. */
  readonly problem: string | undefined;
  readonly bytesRead: number;
  readonly bytesTotal: number | undefined;
  readonly summary: SourceSummary;
  /** Of a source that goes on until it is stopped. */
  readonly live?: LiveHealth;
}

/** A proposal with the story of how it came to be. */
export interface ProposalRecord {
  readonly proposal: Proposal;
  readonly state: ProposalState;
  readonly actor: string;
  readonly recordedAt: EpochMs;
}

/** What changed since the last notice. */
export interface WorkspaceChange {
  /** Edges added, changed or removed; look each up in `graph()`. */
  readonly edges: readonly EdgeKey[];
  readonly findings: readonly FindingId[];
  /** A new baseline and proposal took the place of the old ones. */
  readonly isRelearnt: boolean;
}

export type DecideFailure =
  | { readonly code: 'no_baseline' }
  | { readonly code: 'unknown_edge'; readonly edge: string };

export type FindingFailure = { readonly code: 'unknown_finding'; readonly id: string };

/** Who does it, and why: part of every change. */
export interface Because {
  readonly actor: string;
  readonly reason: string;
}

/** Everything the running product knows about one cluster: what the page, the API and the socket show. */
export interface Workspace {
  readonly mode: 'demo' | 'file' | 'live';
  readonly title: string;
  /** The data's own clock: the newest flow seen; 0 while there is none. */
  now(): EpochMs;
  /** True once the first sources are read and the first baseline is learnt, or there is nothing to learn from. */
  isReady(): boolean;
  graph(): ServiceGraph;
  world(): SeenWorld;
  coverage(): Coverage;
  sources(): readonly SourceStatus[];
  scope(): Scope;
  window(): TrainingWindow | undefined;
  baseline(): BaselineRecord | undefined;
  /** How complete a baseline of what was seen so far would be, while the window of the first one is open. */
  readinessSoFar?(): Readiness | undefined;
  /** Newest first. */
  baselines(): readonly BaselineRecord[];
  proposal(): ProposalRecord | undefined;
  /** Newest first. */
  proposals(): readonly ProposalRecord[];
  findings(): readonly Finding[];
  /** Whether the current proposal would admit traffic between these ends. */
  proposalAnswer(ends: EdgeEnds): ProposalAnswer;
  /** A person's word on an edge: makes a new baseline version and a new proposal. */
  decide(
    edge: EdgeKey,
    decision: EdgeDecision,
    because: Because,
  ): Promise<Result<BaselineRecord, DecideFailure>>;
  setFindingState(
    id: FindingId,
    state: FindingState,
    because: Because,
  ): Promise<Result<Finding, FindingFailure>>;
  /** Calls back after changes, until the returned function is called. */
  subscribe(listener: (change: WorkspaceChange) => void): () => void;
}
