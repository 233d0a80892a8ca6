import type { EpochMs } from '#core/flow/time.ts';

/** What the current stream has brought so far. */
export interface StreamProgress {
  readonly newestAt: EpochMs | undefined;
  readonly earliestOfStream: EpochMs | undefined;
  readonly flowsOfStream: number;
  readonly duplicates: number;
}

/**
 * Tells whether a stream reaches back to where the one before it ended. One that brings nothing that was met before,
 * and begins later, left a gap: the server's ring had moved on.
 */
export class GapWatch {
  #endedAt: EpochMs | undefined = undefined;
  #duplicatesAtOpen = 0;
  /** Gaps so far. */
  gaps = 0;

  streamOpens({ duplicates }: StreamProgress): void {
    this.#duplicatesAtOpen = duplicates;
  }

  streamEnds({ newestAt }: StreamProgress): void {
    this.#endedAt ??= newestAt;
  }

  /** To be called once flows of the next stream had time to arrive. */
  settle({ flowsOfStream, duplicates, earliestOfStream }: StreamProgress): void {
    if (this.#endedAt === undefined || flowsOfStream === 0) return;
    if (duplicates === this.#duplicatesAtOpen && (earliestOfStream ?? 0) > this.#endedAt) this.gaps += 1;
    this.#endedAt = undefined;
  }
}
