/** How much of a list an answer holds. */
export interface ListCount {
  readonly name: string;
  readonly shown: number;
  readonly total: number;
}

/** Cuts the lists of one answer to a limit, and counts what it cut. */
export class Cuts {
  readonly lists: ListCount[] = [];
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** The first items of a list. */
  take<T>(name: string, items: readonly T[]): readonly T[] {
    const shown = items.slice(0, this.limit);
    this.lists.push({ name, shown: shown.length, total: items.length });
    return shown;
  }
}
