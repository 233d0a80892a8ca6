import type { EdgeKey } from '#core/graph/edge.ts';

/** Short numbers for edges: deltas name an edge by number, and a number is never used for a second edge. */
export interface EdgeIds {
  /** The edge's number; given out on first use. */
  idOf(key: EdgeKey): number;
  /** The edge's number if it has one; gives out none. */
  knownIdOf(key: EdgeKey): number | undefined;
  keyOf(id: number): EdgeKey | undefined;
  /** Forgets the edges that are not among the keys, so that the table grows with the graph and not with its past. */
  retain(keys: ReadonlyMap<EdgeKey, unknown>): void;
}

/** An empty table; numbers start at 1. */
export function createEdgeIds(): EdgeIds {
  const idsByKey = new Map<EdgeKey, number>();
  const keysById = new Map<number, EdgeKey>();
  let last = 0;
  return {
    idOf(key) {
      const known = idsByKey.get(key);
      if (known !== undefined) return known;
      last += 1;
      idsByKey.set(key, last);
      keysById.set(last, key);
      return last;
    },
    knownIdOf: (key) => idsByKey.get(key),
    keyOf: (id) => keysById.get(id),
    retain(keys) {
      if (idsByKey.size <= keys.size) return;
      for (const [key, id] of idsByKey) {
        if (keys.has(key)) continue;
        idsByKey.delete(key);
        keysById.delete(id);
      }
    },
  };
}
