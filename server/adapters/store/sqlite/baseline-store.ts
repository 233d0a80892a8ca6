import type { Kysely } from 'kysely';
import { canonicalJson, type Json } from '#core/baseline/canonical-json.ts';
import { failed, ok } from '#core/result.ts';
import type { BaselineStore, StoredBaseline } from '../../../app/ports/ledger.ts';
import { recordDeed } from './audit-store.ts';
import type { BaselineTable, LedgerTables } from './schema.ts';
import { attempt, isConstraint } from './sqlite-failure.ts';

const storedOf = ({ recorded_at, content, ...row }: BaselineTable): StoredBaseline => ({
  ...row,
  content: JSON.parse(content) as Json,
  recordedAt: recorded_at,
});

/** Versions of baselines, each written once and never changed. */
export function createBaselineStore(database: Kysely<LedgerTables>, path: string): BaselineStore {
  const newest = (scope: string, limit: number): Promise<BaselineTable[]> =>
    database
      .selectFrom('baseline')
      .selectAll()
      .where('scope', '=', scope)
      .orderBy('version', 'desc')
      .limit(limit)
      .execute();

  return {
    latest: (scope) => attempt(path, async () => (await newest(scope, 1)).map(storedOf)[0]),
    list: (scope, limit) => attempt(path, async () => (await newest(scope, limit)).map(storedOf)),
    byId: (id) =>
      attempt(path, async () => {
        const rows = await database
          .selectFrom('baseline')
          .selectAll()
          .where('id', '=', id)
          .orderBy('recorded_at', 'desc')
          .orderBy('version', 'desc')
          .limit(1)
          .execute();
        return rows.map(storedOf)[0];
      }),
    async append({ id, scope, version, content }, change) {
      const row = { id, scope, version, content: canonicalJson(content) };
      const appended = await attempt(path, () =>
        database.transaction().execute(async (transaction) => {
          try {
            await transaction
              .insertInto('baseline')
              .values({ ...row, actor: change.actor, recorded_at: change.at })
              .execute();
          } catch (error) {
            if (isConstraint(error)) return 'taken';
            throw error;
          }
          const deed = { action: 'baseline.append', subject: id, detail: { scope, version } };
          await recordDeed(transaction, deed, change);
          return 'stored';
        }),
      );
      if (!appended.ok) return appended;
      return appended.value === 'stored' ? ok(undefined) : failed({ code: 'version_taken', version });
    },
  };
}
