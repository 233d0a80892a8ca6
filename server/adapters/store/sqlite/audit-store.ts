import { createHash } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import { canonicalJson, type Json } from '#core/baseline/canonical-json.ts';
import { failed, ok } from '#core/result.ts';
import type { AuditEntry, AuditLog, Change } from '../../../app/ports/ledger.ts';
import type { AuditTable, LedgerTables } from './schema.ts';
import { attempt } from './sqlite-failure.ts';

/** What is done, apart from by whom, why and when. */
export type Deed = Pick<AuditEntry, 'action' | 'subject' | 'detail'>;

/** Entries read at once while the chain is walked. */
const PAGE = 1000;

/** Each hash covers the one before it, so that a changed or missing entry breaks every later one. */
function chained(previous: string, entry: Omit<AuditTable, 'hash'>): string {
  const { sequence, at, actor, action, subject, reason, detail } = entry;
  const text = canonicalJson([previous, sequence, at, actor, action, subject, reason, detail]);
  return createHash('sha256').update(text).digest('hex');
}

/** Adds an entry within the transaction of the change it is about: both are stored, or neither. */
export async function recordDeed(
  transaction: Transaction<LedgerTables>,
  deed: Deed,
  { actor, reason, at }: Change,
): Promise<void> {
  const last = await transaction
    .selectFrom('audit')
    .select(['sequence', 'hash'])
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  const { action, subject } = deed;
  const sequence = (last?.sequence ?? 0) + 1;
  const entry = { sequence, at, actor, action, subject, reason, detail: canonicalJson(deed.detail) };
  const hash = chained(last?.hash ?? '', entry);
  await transaction
    .insertInto('audit')
    .values({ ...entry, hash })
    .execute();
}

const entryOf = (row: AuditTable): AuditEntry => ({ ...row, detail: JSON.parse(row.detail) as Json });

/** The first entry that does not follow from the one before, or how many there are. */
async function walk(
  database: Kysely<LedgerTables>,
): Promise<{ readonly brokenAt: number } | { readonly count: number }> {
  let count = 0;
  let previous = '';
  for (;;) {
    const rows = await database
      .selectFrom('audit')
      .selectAll()
      .where('sequence', '>', count)
      .orderBy('sequence')
      .limit(PAGE)
      .execute();
    for (const row of rows) {
      count += 1;
      if (row.sequence !== count || row.hash !== chained(previous, row)) return { brokenAt: count };
      previous = row.hash;
    }
    if (rows.length < PAGE) return { count };
  }
}

/** The append-only log over the tables of a ledger. */
export function createAuditLog(database: Kysely<LedgerTables>, path: string): AuditLog {
  return {
    list: ({ limit, before }) =>
      attempt(path, async () => {
        const newest = database.selectFrom('audit').selectAll().orderBy('sequence', 'desc').limit(limit);
        const page = before === undefined ? newest : newest.where('sequence', '<', before);
        return (await page.execute()).map(entryOf);
      }),
    append: (deed, change) =>
      attempt(path, () =>
        database.transaction().execute((transaction) => recordDeed(transaction, deed, change)),
      ),
    async verify() {
      const walked = await attempt(path, () => walk(database));
      if (!walked.ok) return walked;
      return 'count' in walked.value
        ? ok(walked.value.count)
        : failed({ code: 'audit_broken', sequence: walked.value.brokenAt });
    },
  };
}
