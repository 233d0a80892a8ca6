import type { DatabaseSync } from 'node:sqlite';
import type { Generated } from 'kysely';

export interface BaselineTable {
  readonly scope: string;
  readonly version: number;
  readonly id: string;
  readonly content: string;
  readonly actor: string;
  readonly recorded_at: number;
}

export interface ProposalTable {
  /** Order of arrival. */
  readonly position: Generated<number>;
  readonly id: string;
  readonly scope: string;
  readonly baseline_id: string;
  readonly state: string;
  readonly content: string;
  readonly actor: string;
  readonly recorded_at: number;
}

export interface FindingTable {
  readonly scope: string;
  readonly id: string;
  readonly state: string;
  readonly content: string;
}

export interface AuditTable {
  readonly sequence: number;
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly reason: string;
  readonly detail: string;
  readonly hash: string;
}

export interface LedgerTables {
  readonly baseline: BaselineTable;
  readonly proposal: ProposalTable;
  readonly finding: FindingTable;
  readonly audit: AuditTable;
}

/**
 * Each step brings a ledger from the version that is its index to the next. Steps are only ever added: a ledger in the
 * field has run the earlier ones.
 */
const STEPS: readonly string[] = [
  `
  create table baseline (
    scope text not null,
    version integer not null,
    id text not null,
    content text not null,
    actor text not null,
    recorded_at integer not null,
    primary key (scope, version)
  ) strict, without rowid;
  create index baseline_by_id on baseline (id);

  create table proposal (
    position integer primary key,
    id text not null unique,
    scope text not null,
    baseline_id text not null,
    state text not null check (state in ('draft', 'approved', 'exported', 'superseded')),
    content text not null,
    actor text not null,
    recorded_at integer not null
  ) strict;
  create index proposal_by_scope on proposal (scope, position);

  create table finding (
    scope text not null,
    id text not null,
    state text not null check (state in ('open', 'acknowledged', 'resolved', 'suppressed')),
    content text not null,
    primary key (scope, id)
  ) strict, without rowid;

  create table audit (
    sequence integer primary key,
    at integer not null,
    actor text not null check (actor <> ''),
    action text not null,
    subject text not null,
    reason text not null,
    detail text not null,
    hash text not null
  ) strict;
  create trigger audit_keeps_its_words before update on audit
    begin select raise(abort, 'the audit log is append-only'); end;
  create trigger audit_keeps_its_rows before delete on audit
    begin select raise(abort, 'the audit log is append-only'); end;
  `,
];

/** The schema version this code reads and writes. */
export const LEDGER_VERSION = STEPS.length;

/** "BkHd": tells a ledger from any other SQLite file. */
const APPLICATION_ID = 0x42_6b_48_64;

const pragma = (database: DatabaseSync, name: string): number =>
  Number(Object.values(database.prepare(`pragma ${name}`).get() ?? {})[0] ?? 0);

/** What stands in the way of using a file as a ledger. */
export type SchemaProblem =
  | { readonly kind: 'foreign' }
  | { readonly kind: 'too-new'; readonly found: number };

const hasTables = (database: DatabaseSync): boolean =>
  database.prepare('select 1 from sqlite_schema limit 1').get() !== undefined;

function problemOf(database: DatabaseSync): SchemaProblem | undefined {
  const isOurs = pragma(database, 'application_id') === APPLICATION_ID;
  if (!isOurs && hasTables(database)) return { kind: 'foreign' };
  const found = pragma(database, 'user_version');
  return found > LEDGER_VERSION ? { kind: 'too-new', found } : undefined;
}

/** Brings a new or older ledger to this version, all steps or none; undefined when that went well. */
export function migrate(database: DatabaseSync): SchemaProblem | undefined {
  database.exec('begin immediate'); // two processes that start at once: the second finds the work done
  try {
    const problem = problemOf(database);
    if (problem === undefined) {
      for (const step of STEPS.slice(pragma(database, 'user_version'))) database.exec(step);
      database.exec(`pragma application_id = ${APPLICATION_ID}; pragma user_version = ${LEDGER_VERSION}`);
    }
    database.exec('commit');
    return problem;
  } catch (error) {
    if (database.isTransaction) database.exec('rollback');
    throw error;
  }
}
