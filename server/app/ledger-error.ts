import type { Result } from '#core/result.ts';
import type { LedgerFailure } from './ports/ledger.ts';

/** A ledger that refuses is not survivable: what a person decided would be lost. */
export class LedgerError extends Error {
  readonly failure: LedgerFailure;

  constructor(failure: LedgerFailure) {
    super(`the ledger ${failure.path} failed: ${failure.code}`);
    this.failure = failure;
  }
}

/** What the ledger answered; throws a {@link LedgerError} when it failed. */
export function unwrap<T>(result: Result<T, LedgerFailure>): T {
  if (!result.ok) throw new LedgerError(result.error);
  return result.value;
}
