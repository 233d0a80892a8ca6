import type { Progress } from './judge-cells.ts';

/** Told how far a long computation has come; `total` is the same from the first call to the last. */
export type OnProgress = (done: number, total: number) => void;

/** Runs a computation that yields its progress to its end, without a pause. */
export function runToEnd<T>(steps: Generator<Progress, T>, onProgress?: OnProgress): T {
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    onProgress?.(step.value.done, step.value.total);
  }
}
