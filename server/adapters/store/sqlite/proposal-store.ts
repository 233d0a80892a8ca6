import type { Kysely, Selectable } from 'kysely';
import { canonicalJson, type Json } from '#core/baseline/canonical-json.ts';
import type { ProposalState } from '#core/policy/proposal.ts';
import { failed, ok } from '#core/result.ts';
import type { ProposalStore, StoredProposal } from '../../../app/ports/ledger.ts';
import { recordDeed } from './audit-store.ts';
import type { LedgerTables, ProposalTable } from './schema.ts';
import { attempt } from './sqlite-failure.ts';

const storedOf = (row: Selectable<ProposalTable>): StoredProposal => ({
  id: row.id,
  scope: row.scope,
  baselineId: row.baseline_id,
  state: row.state as ProposalState, // the table's check admits nothing else
  content: JSON.parse(row.content) as Json,
  actor: row.actor,
  recordedAt: row.recorded_at,
});

/** Proposals; only their state changes after they were written. */
export function createProposalStore(database: Kysely<LedgerTables>, path: string): ProposalStore {
  const all = database.selectFrom('proposal').selectAll();

  return {
    list: (scope, limit) =>
      attempt(path, async () => {
        const newest = all.where('scope', '=', scope).orderBy('position', 'desc').limit(limit);
        return (await newest.execute()).map(storedOf);
      }),
    byId: (id) =>
      attempt(path, async () => (await all.where('id', '=', id).limit(1).execute()).map(storedOf)[0]),
    append: ({ id, scope, baselineId, content }, change) =>
      attempt(path, () =>
        database.transaction().execute(async (transaction) => {
          const inserted = await transaction
            .insertInto('proposal')
            .values({
              id,
              scope,
              baseline_id: baselineId,
              state: 'draft',
              content: canonicalJson(content),
              actor: change.actor,
              recorded_at: change.at,
            })
            .onConflict((conflict) => conflict.column('id').doNothing())
            .executeTakeFirst();
          if (inserted.numInsertedOrUpdatedRows === 0n) return;
          await transaction
            .updateTable('proposal')
            .set({ state: 'superseded' })
            .where('scope', '=', scope)
            .where('state', '=', 'draft')
            .where('id', '<>', id)
            .execute();
          const deed = { action: 'proposal.append', subject: id, detail: { scope, baselineId } };
          await recordDeed(transaction, deed, change);
        }),
      ),
    async setState(id, state, change) {
      const changed = await attempt(path, () =>
        database.transaction().execute(async (transaction) => {
          const row = await transaction
            .selectFrom('proposal')
            .select('state')
            .where('id', '=', id)
            .executeTakeFirst();
          if (row === undefined) return 'missing';
          await transaction.updateTable('proposal').set({ state }).where('id', '=', id).execute();
          const detail = { from: row.state, to: state };
          await recordDeed(transaction, { action: 'proposal.state', subject: id, detail }, change);
          return 'changed';
        }),
      );
      if (!changed.ok) return changed;
      return changed.value === 'changed' ? ok(undefined) : failed({ code: 'not_in_ledger', id });
    },
  };
}
