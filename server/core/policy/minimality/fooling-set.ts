import { compareText } from '#core/order.ts';

/** Columns of each row. */
export type Rows<Row extends string> = ReadonlyMap<Row, ReadonlySet<string>>;

interface FoolingCell<Row extends string> {
  readonly row: Row;
  readonly column: string;
  /** How many others could share a rectangle with it, at most. */
  readonly room: number;
}

function roomsOf<Row extends string>(admitted: Rows<Row>): (row: Row, column: string) => number {
  const perColumn = new Map<string, number>();
  for (const columns of admitted.values()) {
    for (const column of columns) perColumn.set(column, (perColumn.get(column) ?? 0) + 1);
  }
  return (row, column) => (admitted.get(row)?.size ?? 0) * (perColumn.get(column) ?? 0);
}

/** One row for all that are alike: they can share every rectangle. */
function distinctRows<Row extends string>(admitted: Rows<Row>, needed: Rows<Row>): readonly Row[] {
  const kinds = new Map<string, Row>();
  for (const [row, columns] of needed) {
    const key = [columns, admitted.get(row) ?? []]
      .map((each) => [...each].sort(compareText).join(','))
      .join('|');
    if (!kinds.has(key)) kinds.set(key, row);
  }
  return [...kinds.values()].sort(compareText);
}

/** Picks cells one by one, each apart from all before it: no rectangle may hold two of them. */
function picked<Row extends string>(admitted: Rows<Row>, cells: readonly FoolingCell<Row>[]): number {
  const chosen: FoolingCell<Row>[] = [];
  const has = (row: Row, column: string): boolean => admitted.get(row)?.has(column) === true;
  for (const cell of cells) {
    const isApart = chosen.every((other) => !has(cell.row, other.column) || !has(other.row, cell.column));
    if (isApart) chosen.push(cell);
  }
  return chosen.length;
}

/**
 * A lower bound on how many rectangles it takes to cover the needed cells without leaving the admitted ones: the size
 * of a fooling set, cells of which no two fit in one rectangle (Kushilevitz and Nisan, "Communication Complexity",
 * 1997, §1.3; for covers: Fiorini, Kaibel, Pashkovich and Theis, "Combinatorial bounds on nonnegative rank and extended
 * formulations", 2013). The set is found greedily, so a better bound may exist; a false one can not.
 * Time grows with needed cells × the bound.
 */
export function foolingSetSize<Row extends string>(admitted: Rows<Row>, needed: Rows<Row>): number {
  const room = roomsOf(admitted);
  const cells = distinctRows(admitted, needed).flatMap((row) =>
    [...(needed.get(row) ?? [])]
      .sort(compareText)
      .map((column) => ({ row, column, room: room(row, column) })),
  );
  const scarcestFirst = cells.toSorted((a, b) => a.room - b.room);
  const narrowRowsFirst = cells.toSorted(
    (a, b) => (admitted.get(a.row)?.size ?? 0) - (admitted.get(b.row)?.size ?? 0) || a.room - b.room,
  );
  return Math.max(picked(admitted, scarcestFirst), picked(admitted, narrowRowsFirst));
}
