/** How a long computation shares the process with everything else that goes on in it. */
export interface Pace {
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number;
  /** Lets requests, sockets and timers have their turn; resolves when the computation may go on. */
  readonly breathe: () => Promise<void>;
}

/** Work between two breaths, in ms: a request waits a few of these, which nobody notices. */
const SLICE_MS = 20;

/**
 * Runs a computation to its end in slices of about 20 ms; a single step is never cut. Undefined once nobody wants its
 * result any more, which is asked after each breath.
 */
export async function inSlices<T>(
  steps: Generator<unknown, T>,
  pace: Pace,
  isUnwanted: () => boolean,
): Promise<T | undefined> {
  for (;;) {
    await pace.breathe();
    if (isUnwanted()) return undefined;
    const sliceEndsAt = pace.monotonicMs() + SLICE_MS;
    do {
      const step = steps.next();
      if (step.done === true) return step.value;
    } while (pace.monotonicMs() < sliceEndsAt);
  }
}
