/** How complete a baseline is, with its reasons. Never a timer. */
export interface Readiness {
  /** 0 to 1: one minus the estimated share of edge incidences that were not seen, less what was lost. */
  readonly score: number;
  /** Good–Turing estimate of the unseen mass, 0 to 1. */
  readonly unseenMass: number;
  readonly edges: number;
  /** Edges seen in exactly one time window. */
  readonly oneShotEdges: number;
  /** (edge, time window) pairs seen. */
  readonly incidences: number;
  /** Length of one time window of the estimate, in ms. */
  readonly windowMs: number;
  /** Hours of the span in which at least one conversation was seen, and hours in the span. */
  readonly hoursCovered: number;
  readonly hoursInSpan: number;
  /** Share of events lost, 0 to 1. */
  readonly lostShare: number;
  /** Sentences a person can act on, most important first. */
  readonly reasons: readonly string[];
}
