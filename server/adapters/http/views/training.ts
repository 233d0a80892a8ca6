import type { BaselineDetail, BaselineSummary, ReadinessView, Training } from '#contract/learning.ts';
import { type BaselineRecord, EDGE_DECISIONS, type EdgeDecision } from '#core/baseline/baseline.ts';
import type { Readiness } from '#core/baseline/readiness.ts';
import { touchesScope } from '#core/baseline/training-window.ts';
import { describeEdge } from '#core/graph/edge.ts';
import { sortedBy } from '#core/order.ts';
import { recordOf } from '#core/record.ts';
import type { Moment } from '../live/moment.ts';

const readinessView = (readiness: Readiness): ReadinessView => ({
  ...readiness,
  reasons: [...readiness.reasons],
});

/** A baseline in figures. */
export function baselineSummaryView({ baseline, actor, recordedAt }: BaselineRecord): BaselineSummary {
  const decisions: Record<EdgeDecision, number> = recordOf(EDGE_DECISIONS, () => 0);
  for (const { decision } of baseline.edges.values()) decisions[decision] += 1;
  return {
    id: baseline.id,
    version: baseline.version,
    recordedAt,
    actor,
    cluster: baseline.scope.cluster,
    namespaces: [...baseline.scope.namespaces],
    window: { from: baseline.window.from, until: baseline.window.until },
    ...decisions,
    readiness: readinessView(baseline.readiness),
  };
}

/** A baseline with its edges and what was decided about each. */
export function baselineDetailView(record: BaselineRecord): BaselineDetail {
  const edges = sortedBy(record.baseline.edges, ([key]) => key);
  return {
    ...baselineSummaryView(record),
    edges: edges.map(([key, { edge, decision, reason, actor }]) => ({
      key,
      line: describeEdge(edge),
      decision,
      reason,
      actor,
      conversations: edge.conversations.total,
    })),
  };
}

/** What is being learnt, and how complete it is. */
export function trainingView(moment: Moment): Training {
  const { baseline, graph, scope, window } = moment;
  const unlearnt = [...graph.edges.values()].filter(
    (edge) => touchesScope(scope, edge.from, edge.to) && baseline?.baseline.edges.has(edge.key) !== true,
  );
  return {
    window: window === undefined ? null : { from: window.from, until: window.until },
    cluster: scope.cluster,
    namespaces: [...scope.namespaces],
    baseline: baseline === undefined ? null : baselineSummaryView(baseline),
    soFar: moment.readinessSoFar === undefined ? null : readinessView(moment.readinessSoFar),
    unlearntEdges: unlearnt.length,
  };
}
