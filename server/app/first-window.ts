import type { Readiness } from '#core/baseline/readiness.ts';
import { readinessOf } from '#core/baseline/readiness-of.ts';
import { type Scope, type TrainingWindow, touchesScope } from '#core/baseline/training-window.ts';
import type { Coverage } from '#core/flow/coverage.ts';
import type { ServiceGraph } from '#core/graph/service-graph.ts';

/** What will be learnt from once its window closes. */
export interface TrainingPlan {
  readonly scope: Scope;
  /** From the first flow to the instant at which learning begins. */
  readonly window: TrainingWindow;
}

/** Edges are looked at again after this many more flows only: readiness moves slowly, and pages ask often. */
const FLOWS_BETWEEN = 2000;

/** The training window that is still open, and how complete a baseline of what it holds so far would be. */
export class FirstWindow {
  #plan: TrainingPlan | undefined = undefined;
  #readiness: { readonly value: Readiness; readonly flows: number } | undefined = undefined;

  get plan(): TrainingPlan | undefined {
    return this.#plan;
  }

  expect(plan: TrainingPlan): void {
    this.#plan = plan;
  }

  /** Undefined without a plan. Costs a pass over the graph once in a while; else it is the answer from before. */
  readiness(graph: ServiceGraph, coverage: Coverage): Readiness | undefined {
    if (this.#plan === undefined) return undefined;
    const { scope, window } = this.#plan;
    const before = this.#readiness;
    const isFresh = before !== undefined && coverage.flows - before.flows < FLOWS_BETWEEN;
    if (isFresh && before.flows > FLOWS_BETWEEN) return before.value;
    const seen = [...graph.edges.values()].filter(({ from, to }) => touchesScope(scope, from, to));
    const value = readinessOf(seen, window, coverage);
    this.#readiness = { value, flows: coverage.flows };
    return value;
  }
}
