import type { GraphEdge, GraphNode } from '#contract/graph.ts';
import type { Group, GroupId } from './groups.ts';
import type { LineSums, Meaning } from './meaning.ts';

/** Most things drawn at once: vertices and boxes, and lines. */
export const DRAW_LIMITS = { vertices: 200, lines: 1000 } as const;

/** A workload, an outside peer, or the rest of an opened group that was not drawn one by one. */
export interface DrawnVertex {
  readonly id: string;
  readonly group: GroupId;
  /** Undefined for the rest of a group. */
  readonly node: GraphNode | undefined;
  /** Vertices it stands for: 1, or how many the rest is. */
  readonly stands: number;
  readonly findings: number;
  readonly isNew: boolean;
  readonly isDim: boolean;
  readonly isSelected: boolean;
}

/** A group's box, closed or opened. */
export interface DrawnGroup {
  readonly group: Group;
  readonly isOpen: boolean;
  readonly members: number;
  /** Edges with both ends inside. */
  readonly insideEdges: number;
  readonly findings: number;
  readonly isNew: boolean;
  readonly isDim: boolean;
  readonly isSelected: boolean;
}

/** All edges from one drawn thing to another. Ends are ids of vertices, or of closed groups. */
export interface DrawnLine {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly edges: readonly GraphEdge[];
  readonly meaning: Meaning;
  readonly sums: LineSums;
  readonly isDim: boolean;
  readonly isSelected: boolean;
}

/** What was left out, so that the page can say so. */
export interface Hidden {
  readonly vertices: number;
  readonly lines: number;
  readonly groups: number;
}

/** Everything the map shows, before anything has a place. */
export interface Picture {
  readonly groups: readonly DrawnGroup[];
  readonly vertices: readonly DrawnVertex[];
  readonly lines: readonly DrawnLine[];
  readonly hidden: Hidden;
  /** Edges that fulfil the filters, and all edges. */
  readonly matching: number;
  readonly total: number;
}

/** Id of the line between two drawn things. */
export const lineId = (from: string, to: string): string => `${from} => ${to}`;

/** Id of what stands for the undrawn vertices of an opened group. */
export const restId = (group: GroupId): string => `rest:${group}`;
