/** Rows of a relation, by index, and columns that each of these rows has: what one rule can say. */
export interface Rectangle {
  readonly rows: readonly number[];
  readonly columns: readonly string[];
}

type Relation = readonly ReadonlySet<string>[];

const keyOf = (columns: Iterable<string>): string => [...columns].sort().join('\n');

/** One rectangle for each set of columns that rows have: rows that have the same share one. */
export function rectanglesByEqualRows(relation: Relation): readonly Rectangle[] {
  const groups = new Map<string, { readonly rows: number[]; readonly columns: readonly string[] }>();
  for (const [row, columns] of relation.entries()) {
    if (columns.size === 0) continue;
    const key = keyOf(columns);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { rows: [row], columns: [...columns].sort() });
    else known.rows.push(row);
  }
  return [...groups.values()];
}

/** Which cells are still in no rectangle, by row and by column. */
class Uncovered {
  private readonly byRow: Set<string>[];
  private readonly byColumn = new Map<string, Set<number>>();

  constructor(relation: Relation) {
    this.byRow = relation.map((columns) => new Set(columns));
    for (const [row, columns] of relation.entries()) {
      for (const column of columns) {
        const rows = this.byColumn.get(column) ?? new Set<number>();
        this.byColumn.set(column, rows.add(row));
      }
    }
  }

  cover({ rows, columns }: Rectangle): void {
    for (const row of rows) {
      for (const column of columns) {
        this.byRow[row]?.delete(column);
        this.byColumn.get(column)?.delete(row);
      }
    }
  }

  /** The row or column with the fewest cells left, as what is left of it; undefined when nothing is. */
  scarcest(): { readonly rows?: ReadonlySet<number>; readonly columns?: ReadonlySet<string> } | undefined {
    let least = Number.POSITIVE_INFINITY;
    let found: ReturnType<Uncovered['scarcest']>;
    for (const columns of this.byRow) {
      if (columns.size > 0 && columns.size < least) [least, found] = [columns.size, { columns }];
    }
    for (const rows of this.byColumn.values()) {
      if (rows.size > 0 && rows.size < least) [least, found] = [rows.size, { rows }];
    }
    return found;
  }
}

const rowsWith = (relation: Relation, columns: Iterable<string>): readonly number[] => {
  const wanted = [...columns];
  return [...relation.keys()].filter((row) => wanted.every((column) => relation[row]?.has(column)));
};

const columnsOf = (relation: Relation, rows: readonly number[]): readonly string[] => {
  const [first, ...rest] = rows.map((row) => relation[row] ?? new Set<string>());
  return [...(first ?? [])].filter((column) => rest.every((columns) => columns.has(column))).sort();
};

/** The widest rectangle around what is left of the scarcest row or column, until nothing is left. */
function greedy(relation: Relation): readonly Rectangle[] {
  const left = new Uncovered(relation);
  const found: Rectangle[] = [];
  for (let next = left.scarcest(); next !== undefined; next = left.scarcest()) {
    const rows = next.columns === undefined ? [...(next.rows ?? [])] : rowsWith(relation, next.columns);
    const columns = next.columns === undefined ? columnsOf(relation, rows) : [...next.columns].sort();
    const rectangle: Rectangle =
      next.columns === undefined
        ? { rows: rowsWith(relation, columns), columns }
        : { rows, columns: columnsOf(relation, rows) };
    found.push(rectangle);
    left.cover(rectangle);
  }
  return found;
}

/** Takes out of each rectangle the rows and columns that others cover, so that a cell is said as seldom as may be. */
function trimmed(rectangles: readonly Rectangle[]): readonly Rectangle[] {
  const times = new Map<string, number>();
  const cell = (row: number, column: string): string => `${row}|${column}`;
  const count = (row: number, column: string, by: number): void => {
    times.set(cell(row, column), (times.get(cell(row, column)) ?? 0) + by);
  };
  const isShared = (row: number, column: string): boolean => (times.get(cell(row, column)) ?? 0) > 1;
  for (const { rows, columns } of rectangles) {
    for (const row of rows) for (const column of columns) count(row, column, 1);
  }
  const kept = [...rectangles].reverse().map(({ rows, columns }): Rectangle => {
    const ownRows = rows.filter((row) => {
      const needless = columns.every((column) => isShared(row, column));
      if (needless) for (const column of columns) count(row, column, -1);
      return !needless;
    });
    const ownColumns = columns.filter((column) => {
      const needless = ownRows.every((row) => isShared(row, column));
      if (needless) for (const row of ownRows) count(row, column, -1);
      return !needless;
    });
    return { rows: ownRows, columns: ownColumns };
  });
  return kept.reverse().filter(({ rows, columns }) => rows.length > 0 && columns.length > 0);
}

/** Equal rows only count once: the cover is looked for among the distinct ones, and each brings its equals along. */
function coverOfDistinct(relation: Relation, groups: readonly Rectangle[]): readonly Rectangle[] {
  const distinct = groups.map(({ rows: [first = 0] }) => relation[first] ?? new Set<string>());
  return trimmed(greedy(distinct)).map(({ rows, columns }) => ({
    rows: rows.flatMap((row) => groups[row]?.rows ?? []).sort((a, b) => a - b),
    columns,
  }));
}

/**
 * Covers a relation exactly with few rectangles. The least number is the biclique cover number of the bipartite graph,
 * NP-hard to find (Orlin, "Contentment in graph theory", 1977); this is the greedy heuristic of Ene, Horne,
 * Milosavljevic, Rao, Schreiber and Tarjan ("Fast exact and heuristic methods for role minimization problems", SACMAT
 * 2008), and where it finds nothing better, one rectangle for each set of equal rows, which reads best.
 * Time grows with distinct rows × columns × rectangles.
 */
export function rectanglesOf(relation: Relation): readonly Rectangle[] {
  const plain = rectanglesByEqualRows(relation);
  if (plain.length < 3) return plain; // two rows that differ always need two
  const fewer = coverOfDistinct(relation, plain);
  return fewer.length < plain.length ? fewer : plain;
}
