import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeBaseline, encodeBaseline } from '#core/baseline/baseline-codec.ts';
import { scopeKey } from '#core/baseline/scope-key.ts';
import { driftOf } from '#core/change/drift.ts';
import type { Finding } from '#core/finding/finding.ts';
import { findingId } from '#core/finding/finding-id.ts';
import type { Result } from '#core/result.ts';
import { openLedger } from '../../../server/adapters/store/sqlite/open-ledger.ts';
import type { Change, Ledger } from '../../../server/app/ports/ledger.ts';
import { coverage, EVERYTHING, edge, graphOf, hash, learn } from '../../unit/baseline/some-edge.ts';

const change: Change = { actor: 'ana', reason: 'Because.', at: 1000 };
const SCOPE = scopeKey(EVERYTHING);

function stored<T, E extends { readonly code: string }>(result: Result<T, E>): T {
  if (!result.ok) throw new Error(`the ledger said ${JSON.stringify(result.error)}`);
  return result.value;
}

let folder = '';
const open: Ledger[] = [];

async function opened(path: string, options = { busyTimeoutMs: 2000 }): Promise<Ledger> {
  const ledger = stored(await openLedger(path, options));
  open.push(ledger);
  return ledger;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-ledger-'));
});

afterEach(async () => {
  for (const ledger of open.splice(0)) await ledger.close();
  rmSync(folder, { recursive: true });
});

const pathOf = (name = 'ledger.db'): string => join(folder, name);

/** Runs the writer until it has acknowledged so many rows, kills it at once, and returns all it acknowledged. */
async function killedWriter(path: string, rows: number, scope = 'all'): Promise<number[]> {
  const program = join(import.meta.dirname, 'writer-process.ts');
  const child = spawn(process.execPath, [program, path, scope], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk: string) => {
    text += chunk;
    if (text.split('\n').length > rows) child.kill('SIGKILL');
  });
  const signal = await new Promise((resolve) => child.once('close', (_code, name) => resolve(name)));
  expect(signal).toBe('SIGKILL');
  const lines = text.split('\n').slice(0, -1);
  return lines.map(Number);
}

describe('what the ledger keeps', () => {
  test('every row that was acknowledged is there after kill -9, and the log holds', async () => {
    const acknowledged = await killedWriter(pathOf(), 50);
    expect(acknowledged.length).toBeGreaterThanOrEqual(50);
    const ledger = await opened(pathOf());
    const kept = stored(await ledger.baselines.list('all', 1_000_000)).map(({ version }) => version);
    expect(kept).toEqual(expect.arrayContaining(acknowledged));
    expect(stored(await ledger.audit.verify())).toBe(kept.length);
  });

  test('two processes that write at once wait for each other, and the log has no gap', async () => {
    const scopes = ['one', 'other'];
    await Promise.all(scopes.map((scope) => killedWriter(pathOf(), 20, scope)));
    const ledger = await opened(pathOf());
    const kept = await Promise.all(scopes.map((scope) => ledger.baselines.list(scope, 1_000_000)));
    const rows = kept.map((list) => stored(list).length);
    expect(Math.min(...rows)).toBeGreaterThanOrEqual(20);
    expect(stored(await ledger.audit.verify())).toBe(rows.reduce((sum, count) => sum + count, 0));
  });

  test('a baseline reads back as what was stored, newest version first', async () => {
    const ledger = await opened(pathOf());
    const first = learn([edge('shop/a', 'shop/b', 80)], 3);
    const second = learn([edge('shop/a', 'shop/b', 80), edge('shop/a', 'shop/c', 80)], 3, { version: 2 });
    for (const each of [first, second]) {
      const { id, version } = each;
      const content = encodeBaseline(each);
      stored(await ledger.baselines.append({ id, version, scope: SCOPE, content }, change));
    }
    const latest = stored(await ledger.baselines.latest(SCOPE));
    expect(latest).toMatchObject({ version: 2, actor: 'ana', recordedAt: 1000 });
    expect(decodeBaseline(latest?.content)).toStrictEqual({ ok: true, value: second });
    expect(stored(await ledger.baselines.list(SCOPE, 10)).map(({ version }) => version)).toEqual([2, 1]);
    expect(stored(await ledger.baselines.byId(first.id))?.version).toBe(1);
    expect(stored(await ledger.baselines.latest('another scope'))).toBeUndefined();
  });

  test('a version is written once: whoever comes second is told', async () => {
    const [one, other] = [await opened(pathOf()), await opened(pathOf())];
    const baseline = { id: 'x', scope: SCOPE, version: 1, content: {} };
    expect(await one.baselines.append(baseline, change)).toEqual({ ok: true, value: undefined });
    expect(await other.baselines.append({ ...baseline, id: 'y' }, change)).toEqual({
      ok: false,
      error: { code: 'version_taken', version: 1 },
    });
    expect(stored(await other.audit.list({ limit: 10 }))).toHaveLength(1);
  });

  test('a new draft supersedes the drafts before it, and not what was approved', async () => {
    const { proposals } = await opened(':memory:');
    const add = async (id: string) =>
      stored(await proposals.append({ id, scope: SCOPE, baselineId: 'b', content: { id } }, change));
    await add('one');
    stored(await proposals.setState('one', 'approved', change));
    await add('two');
    await add('three');
    await add('three');
    const states = stored(await proposals.list(SCOPE, 10)).map(({ id, state }) => `${id} ${state}`);
    expect(states).toEqual(['three draft', 'two superseded', 'one approved']);
    expect(stored(await proposals.byId('two'))?.content).toEqual({ id: 'two' });
    expect(await proposals.setState('four', 'approved', change)).toEqual({
      ok: false,
      error: { code: 'not_in_ledger', id: 'four' },
    });
  });

  test('findings read back as they were, each in its latest state', async () => {
    const { findings } = await opened(pathOf());
    const stranger = edge('shop/a', 'shop/new', 8080, { minutes: [10, 11] });
    const baseline = learn([edge('shop/a', 'shop/b', 80)], 3);
    const seen = driftOf({
      baseline,
      graph: graphOf([stranger]),
      coverage: coverage(20),
      since: baseline.window.until,
      now: stranger.lastSeenAt,
      hash,
    });
    stored(await findings.save(SCOPE, seen, change));
    const closed = seen.map((finding): Finding => ({ ...finding, state: 'resolved' }));
    stored(await findings.save(SCOPE, closed, change));
    expect(seen.length).toBeGreaterThan(0);
    expect(stored(await findings.all(SCOPE))).toStrictEqual(closed);
    expect(stored(await findings.all('another scope'))).toEqual([]);
    const id = findingId('new-edge', stranger.key, hash);
    expect(stored(await findings.byId(SCOPE, id))?.state).toBe('resolved');
  });
});

describe('the audit log', () => {
  test('every change is in it with its actor and reason, and growing counts are not', async () => {
    const ledger = await opened(':memory:');
    const [finding] = [edge('shop/a', 'shop/b', 80)].map(
      (about): Finding => ({
        id: findingId('new-edge', about.key, hash),
        kind: 'new-edge',
        severity: 'low',
        state: 'open',
        edge: about.key,
        ends: { from: about.from, to: about.to, protocol: about.protocol, port: about.port },
        title: 'New edge',
        explanation: 'It is new.',
        nearestKnown: undefined,
        proposalAnswer: 'no-proposal',
        conversations: 1,
        firstSeenAt: 1,
        lastSeenAt: 1,
        sample: undefined,
      }),
    );
    if (finding === undefined) throw new Error('one finding');
    stored(await ledger.findings.save(SCOPE, [finding], { ...change, actor: 'bulkhead' }));
    stored(await ledger.findings.save(SCOPE, [{ ...finding, conversations: 2 }], change));
    stored(await ledger.findings.save(SCOPE, [{ ...finding, state: 'acknowledged' }], change));
    stored(await ledger.baselines.append({ id: 'x', scope: SCOPE, version: 1, content: {} }, change));
    stored(
      await ledger.audit.append({ action: 'proposal.export', subject: 'p', detail: { files: 3 } }, change),
    );
    const entries = stored(await ledger.audit.list({ limit: 10 }));
    expect(entries.map(({ sequence, actor, action }) => `${sequence} ${actor} ${action}`)).toEqual([
      '4 ana proposal.export',
      '3 ana baseline.append',
      '2 ana finding.state',
      '1 bulkhead finding.open',
    ]);
    expect(entries[2]).toMatchObject({
      reason: 'Because.',
      at: 1000,
      detail: { from: 'open', to: 'acknowledged' },
    });
    expect(stored(await ledger.audit.list({ limit: 1, before: 3 }))[0]?.sequence).toBe(2);
    expect(stored(await ledger.audit.verify())).toBe(4);
  });

  async function threeEntries(): Promise<DatabaseSync> {
    const ledger = await opened(pathOf());
    for (const subject of ['a', 'b', 'c']) {
      stored(await ledger.audit.append({ action: 'test', subject, detail: {} }, change));
    }
    return new DatabaseSync(pathOf());
  }

  test('the engine itself refuses to change or delete an entry', async () => {
    const database = await threeEntries();
    expect(() => database.exec("update audit set actor = 'eve'")).toThrow(/append-only/);
    expect(() => database.exec('delete from audit')).toThrow(/append-only/);
    database.close();
  });

  test.each([
    ['changed', "drop trigger audit_keeps_its_words; update audit set reason = '' where sequence = 2", 2],
    ['removed', 'drop trigger audit_keeps_its_rows; delete from audit where sequence = 2', 2],
    ['removed from the start', 'drop trigger audit_keeps_its_rows; delete from audit where sequence = 1', 1],
  ])('an entry that was %s behind its back is named', async (_how, sql, sequence) => {
    const database = await threeEntries();
    database.exec(sql);
    database.close();
    const ledger = await opened(pathOf());
    expect(await ledger.audit.verify()).toEqual({ ok: false, error: { code: 'audit_broken', sequence } });
  });

  test('changes made at the same time get one place each', async () => {
    const [one, other] = [await opened(pathOf()), await opened(pathOf())];
    const writes = Array.from({ length: 20 }, (_, index) =>
      (index % 2 === 0 ? one : other).audit.append(
        { action: 'test', subject: `${index}`, detail: {} },
        change,
      ),
    );
    for (const written of await Promise.all(writes)) expect(written.ok).toBe(true);
    expect(stored(await one.audit.verify())).toBe(20);
  });
});

describe('opening', () => {
  test('a ledger is made with its folder, for its owner alone', async () => {
    const path = join(folder, 'state', 'deep', 'ledger.db');
    await opened(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('opening again changes nothing', async () => {
    const first = await opened(pathOf());
    stored(await first.baselines.append({ id: 'x', scope: SCOPE, version: 1, content: {} }, change));
    const again = await opened(pathOf());
    expect(stored(await again.baselines.latest(SCOPE))?.id).toBe('x');
  });

  test.each([
    ['a file that is no database', (path: string) => writeFileSync(path, 'not a database '.repeat(100))],
    ['a database of another program', (path: string) => makeDatabase(path, 'create table theirs (x)')],
  ])('%s is refused and left as it was', async (_name, make) => {
    make(pathOf());
    const before = statSync(pathOf()).size;
    expect(await openLedger(pathOf())).toMatchObject({ ok: false, error: { code: 'ledger_unreadable' } });
    expect(statSync(pathOf()).size).toBe(before);
  });

  test('a folder in the place of the file is said so', async () => {
    expect(await openLedger(folder)).toMatchObject({
      ok: false,
      error: { code: 'ledger_unreadable', path: folder },
    });
  });

  test('a ledger of a later Bulkhead is refused', async () => {
    await opened(pathOf());
    makeDatabase(pathOf(), 'pragma user_version = 99');
    expect(await openLedger(pathOf())).toMatchObject({
      ok: false,
      error: { code: 'ledger_too_new', found: 99, understood: 1 },
    });
  });

  test('a write while another process holds the ledger is answered, not lost', async () => {
    const ledger = await opened(pathOf(), { busyTimeoutMs: 1 });
    const holder = new DatabaseSync(pathOf());
    holder.exec('begin immediate');
    const entry = { action: 'test', subject: 's', detail: {} };
    expect(await ledger.audit.append(entry, change)).toEqual({
      ok: false,
      error: { code: 'ledger_busy', path: pathOf() },
    });
    expect(stored(await ledger.audit.list({ limit: 1 }))).toEqual([]);
    holder.exec('rollback');
    holder.close();
    expect(await ledger.audit.append(entry, change)).toMatchObject({ ok: true });
  });
});

function makeDatabase(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}
