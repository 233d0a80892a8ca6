import { failed, ok, type Result } from '#core/result.ts';
import type { LedgerFailure } from '../../../app/ports/ledger.ts';

/** Primary result codes of SQLite (https://www.sqlite.org/rescode.html). */
const CODE = { busy: 5, locked: 6, corrupt: 11, cannotOpen: 14, constraint: 19, notADatabase: 26 } as const;

function primaryCode(error: unknown): number | undefined {
  const isSqlite = error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR';
  if (!isSqlite || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff; // an extended code holds the primary one in its low byte
}

/** True when a row with this key is already there, or a rule of the schema refused the row. */
export const isConstraint = (error: unknown): boolean => primaryCode(error) === CODE.constraint;

/** True when another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  const code = primaryCode(error);
  return code === CODE.busy || code === CODE.locked;
}

/** What an error of the engine means for whoever asked; undefined for an error that is a bug. */
export function failureOf(error: unknown, path: string): LedgerFailure | undefined {
  const code = primaryCode(error);
  if (code === undefined || !(error instanceof Error)) return undefined;
  if (isBusy(error)) return { code: 'ledger_busy', path };
  const isUnreadable = code === CODE.corrupt || code === CODE.cannotOpen || code === CODE.notADatabase;
  if (isUnreadable) return { code: 'ledger_unreadable', path, detail: error.message };
  return { code: 'ledger_write_failed', path, detail: error.message };
}

/** Runs work on the ledger; a failure of the engine becomes a value, a bug stays an exception. */
export async function attempt<T>(path: string, work: () => Promise<T>): Promise<Result<T, LedgerFailure>> {
  try {
    return ok(await work());
  } catch (error) {
    const failure = failureOf(error, path);
    if (failure === undefined) throw error;
    return failed(failure);
  }
}
