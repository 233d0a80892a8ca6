import type { GraphEdge, GraphNode } from '#contract/graph.ts';
import { filterOf } from './facts.ts';
import type { LiveGraph } from './live-graph.ts';
import { endedEdge } from './query.ts';
import type { Sight } from './view.ts';

/** One row of the table: an edge with the names of its ends. */
export interface EdgeTableRow {
  readonly edge: GraphEdge;
  readonly from: string;
  readonly to: string;
}

const nameOf = ({ namespace, label }: GraphNode): string =>
  namespace === undefined ? label : `${namespace}/${label}`;

/** Every edge that the filters of the view let through, in order of its number. */
export function edgeRowsOf(graph: LiveGraph, view: Sight): readonly EdgeTableRow[] {
  const { edges } = filterOf(graph, view);
  return [...edges].flatMap((id) => {
    const ended = endedEdge(graph, id);
    return ended === undefined ? [] : [{ edge: ended.edge, from: nameOf(ended.from), to: nameOf(ended.to) }];
  });
}
