import type { Progress } from './judge-cells.ts';

/** Told how far a long computation has come; `total` is the same from the first call to the last. */
export type OnProgress = (done: number, total: number) => void;

/** Runs a computation that yields its progress to its end, without a pause; a step may have none to tell. */
export function runToEnd<T>(steps: Generator<Progress | undefined, T>, onProgress?: OnProgress): T {
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    if (step.value !== undefined) onProgress?.(step.value.done, step.value.total);
  }
}

/** Items of a list that are worked on in one step. */
const ITEMS_A_STEP = 200;

/** A list made from another, in steps between which a caller may take up other work. */
export function* mapping<A, B>(items: readonly A[], map: (item: A) => B): Generator<undefined, readonly B[]> {
  const made: B[] = [];
  for (const item of items) {
    made.push(map(item));
    if (made.length % ITEMS_A_STEP === 0) yield;
  }
  return made;
}
