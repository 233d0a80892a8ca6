interface Entry<T> {
  readonly at: number;
  readonly order: number;
  readonly item: T;
}

const isBefore = <T>(a: Entry<T>, b: Entry<T>): boolean =>
  a.at < b.at || (a.at === b.at && a.order < b.order);

/** A binary heap by time; items of one instant come out in the order they went in. */
export class Schedule<T> {
  readonly #heap: Entry<T>[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** Adds an item due at `at`, in the caller's unit. */
  add(at: number, item: T): void {
    const heap = this.#heap;
    const entry = { at, order: this.#order, item };
    this.#order += 1;
    let index = heap.length;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, entry)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = entry;
  }

  /** Takes the earliest item, or undefined when there is none. */
  take(): { readonly at: number; readonly item: T } | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) return undefined;
    if (this.#heap.length > 0) this.#sink(last);
    return first;
  }

  #sink(entry: Entry<T>): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      const child = this.#earlierChild(index);
      const below = heap[child];
      if (below === undefined || isBefore(entry, below)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = entry;
  }

  #earlierChild(index: number): number {
    const left = this.#heap[2 * index + 1];
    const right = this.#heap[2 * index + 2];
    return right !== undefined && left !== undefined && isBefore(right, left) ? 2 * index + 2 : 2 * index + 1;
  }
}
