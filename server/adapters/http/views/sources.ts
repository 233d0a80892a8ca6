import type { SourceHealth } from '#contract/source.ts';
import type { BadRecords } from '#core/flow/source-summary.ts';
import { sortedText } from '#core/order.ts';
import type { SourceStatus } from '../../../app/workspace.ts';
import type { Moment } from '../live/moment.ts';
import { setAsideView } from './trust.ts';

/** States in which a node sends no flows. */
const SILENT_NODE_STATES: ReadonlySet<string> = new Set(['NODE_UNAVAILABLE', 'NODE_GONE', 'NODE_ERROR']);

const badView = ({ code, at, count, examples }: BadRecords): SourceHealth['bad'][number] => ({
  code: at === undefined ? code : `${code} at ${at}`,
  count,
  examples: examples.map(({ file, line, what }) => ({ file, line, what })),
});

function liveView(live: SourceStatus['live']): SourceHealth['live'] {
  if (live === undefined) return null;
  const { version, connectedNodes, unavailableNodes, lagMs, lastFlowAt, notices, ...counts } = live;
  return {
    ...counts,
    version: version ?? null,
    connectedNodes: connectedNodes ?? null,
    unavailableNodes: unavailableNodes ?? null,
    lagMs: lagMs ?? null,
    lastFlowAt: lastFlowAt ?? null,
    notices: [...notices],
  };
}

/** Health of one source. `setAside` is counted over all sources together: edges are made after they are merged. */
function sourceView(source: SourceStatus, moment: Moment): SourceHealth {
  const { name, kind, state, problem, bytesRead, bytesTotal, summary } = source;
  const lost = summary.lost.reduce((sum, { count }) => sum + count, 0n);
  const silent = summary.nodeStatus.filter((status) => SILENT_NODE_STATES.has(status.state));
  return {
    name,
    kind,
    state,
    problem: problem ?? null,
    bytesRead,
    bytesTotal: bytesTotal ?? null,
    flows: summary.flows,
    shapes: summary.shapes.map(({ shape, count }) => ({ text: shape, count })),
    bad: summary.bad.map(badView),
    setAside: setAsideView(moment.coverage),
    lostEvents: String(lost),
    nodes: [...summary.nodes],
    silentNodes: sortedText(new Set(silent.map(({ node }) => node))),
    span: summary.span === undefined ? null : { ...summary.span },
    live: liveView(source.live),
  };
}

/** Health of every source. */
export const sourceViews = (moment: Moment): SourceHealth[] =>
  moment.sources.map((source) => sourceView(source, moment));
