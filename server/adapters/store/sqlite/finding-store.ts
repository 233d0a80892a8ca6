import type { Kysely, Transaction } from 'kysely';
import { canonicalJson } from '#core/baseline/canonical-json.ts';
import type { Finding } from '#core/finding/finding.ts';
import { decodeFinding, encodeFinding } from '#core/finding/finding-codec.ts';
import { compareFindings } from '#core/finding/merge-findings.ts';
import { failed, ok, type Result } from '#core/result.ts';
import type { Change, FindingStore, LedgerFailure } from '../../../app/ports/ledger.ts';
import { recordDeed } from './audit-store.ts';
import type { LedgerTables } from './schema.ts';
import { attempt } from './sqlite-failure.ts';

/** Writes one finding; that it opened or changed state is a deed, that its counts grew is not. */
async function saveOne(
  transaction: Transaction<LedgerTables>,
  { scope, finding }: { readonly scope: string; readonly finding: Finding },
  change: Change,
): Promise<void> {
  const { id, state, kind } = finding;
  const before = await transaction
    .selectFrom('finding')
    .select('state')
    .where('scope', '=', scope)
    .where('id', '=', id)
    .executeTakeFirst();
  const content = canonicalJson(encodeFinding(finding));
  await transaction
    .insertInto('finding')
    .values({ scope, id, state, content })
    .onConflict((conflict) => conflict.columns(['scope', 'id']).doUpdateSet({ state, content }))
    .execute();
  if (before?.state === state) return;
  const action = before === undefined ? 'finding.open' : 'finding.state';
  const detail = { scope, kind, from: before?.state ?? null, to: state };
  await recordDeed(transaction, { action, subject: id, detail }, change);
}

/** Findings of each scope, in their latest state. */
export function createFindingStore(database: Kysely<LedgerTables>, path: string): FindingStore {
  const decoded = (content: string): Result<Finding, LedgerFailure> => {
    const read = decodeFinding(JSON.parse(content));
    if (read.ok) return read;
    const { at, expected } = read.error;
    return failed({ code: 'ledger_unreadable', path, detail: `finding: ${at} is not ${expected}` });
  };

  return {
    async all(scope) {
      const rows = await attempt(path, () =>
        database.selectFrom('finding').select('content').where('scope', '=', scope).execute(),
      );
      if (!rows.ok) return rows;
      const findings: Finding[] = [];
      for (const { content } of rows.value) {
        const finding = decoded(content);
        if (!finding.ok) return finding;
        findings.push(finding.value);
      }
      return ok(findings.sort(compareFindings));
    },
    async byId(scope, id) {
      const row = await attempt(path, () =>
        database
          .selectFrom('finding')
          .select('content')
          .where('scope', '=', scope)
          .where('id', '=', id)
          .executeTakeFirst(),
      );
      if (!row.ok) return row;
      return row.value === undefined ? ok(undefined) : decoded(row.value.content);
    },
    save: (scope, findings, change) =>
      attempt(path, () =>
        database.transaction().execute(async (transaction) => {
          for (const finding of findings) await saveOne(transaction, { scope, finding }, change);
        }),
      ),
  };
}
