import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bulkhead } from '../../support/cli.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const end = (name: string) => ({
  namespace: 'shop',
  pod_name: name,
  labels: [`k8s:app=${name.split('-')[0]}`],
});

const line = (port: number, more: Record<string, unknown> = {}): string =>
  JSON.stringify({
    flow: {
      time: '2026-03-02T08:00:00.000000001Z',
      verdict: 'FORWARDED',
      IP: { source: '10.0.0.1', destination: '10.0.0.2' },
      l4: { TCP: { source_port: 40_000 + port, destination_port: port, flags: { SYN: true } } },
      source: end('cart-7d9c5b6f4-x2x4z'),
      destination: end('db-0'),
      event_type: { type: 4 },
      ...more,
    },
  });

const EDGE = 'shop/cart[Deployment] => shop/db[StatefulSet] : TCP 5432 (1 conversation)\n';

test('a file, a gzip file, a folder and standard input give the same graph', async () => {
  const cwd = tempFolder();
  const text = `${line(5432)}\n`;
  writeFileSync(join(cwd, 'a.log'), text);
  writeFileSync(join(cwd, 'b.log.gz'), gzipSync(text));
  mkdirSync(join(cwd, 'folder'));
  writeFileSync(join(cwd, 'folder', 'events.log'), text);
  const runs = await Promise.all([
    bulkhead(['graph', 'a.log'], { cwd }),
    bulkhead(['graph', 'b.log.gz'], { cwd }),
    bulkhead(['graph', 'folder'], { cwd }),
    bulkhead(['graph', '-'], { cwd, input: text }),
    bulkhead(['graph', '*.log'], { cwd }),
  ]);
  for (const run of runs) expect(run).toEqual({ code: 0, out: EDGE, err: '' });
});

test.each([
  { name: 'a missing file', args: ['graph', 'nope.log'], says: 'nope.log does not exist' },
  { name: 'an empty file', args: ['graph', 'empty.log'], says: 'empty.log is empty' },
  { name: 'a folder without exports', args: ['graph', 'folder'], says: 'folder holds no flow export' },
  { name: 'a binary file', args: ['graph', 'binary.log'], says: 'binary.log is not text' },
  { name: 'a pattern that matches nothing', args: ['graph', '*.xyz'], says: 'matches no file' },
  { name: 'a wrong time', args: ['graph', 'good.log', '--from', 'yesterday'], says: 'is no time' },
  {
    name: 'a day that does not exist',
    args: ['graph', 'good.log', '--from', '2026-02-30'],
    says: 'is no time',
  },
  { name: 'a wrong namespace', args: ['graph', 'good.log', '-n', 'A B'], says: 'is no namespace name' },
  { name: 'a wrong format', args: ['graph', 'good.log', '-f', 'pdf'], says: 'Allowed choices are' },
  { name: 'an unknown command', args: ['grpah', 'good.log'], says: "unknown command 'grpah'" },
  { name: 'no file at all', args: ['graph'], says: "missing required argument 'flows'" },
])('$name is one clear sentence and exit code 2', async ({ args, says }) => {
  const cwd = tempFolder();
  writeFileSync(join(cwd, 'good.log'), `${line(5432)}\n`);
  writeFileSync(join(cwd, 'empty.log'), '');
  writeFileSync(join(cwd, 'binary.log'), Buffer.from([0, 1, 2, 3, 0, 255]));
  mkdirSync(join(cwd, 'folder'));
  const { code, out, err } = await bulkhead(args, { cwd });
  expect(code).toBe(2);
  expect(out).toBe('');
  expect(err).toContain(says);
  expect(err).not.toMatch(/^\s+at /m);
});

test('a bad record is counted and named, the rest goes on, and --strict makes it exit code 2', async () => {
  const cwd = tempFolder();
  writeFileSync(join(cwd, 'events.log'), `${line(5432)}\n{"flow":{"verdict":12.5,"IP":7}}\n`);
  const lax = await bulkhead(['graph', 'events.log'], { cwd });
  expect(lax.code).toBe(0);
  expect(lax.out).toBe(EDGE);
  expect(lax.err).toContain('1 record could not be read; the first: events.log:2');
  expect((await bulkhead(['graph', 'events.log', '--strict'], { cwd })).code).toBe(2);
  const inspected = await bulkhead(['inspect', 'events.log', '--json'], { cwd });
  expect(JSON.parse(inspected.out)).toMatchObject({ summary: { flows: 1, badRecords: 1 } });
});

test('one bad file among good ones is named, the good ones are used, and the exit code is 2', async () => {
  const cwd = tempFolder();
  writeFileSync(join(cwd, 'good.log'), `${line(5432)}\n`);
  const run = await bulkhead(['graph', 'good.log', 'nope.log'], { cwd });
  expect(run).toMatchObject({ code: 2, out: EDGE });
  expect(run.err).toContain('nope.log does not exist');
});

test('every command explains itself with examples', async () => {
  const cwd = tempFolder();
  for (const command of [
    'serve',
    'inspect',
    'graph',
    'learn',
    'propose',
    'verify',
    'drift',
    'demo',
    'connections',
    'explain',
    'replay',
  ]) {
    const { code, out } = await bulkhead([command, '--help'], { cwd });
    expect({ command, code }).toEqual({ command, code: 0 });
    expect(out).toContain(`Usage: bulkhead ${command} `);
    expect(out).toContain('Examples:');
  }
});

test('hostile text reaches the terminal as visible escapes only', async () => {
  const cwd = tempFolder();
  const hostile = '\u001b[2J\u009b31m\u202eevil\u0085';
  const record = line(5432, { source: { namespace: 'shop', pod_name: hostile, labels: [] } });
  writeFileSync(join(cwd, 'events.log'), `${record}\n${hostile} some log text\n`);
  const runs = await Promise.all([
    bulkhead(['inspect', 'events.log'], { cwd }),
    bulkhead(['graph', 'events.log', '--format', 'csv'], { cwd }),
  ]);
  for (const { code, out, err } of runs) {
    expect(code).toBe(0);
    expect(`${out}${err}`.replaceAll(/[\r\n]/g, '')).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e]/u);
  }
  expect(runs[0]?.out).toContain('\\u{1b}[2J');
});

test('the demo recording has the same bytes for the same seed and reads back without a bad line', async () => {
  const cwd = tempFolder();
  const written = await bulkhead(['demo', '-o', 'a.jsonl', '--minutes', '3'], { cwd });
  expect(written.code).toBe(0);
  const [first, second] = await Promise.all([
    bulkhead(['demo', '-o', '-', '--minutes', '3'], { cwd }),
    bulkhead(['inspect', 'a.jsonl', '--strict', '--json'], { cwd }),
  ]);
  expect(first.out.split('\n').length).toBeGreaterThan(500);
  expect(first.out).toBe(readFileSync(join(cwd, 'a.jsonl'), 'utf8'));
  expect(second.code).toBe(0);
  expect(JSON.parse(second.out)).toMatchObject({ summary: { badRecords: 0 } });
});
