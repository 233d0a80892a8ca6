import type { GraphEdge, GraphNode } from '#contract/graph.ts';
import type { LiveGraph } from './live-graph.ts';
import { askedBy, endedEdge } from './query.ts';
import { isWithin } from './reach.ts';
import { isShown } from './shown.ts';
import type { Sight } from './view.ts';

/** Which edges and vertices are asked for: by the query bar, and by the reach that is shown. */
export interface Filter {
  readonly isActive: boolean;
  /** Edges that fulfil it. */
  readonly edges: ReadonlySet<number>;
  matches(node: GraphNode): boolean;
  /** Vertices that fulfil it without any edge. */
  readonly alone: ReadonlySet<string>;
}

const NOBODY: ReadonlySet<string> = new Set();

/** The filter of this view over this graph. */
export function filterOf(graph: LiveGraph, sight: Sight): Filter {
  const { reached } = sight;
  const asked = askedBy(sight.query);
  const edges = new Set<number>();
  for (const edge of graph.edgesById.values()) {
    if (!isShown(sight.shown, edge) || !isWithin(reached, edge)) continue;
    const ended = endedEdge(graph, edge.id);
    if (ended !== undefined && asked.matchesEdge(ended)) edges.add(edge.id);
  }
  const isNarrowed = asked.isActive || sight.shown !== 'all';
  const alone = isNarrowed ? NOBODY : (reached?.ids ?? NOBODY);
  return {
    isActive: isNarrowed || reached !== undefined,
    edges,
    matches: (node) => alone.has(node.id) || ((reached?.ids.has(node.id) ?? true) && asked.matchesNode(node)),
    alone,
  };
}

/** What ranks and marks a vertex. */
export interface Facts {
  readonly weight: number;
  readonly isNew: boolean;
}
export type FactsByNode = ReadonlyMap<string, Facts>;

interface Tally {
  weight: number;
  known: number;
  fresh: number;
}

/** How much a vertex deserves to be drawn: what matches first, then findings, denied and new edges, then degree. */
export function factsOf(graph: LiveGraph, filter: Filter): FactsByNode {
  const tallies = new Map<string, Tally>();
  for (const node of graph.nodesById.values()) {
    const bonus = filter.isActive && filter.matches(node) ? MATCH_BONUS : 0;
    tallies.set(node.id, { weight: node.openFindings * 1e4 + bonus, known: 0, fresh: 0 });
  }
  for (const edge of graph.edgesById.values()) {
    const bonus = filter.isActive && filter.edges.has(edge.id) ? MATCH_BONUS : 0;
    count(tallies.get(edge.from), edge, bonus);
    count(tallies.get(edge.to), edge, bonus);
  }
  return new Map(
    [...tallies].map(([id, { weight, known, fresh }]) => [id, { weight, isNew: fresh > 0 && known === 0 }]),
  );
}

const MATCH_BONUS = 1e6;

function count(tally: Tally | undefined, edge: GraphEdge, bonus: number): void {
  if (tally === undefined) return;
  tally.weight += edgeWeight(edge) + bonus;
  if (edge.state === 'new') tally.fresh += 1;
  else tally.known += 1;
}

const edgeWeight = (edge: GraphEdge): number =>
  1 + (edge.denied > 0 ? 100 : 0) + (edge.state === 'new' ? 100 : 0);
