/** What an entry of the ring is about. */
export type EntryKind = 'flow' | 'lost' | 'status';

/** One message as it was received, ready to be sent. */
export interface RingEntry {
  readonly kind: EntryKind;
  /** Nanoseconds since 1970. */
  readonly atNs: bigint;
  /** The whole message with gRPC's prefix. */
  readonly frame: Buffer;
}

/**
 * The last entries, in the order in which they arrived, numbered from 0 on; the oldest make room for new ones. Memory
 * is bounded by the capacity.
 */
export class FlowRing {
  readonly capacity: number;
  readonly #entries: RingEntry[] = [];
  #next = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** The number that the next entry will have. */
  get next(): number {
    return this.#next;
  }

  /** The number of the oldest entry that is still there; `next` when there is none. */
  get oldest(): number {
    return Math.max(0, this.#next - this.capacity);
  }

  get size(): number {
    return this.#next - this.oldest;
  }

  add(entry: RingEntry): void {
    this.#entries[this.#next % this.capacity] = entry;
    this.#next += 1;
  }

  /** The entry with that number; undefined when it is overwritten, or not there yet. */
  at(number: number): RingEntry | undefined {
    return number < this.oldest || number >= this.#next ? undefined : this.#entries[number % this.capacity];
  }
}
