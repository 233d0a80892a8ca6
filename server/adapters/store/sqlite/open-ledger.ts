import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { failed, ok, type Result } from '#core/result.ts';
import type { Ledger, LedgerFailure } from '../../../app/ports/ledger.ts';
import { createAuditLog } from './audit-store.ts';
import { createBaselineStore } from './baseline-store.ts';
import { createFindingStore } from './finding-store.ts';
import { NodeSqliteDialect } from './node-sqlite-dialect.ts';
import { createProposalStore } from './proposal-store.ts';
import { LEDGER_VERSION, type LedgerTables, migrate, type SchemaProblem } from './schema.ts';
import { failureOf } from './sqlite-failure.ts';

export interface LedgerOptions {
  /** How long to wait for another process that is writing, in ms. */
  readonly busyTimeoutMs: number;
}

export const LEDGER_DEFAULTS: LedgerOptions = { busyTimeoutMs: 2000 };

const IN_MEMORY = ':memory:';

/** A write is on the disk when it is acknowledged: WAL alone would lose the last ones with the machine's power. */
const DURABLE = 'pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;';

/** From the first query on the dialect waits for the lock, without holding up the process. */
const NO_BLOCKING_WAIT = 'pragma busy_timeout = 0;';

function failureFor(problem: SchemaProblem, path: string): LedgerFailure {
  if (problem.kind === 'foreign') {
    return { code: 'ledger_unreadable', path, detail: 'it is a database of another program' };
  }
  return { code: 'ledger_too_new', path, found: problem.found, understood: LEDGER_VERSION };
}

/** Decisions and evidence are for whoever runs Bulkhead: a new ledger is readable by its owner alone. */
function openFile(path: string, options: LedgerOptions): DatabaseSync {
  if (path !== IN_MEMORY) mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path, { timeout: options.busyTimeoutMs });
  try {
    if (path !== IN_MEMORY) chmodSync(path, 0o600);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function openDatabase(path: string, options: LedgerOptions): Result<DatabaseSync, LedgerFailure> {
  let database: DatabaseSync | undefined;
  try {
    database = openFile(path, options);
    const problem = migrate(database);
    if (problem === undefined) {
      database.exec(DURABLE + NO_BLOCKING_WAIT);
      return ok(database);
    }
    database.close();
    return failed(failureFor(problem, path));
  } catch (error) {
    database?.close();
    const failure = failureOf(error, path) ?? systemFailure(error, path);
    if (failure === undefined) throw error;
    return failed(failure);
  }
}

/** An error of the file system, such as a folder that can not be made. */
function systemFailure(error: unknown, path: string): LedgerFailure | undefined {
  const isSystem = error instanceof Error && 'syscall' in error;
  return isSystem ? { code: 'ledger_unreadable', path, detail: error.message } : undefined;
}

/**
 * Opens the ledger at this path, made when it is not there (with its folder), or `:memory:`. Several processes may open
 * one ledger: writers wait for each other, and a version two of them want goes to the first.
 */
export async function openLedger(
  path: string,
  options: LedgerOptions = LEDGER_DEFAULTS,
): Promise<Result<Ledger, LedgerFailure>> {
  const opened = openDatabase(path, options);
  if (!opened.ok) return opened;
  const database = new Kysely<LedgerTables>({
    dialect: new NodeSqliteDialect(opened.value, options.busyTimeoutMs),
  });
  return ok({
    baselines: createBaselineStore(database, path),
    proposals: createProposalStore(database, path),
    findings: createFindingStore(database, path),
    audit: createAuditLog(database, path),
    close: () => database.destroy(),
  });
}
