import type { GraphSnapshot } from '#contract/graph.ts';
import { sortedBy } from '#core/order.ts';
import { minuteViews } from '../live/minutes.ts';
import type { Moment } from '../live/moment.ts';
import { edgeView } from './edges.ts';
import { nodeViews } from './nodes.ts';
import { trustView } from './trust.ts';

/** The whole picture without its sequence number: who numbers the deltas adds it. */
export function pictureView(moment: Moment): Omit<GraphSnapshot, 'seq'> {
  const { graph, window } = moment;
  return {
    now: moment.now,
    mode: moment.mode,
    span: graph.span === undefined ? null : { ...graph.span },
    title: moment.title,
    trainingWindow: window === undefined ? null : { from: window.from, until: window.until },
    nodes: [...nodeViews(moment).values()],
    edges: sortedBy(graph.edges.values(), ({ key }) => key).map((edge) => edgeView(edge, moment)),
    minutes: minuteViews(moment),
    trust: trustView(moment),
  };
}
