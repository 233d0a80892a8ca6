import type { GraphEdge } from '#contract/graph.ts';
import { pictureOf } from './draw.ts';
import { type Geometry, geometryOf, type Rect } from './geometry.ts';
import type { LiveGraph } from './live-graph.ts';
import { groupArrows, type Membership, membershipOf, withHomes } from './membership.ts';
import type { Picture } from './picture.ts';
import { type Placement, withGroups, withMembers } from './placement.ts';
import { type Route, routesOf } from './routes.ts';
import type { Sight } from './view.ts';

/** The map, ready to be drawn: what, where, and how the lines run. */
export interface Scene {
  readonly picture: Picture;
  readonly geometry: Geometry;
  readonly routes: ReadonlyMap<string, Route>;
  readonly membership: Membership;
  /** To be passed to the next scene, so that whatever has a place keeps it. */
  readonly placement: Placement;
}

/** The scene of this graph in this view; the same input gives the same scene. */
export function sceneOf(graph: LiveGraph, view: Sight, previous: Placement): Scene {
  const housed = withHomes(previous, graph);
  const membership = membershipOf(graph, housed);
  const picture = pictureOf(graph, view, membership);
  const placement = placed(housed, graph, { picture, membership });
  const drawn = new Set(picture.vertices.map((vertex) => vertex.id));
  const present = new Set(picture.groups.map(({ group }) => group.id));
  const visible = { ...placement, parts: placement.parts.filter((part) => present.has(part.group)) };
  const geometry = geometryOf(
    visible,
    (group) => view.expanded.has(group),
    (vertex) => drawn.has(vertex),
  );
  return { picture, geometry, routes: routesOf(picture.lines, rectsOf(geometry)), membership, placement };
}

/** Rectangles of everything a line can end at. */
export function rectsOf(geometry: Geometry): ReadonlyMap<string, Rect> {
  const rects = new Map<string, Rect>(geometry.vertices);
  for (const box of geometry.boxes) if (!box.isOpen) rects.set(box.id, box);
  return rects;
}

/**
 * Edges the layout goes by: what is normal, so that the picture is the same before and after an attack. While nothing
 * is known to be normal, all of them.
 */
function ordinary(edges: readonly GraphEdge[]): readonly GraphEdge[] {
  const known = edges.filter(({ state, denied, conversations }) => state !== 'new' && denied < conversations);
  return known.length > 0 ? known : edges;
}

function placed(
  housed: Placement,
  graph: LiveGraph,
  by: { readonly picture: Picture; readonly membership: Membership },
): Placement {
  const edges = ordinary([...graph.edgesById.values()]);
  const groups = by.picture.groups.map(({ group }) => group.id);
  const known = new Set(housed.parts.map((part) => part.group));
  const needsArrows = groups.some((group) => !known.has(group));
  const arrows = needsArrows ? groupArrows(edges, by.membership.groupOfNode) : [];
  let placement = withGroups(housed, groups, arrows);
  for (const { group, isOpen } of by.picture.groups) {
    if (!isOpen) continue;
    const members = by.picture.vertices.filter((vertex) => vertex.group === group.id).map(({ id }) => id);
    const seated = new Set(
      placement.parts.filter((part) => part.group === group.id).flatMap((part) => [...part.slots.keys()]),
    );
    if (members.every((id) => seated.has(id)) && seated.size > 0) continue;
    const inside = edges
      .filter((edge) => by.membership.groupOfNode.get(edge.from) === group.id)
      .map((edge) => ({ from: edge.from, to: edge.to, weight: 1 }));
    placement = withMembers(placement, group.id, { members, arrows: inside });
  }
  return placement;
}
