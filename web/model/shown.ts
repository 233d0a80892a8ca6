import type { GraphEdge } from '#contract/graph.ts';

/** Which edges are drawn in full; the rest fade. */
export const SHOWN = ['all', 'denied', 'new', 'blocked'] as const;
export type Shown = (typeof SHOWN)[number];

/** True when the edge is of the kind asked for. */
export function isShown(shown: Shown, edge: GraphEdge): boolean {
  switch (shown) {
    case 'denied':
      return edge.denied > 0;
    case 'new':
      return edge.state === 'new';
    case 'blocked':
      return edge.admitted === 'blocked';
    default:
      return true;
  }
}
