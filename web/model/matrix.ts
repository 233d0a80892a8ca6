import type { GroupId } from './groups.ts';
import type { DrawnLine, Picture } from './picture.ts';
import { lineId } from './picture.ts';

/** A row and column of the matrix: a closed group, or a vertex of an opened one. */
export interface MatrixEnd {
  readonly id: string;
  readonly group: GroupId;
  /** True for a closed group, which stands for all its members. */
  readonly isGroup: boolean;
  /** Edges with both ends in it, of a closed group. */
  readonly inside: number;
}

/** The picture of the map as a matrix: clients down, servers across, in the same order on both sides. */
export interface Matrix {
  readonly ends: readonly MatrixEnd[];
  /** By {@link lineId}; only pairs that talk. */
  readonly cells: ReadonlyMap<string, DrawnLine>;
  /** The busiest cell, in conversations a minute. */
  readonly mostRate: number;
}

/**
 * Puts what the map draws into a matrix, ordered by group and, within an opened one, as the map lists its members.
 * Filters, selection and numbers are the map's own.
 */
export function matrixOf({ groups, vertices, lines }: Picture): Matrix {
  const ends = groups.flatMap(({ group, isOpen, insideEdges }): readonly MatrixEnd[] => {
    if (!isOpen) return [{ id: group.id, group: group.id, isGroup: true, inside: insideEdges }];
    return vertices
      .filter((vertex) => vertex.group === group.id)
      .map(({ id }) => ({ id, group: group.id, isGroup: false, inside: 0 }));
  });
  return {
    ends,
    cells: new Map(lines.map((line) => [lineId(line.from, line.to), line])),
    mostRate: Math.max(0, ...lines.map(({ sums }) => sums.ratePerMinute)),
  };
}

/** How strongly a cell is drawn, 0.15 to 1: grows with the logarithm of conversations a minute. */
export const cellStrength = (ratePerMinute: number, mostRate: number): number =>
  mostRate <= 0 ? 0.15 : 0.15 + (0.85 * Math.log1p(ratePerMinute)) / Math.log1p(mostRate);
