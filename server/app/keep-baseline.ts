import type { Baseline, BaselineRecord } from '#core/baseline/baseline.ts';
import { encodeBaseline } from '#core/baseline/baseline-codec.ts';
import { scopeKey } from '#core/baseline/scope-key.ts';
import { LedgerError } from './ledger-error.ts';
import type { BaselineStore, Change, LedgerFailure } from './ports/ledger.ts';

/** Stores a version; one whose number another process took in the meantime gets the next. */
export async function keepBaseline(
  store: BaselineStore,
  baseline: Baseline,
  change: Change,
): Promise<BaselineRecord> {
  const { id, version, scope } = baseline;
  const row = { id, scope: scopeKey(scope), version, content: encodeBaseline(baseline) };
  const appended = await store.append(row, change);
  if (appended.ok) return { baseline, actor: change.actor, recordedAt: change.at };
  if (appended.error.code === 'version_taken') {
    return keepBaseline(store, { ...baseline, version: version + 1 }, change);
  }
  throw new LedgerError(appended.error as LedgerFailure); // versions are dealt with above
}
