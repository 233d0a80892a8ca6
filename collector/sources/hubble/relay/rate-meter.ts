const SAMPLES = 10;

/** How much a count grows in a second, over the last ten samples, which are to be taken once a second. */
export class RateMeter {
  readonly #counts: number[] = [];
  readonly #times: number[] = [];

  sample(count: number, monotonicMs: number): void {
    this.#counts.push(count);
    this.#times.push(monotonicMs);
    if (this.#counts.length <= SAMPLES + 1) return;
    this.#counts.shift();
    this.#times.shift();
  }

  perSecond(): number {
    const spentMs = (this.#times.at(-1) ?? 0) - (this.#times[0] ?? 0);
    if (spentMs <= 0) return 0;
    return (((this.#counts.at(-1) ?? 0) - (this.#counts[0] ?? 0)) * 1000) / spentMs;
  }
}
