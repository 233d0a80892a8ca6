import type { GraphEdge, GraphNode } from '#contract/graph.ts';
import { compareText, sortedText } from '#core/order.ts';
import { chosenIn } from './chosen.ts';
import { type FactsByNode, type Filter, factsOf, filterOf } from './facts.ts';
import type { GroupId } from './groups.ts';
import type { LiveGraph } from './live-graph.ts';
import { lineSums, meaningOf } from './meaning.ts';
import type { Membership } from './membership.ts';
import {
  DRAW_LIMITS,
  type DrawnGroup,
  type DrawnLine,
  type DrawnVertex,
  lineId,
  type Picture,
  restId,
} from './picture.ts';
import type { Sight, View } from './view.ts';

/** What the map shows of the graph in this view: at most {@link DRAW_LIMITS}, the rest counted. */
export function pictureOf(graph: LiveGraph, view: Sight, membership: Membership): Picture {
  const filter = filterOf(graph, view);
  const facts = factsOf(graph, filter);
  const shownGroups = rankedGroups(membership, facts);
  const drawn = drawnMembers({ view, membership, facts, room: DRAW_LIMITS.vertices - shownGroups.size });
  const standIn = standInsOf({ view, membership, drawn, shownGroups });
  const lines = linesOf(graph, { filter, standIn });
  const kept = keptLines(lines);
  const chosen = chosenIn(view.selection, { lines: kept, standIn, membership });
  // What is shown of a reach stays as it is while a person looks at one thing after another in it.
  const faded = view.reached === undefined ? chosen : undefined;
  const lit = filter.isActive ? endsOf(graph, filter, standIn) : undefined;
  const isDim = (id: string, matchesItself: boolean): boolean =>
    faded === undefined ? lit !== undefined && !lit.has(id) && !matchesItself : !faded.lit.has(id);
  return {
    groups: drawnGroups(shownGroups, { view, membership, facts, graph, isDim, chosen: chosen?.ids }),
    vertices: drawnVertices(drawn, { membership, facts, filter, isDim, chosen: chosen?.ids }),
    lines: kept.map((line) => ({
      ...line,
      isDim: faded === undefined ? line.isDim : !faded.lines.has(line.id),
      isSelected: chosen?.ids.has(line.id) ?? false,
    })),
    hidden: {
      vertices: drawn.hidden,
      lines: lines.length - kept.length,
      groups: membership.groups.size - shownGroups.size,
    },
    matching: filter.edges.size,
    total: graph.edgesById.size,
  };
}

function rankedGroups(membership: Membership, facts: FactsByNode): ReadonlySet<GroupId> {
  const ids = sortedText(membership.groups.keys());
  if (ids.length <= DRAW_LIMITS.vertices) return new Set(ids);
  const weight = (id: GroupId): number =>
    (membership.membersOf.get(id) ?? []).reduce((sum, node) => sum + (facts.get(node.id)?.weight ?? 0), 0);
  const weights = new Map(ids.map((id) => [id, weight(id)]));
  ids.sort((a, b) => (weights.get(b) ?? 0) - (weights.get(a) ?? 0) || compareText(a, b));
  return new Set(ids.slice(0, DRAW_LIMITS.vertices));
}

interface DrawnMembers {
  readonly byGroup: ReadonlyMap<GroupId, readonly GraphNode[]>;
  readonly restOf: ReadonlyMap<GroupId, number>;
  readonly hidden: number;
}

function drawnMembers(from: {
  readonly view: View;
  readonly membership: Membership;
  readonly facts: FactsByNode;
  readonly room: number;
}): DrawnMembers {
  const open = sortedText([...from.view.expanded].filter((group) => from.membership.groups.has(group)));
  const candidates = open.flatMap((group) =>
    (from.membership.membersOf.get(group) ?? []).map((node) => ({ group, node })),
  );
  const weight = (id: string): number => from.facts.get(id)?.weight ?? 0;
  const isTight = candidates.length > from.room;
  if (isTight) {
    candidates.sort((a, b) => weight(b.node.id) - weight(a.node.id) || compareText(a.node.id, b.node.id));
  }
  const kept = isTight ? candidates.slice(0, Math.max(from.room - open.length, 0)) : candidates;
  const byGroup = new Map<GroupId, GraphNode[]>(open.map((group) => [group, []]));
  for (const { group, node } of kept) byGroup.get(group)?.push(node);
  const restOf = new Map<GroupId, number>();
  for (const [group, nodes] of byGroup) {
    const rest = (from.membership.membersOf.get(group)?.length ?? 0) - nodes.length;
    if (rest > 0) restOf.set(group, rest);
  }
  return { byGroup, restOf, hidden: candidates.length - kept.length };
}

/** The drawn thing that stands for each vertex: itself, the rest of its group, or its closed group. */
function standInsOf(from: {
  readonly view: View;
  readonly membership: Membership;
  readonly drawn: DrawnMembers;
  readonly shownGroups: ReadonlySet<GroupId>;
}): ReadonlyMap<string, string> {
  const standIn = new Map<string, string>();
  for (const [node, group] of from.membership.groupOfNode) {
    if (!from.shownGroups.has(group)) continue;
    standIn.set(node, from.view.expanded.has(group) ? restId(group) : group);
  }
  for (const nodes of from.drawn.byGroup.values()) {
    for (const node of nodes) standIn.set(node.id, node.id);
  }
  return standIn;
}

function linesOf(
  graph: LiveGraph,
  by: { readonly filter: Filter; readonly standIn: ReadonlyMap<string, string> },
): readonly DrawnLine[] {
  const bundles = new Map<string, { from: string; to: string; edges: GraphEdge[] }>();
  for (const edge of graph.edgesById.values()) {
    const from = by.standIn.get(edge.from);
    const to = by.standIn.get(edge.to);
    if (from === undefined || to === undefined || (from === to && from !== edge.from)) continue;
    const id = lineId(from, to);
    const bundle = bundles.get(id);
    if (bundle === undefined) bundles.set(id, { from, to, edges: [edge] });
    else bundle.edges.push(edge);
  }
  return sortedText(bundles.keys()).flatMap((id) => {
    const bundle = bundles.get(id);
    return bundle === undefined ? [] : [lineOf(id, bundle, by.filter)];
  });
}

function lineOf(
  id: string,
  bundle: { readonly from: string; readonly to: string; readonly edges: readonly GraphEdge[] },
  filter: Filter,
): DrawnLine {
  const sums = lineSums(bundle.edges);
  return {
    id,
    ...bundle,
    meaning: meaningOf(bundle.edges, sums),
    sums,
    isDim: filter.isActive && !bundle.edges.some((edge) => filter.edges.has(edge.id)),
    isSelected: false,
  };
}

function keptLines(lines: readonly DrawnLine[]): readonly DrawnLine[] {
  if (lines.length <= DRAW_LIMITS.lines) return lines;
  const weight = ({ isDim, sums }: DrawnLine): number =>
    (isDim ? 0 : 1e9) + sums.findings * 1e6 + (sums.denied + sums.newEdges) * 1e3 + sums.ratePerMinute;
  return [...lines]
    .sort((a, b) => weight(b) - weight(a) || compareText(a.id, b.id))
    .slice(0, DRAW_LIMITS.lines)
    .sort((a, b) => compareText(a.id, b.id));
}

/** What stands for the ends of matching edges, edges inside a closed group included, and for who needs no edge. */
function endsOf(graph: LiveGraph, filter: Filter, standIn: ReadonlyMap<string, string>): ReadonlySet<string> {
  const ends = new Set([...filter.alone].map((id) => standIn.get(id) ?? id));
  for (const id of filter.edges) {
    const edge = graph.edgesById.get(id);
    for (const end of edge === undefined ? [] : [edge.from, edge.to]) ends.add(standIn.get(end) ?? end);
  }
  return ends;
}

type IsDim = (id: string, matchesItself: boolean) => boolean;

function drawnGroups(
  shown: ReadonlySet<GroupId>,
  by: {
    readonly view: View;
    readonly membership: Membership;
    readonly facts: FactsByNode;
    readonly graph: LiveGraph;
    readonly isDim: IsDim;
    readonly chosen: ReadonlySet<string> | undefined;
  },
): readonly DrawnGroup[] {
  const inside = new Map<GroupId, number>();
  for (const edge of by.graph.edgesById.values()) {
    const group = by.membership.groupOfNode.get(edge.from);
    if (group !== undefined && group === by.membership.groupOfNode.get(edge.to)) {
      inside.set(group, (inside.get(group) ?? 0) + 1);
    }
  }
  return sortedText(shown).flatMap((id) => {
    const group = by.membership.groups.get(id);
    const members = by.membership.membersOf.get(id) ?? [];
    if (group === undefined) return [];
    const isOpen = by.view.expanded.has(id);
    return [
      {
        group,
        isOpen,
        members: members.length,
        insideEdges: inside.get(id) ?? 0,
        findings: members.reduce((sum, node) => sum + node.openFindings, 0),
        isNew: members.length > 0 && members.every((node) => by.facts.get(node.id)?.isNew === true),
        isDim: !isOpen && by.isDim(id, false),
        isSelected: by.chosen?.has(id) ?? false,
      },
    ];
  });
}

function drawnVertices(
  drawn: DrawnMembers,
  by: {
    readonly membership: Membership;
    readonly facts: FactsByNode;
    readonly filter: Filter;
    readonly isDim: IsDim;
    readonly chosen: ReadonlySet<string> | undefined;
  },
): readonly DrawnVertex[] {
  const vertices = [...drawn.byGroup].flatMap(([group, nodes]) =>
    nodes.map((node) => ({
      id: node.id,
      group,
      node,
      stands: 1,
      findings: node.openFindings,
      isNew: by.facts.get(node.id)?.isNew ?? false,
      isDim: by.isDim(node.id, by.filter.matches(node)),
      isSelected: by.chosen?.has(node.id) ?? false,
    })),
  );
  const rests = [...drawn.restOf].map(([group, stands]) => ({
    id: restId(group),
    group,
    node: undefined,
    stands,
    findings: 0,
    isNew: false,
    isDim: by.isDim(restId(group), false),
    isSelected: false,
  }));
  return [...vertices, ...rests];
}
