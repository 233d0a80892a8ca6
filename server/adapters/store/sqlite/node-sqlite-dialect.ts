import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import {
  CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { isBusy } from './sqlite-failure.ts';

/** How long to wait before the write lock is asked for again, in ms. */
const RETRY_MS = 10;

/** Kysely over Node's own SQLite: one connection, handed to one holder at a time. */
export class NodeSqliteDialect implements Dialect {
  private readonly database: DatabaseSync;
  private readonly busyTimeoutMs: number;

  constructor(database: DatabaseSync, busyTimeoutMs: number) {
    this.database = database;
    this.busyTimeoutMs = busyTimeoutMs;
  }

  createAdapter(): DialectAdapter {
    return new SqliteAdapter();
  }

  createDriver(): Driver {
    return new NodeSqliteDriver(this.database, this.busyTimeoutMs);
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }
}

class NodeSqliteDriver implements Driver {
  private readonly database: DatabaseSync;
  private readonly busyTimeoutMs: number;
  private readonly connection: NodeSqliteConnection;
  private holder: Promise<void> = Promise.resolve();
  private letGo: () => void = () => {};

  constructor(database: DatabaseSync, busyTimeoutMs: number) {
    this.database = database;
    this.busyTimeoutMs = busyTimeoutMs;
    this.connection = new NodeSqliteConnection(database);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.holder;
    let release: () => void = () => {};
    this.holder = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    this.letGo = release;
    return this.connection;
  }

  async releaseConnection(): Promise<void> {
    this.letGo();
  }

  /**
   * Takes the write lock at once, so that two processes wait for each other instead of failing half way. The engine's
   * own wait would hold up everything else in this process, so it is asked again and again instead.
   */
  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    const deadline = performance.now() + this.busyTimeoutMs;
    for (;;) {
      try {
        await connection.executeQuery(CompiledQuery.raw('begin immediate'));
        return;
      } catch (error) {
        if (!isBusy(error) || performance.now() >= deadline) throw error;
        await pause(RETRY_MS);
      }
    }
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'));
  }

  async destroy(): Promise<void> {
    this.database.close();
  }
}

class NodeSqliteConnection implements DatabaseConnection {
  private readonly database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.database = database;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const statement = this.database.prepare(sql);
    const values = parameters as readonly SQLInputValue[]; // what is no SQL value throws when it is bound
    if (statement.columns().length > 0) {
      const rows = statement.all(...values).map((row) => ({ ...row }) as Row); // theirs have no prototype
      return { rows };
    }
    const { changes, lastInsertRowid } = statement.run(...values);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('the ledger reads its rows at once and never streams');
  }
}
