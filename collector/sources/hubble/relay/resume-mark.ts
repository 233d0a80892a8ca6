import type { EpochMs } from '#core/flow/time.ts';

/** Arrivals this young count for where to go on; Relay holds flows back for no longer. */
const LOOK_BACK_SECONDS = 10;
const BUCKETS = 16;

/**
 * From which instant a cut stream must be asked again: the earliest flow time among the arrivals of the last seconds.
 * The newest time seen would not do: one node whose clock is ahead would hide what all others have to say.
 */
export class ResumeMark {
  readonly #seconds = new Float64Array(BUCKETS).fill(Number.NEGATIVE_INFINITY);
  readonly #earliest = new Float64Array(BUCKETS);
  #newestSecond = Number.NEGATIVE_INFINITY;

  /** A flow of time `at` arrived at `arrivedMs` of a clock that never goes back. */
  meet(at: EpochMs, arrivedMs: number): void {
    const second = Math.floor(arrivedMs / 1000);
    const bucket = ((second % BUCKETS) + BUCKETS) % BUCKETS;
    if (this.#seconds[bucket] !== second) {
      this.#seconds[bucket] = second;
      this.#earliest[bucket] = at;
      this.#newestSecond = second;
    } else if (at < (this.#earliest[bucket] ?? at)) this.#earliest[bucket] = at;
  }

  /** Undefined when nothing arrived yet. */
  since(overlapMs: number): EpochMs | undefined {
    if (this.#newestSecond === Number.NEGATIVE_INFINITY) return undefined;
    let earliest = Number.POSITIVE_INFINITY;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      const second = this.#seconds[bucket] ?? Number.NEGATIVE_INFINITY;
      const at = this.#earliest[bucket] ?? earliest;
      if (this.#newestSecond - second <= LOOK_BACK_SECONDS && at < earliest) earliest = at;
    }
    return Math.max(0, earliest - overlapMs);
  }

  /** Goes on from `at` alone: what arrived before it is known to be met. */
  restart(at: EpochMs, arrivedMs: number): void {
    this.reset();
    this.meet(at, arrivedMs);
  }

  /** Forgets everything: the server's clock can not be trusted to go on where it was. */
  reset(): void {
    this.#seconds.fill(Number.NEGATIVE_INFINITY);
    this.#newestSecond = Number.NEGATIVE_INFINITY;
  }
}
