import type { EpochMs } from '#core/flow/time.ts';
import type { Random } from '#core/simulation/random.ts';

/** A time in which something is wrong with one node. */
export interface FaultWindow {
  readonly node: string;
  readonly from: EpochMs;
  readonly until: EpochMs;
}

/** Between the end of one and the begin of the next: this many times its length. */
const PAUSE_FACTOR = 3;

/** One node after the other, each for the same while; the first begins a while after the first record. */
export class FaultWindows {
  readonly #lastsMs: number;
  readonly #nodes: readonly string[];
  readonly #random: Random;
  #window: FaultWindow | undefined;

  constructor(facts: {
    readonly lastsMs: number;
    readonly nodes: readonly string[];
    readonly random: Random;
  }) {
    this.#lastsMs = facts.lastsMs;
    this.#nodes = facts.nodes;
    this.#random = facts.random;
  }

  /** The window that holds that instant; instants must not go back. */
  at(at: EpochMs): FaultWindow | undefined {
    this.#window ??= this.#from(at + this.#lastsMs);
    while (at >= this.#window.until) {
      this.#window = this.#from(this.#window.until + PAUSE_FACTOR * this.#lastsMs);
    }
    return at >= this.#window.from ? this.#window : undefined;
  }

  #from(from: EpochMs): FaultWindow {
    return { node: this.#random.pick(this.#nodes), from, until: from + this.#lastsMs };
  }
}
