/**
 * Changes of one state, one after the other: each reads what the one before it wrote, however long either waits for the
 * ledger. Work in a turn must not take another turn, which would wait for itself.
 */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** Runs `work` when everything before it has ended, well or not. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(work);
    this.last = done.catch(() => undefined);
    return done;
  }
}
