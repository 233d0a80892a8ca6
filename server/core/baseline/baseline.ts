import type { Brand } from '#core/brand.ts';
import type { Coverage } from '#core/flow/coverage.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { Edge, EdgeKey } from '#core/graph/edge.ts';
import type { SeenWorld } from '#core/identity/seen-pod.ts';
import type { Readiness } from './readiness.ts';
import type { Scope, TrainingWindow } from './training-window.ts';

/** What a person or a rule decided about an edge before a proposal is made. */
export const EDGE_DECISIONS = ['accepted', 'rejected', 'held'] as const;
export type EdgeDecision = (typeof EDGE_DECISIONS)[number];

export interface BaselineEdge {
  readonly edge: Edge;
  readonly decision: EdgeDecision;
  /** One sentence; for a held edge, why a person must look at it. */
  readonly reason: string;
  /** Who decided: `bulkhead` for a rule, else the person. */
  readonly actor: string;
}

/** Content hash of the baseline, so that two equal ones have one id. */
export type BaselineId = Brand<string, 'BaselineId'>;

/** The versioned set of edges accepted as normal for a scope. */
export interface Baseline {
  readonly id: BaselineId;
  /** 1 for the first of its scope; each change of a decision makes a new one. */
  readonly version: number;
  readonly scope: Scope;
  readonly window: TrainingWindow;
  readonly edges: ReadonlyMap<EdgeKey, BaselineEdge>;
  readonly world: SeenWorld;
  readonly coverage: Coverage;
  readonly readiness: Readiness;
}

/** Why and when a baseline came to be; kept beside it, so that the content stays free of clocks. */
export interface BaselineRecord {
  readonly baseline: Baseline;
  readonly actor: string;
  readonly recordedAt: EpochMs;
}
