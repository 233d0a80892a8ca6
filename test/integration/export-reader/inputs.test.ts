import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { expandInputs } from '../../../collector/sources/files/expand-inputs.ts';
import { describeInputFailure } from '../../../collector/sources/files/input-failure.ts';
import { createExportReader } from '../../../collector/sources/hubble/read-export.ts';
import { readPaths, readText } from '../../support/export-reading.ts';
import { flowLine } from '../../support/hubble-lines.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-inputs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, content: string | Uint8Array = `${flowLine()}\n`): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

async function namesOf(...inputs: readonly string[]): Promise<readonly string[]> {
  const expanded = await expandInputs(inputs);
  return expanded.inputs.map(({ path }) => basename(path));
}

async function sentences(...inputs: readonly string[]): Promise<readonly string[]> {
  const { failures } = await readPaths(inputs);
  return failures.map((failure) => describeInputFailure(failure).replaceAll(folder, ''));
}

test('a rotated set is read oldest first, whatever order the disk or the user gives', async () => {
  const names = [
    'events.log',
    'events-2026-03-02T09-00-00.000.log',
    'events-2026-03-01T08-00-00.500.log.gz',
    'events-2026-03-01T08-00-00.000.log.gz',
    'other.log',
    'other.log.1',
    'other.log.10.gz',
    'other.log.2.gz',
  ];
  const paths = names.map((name) => put(name, name.endsWith('.gz') ? gzipSync(flowLine()) : flowLine()));
  const inOrder = [
    'events-2026-03-01T08-00-00.000.log.gz',
    'events-2026-03-01T08-00-00.500.log.gz',
    'events-2026-03-02T09-00-00.000.log',
    'events.log',
    'other.log.10.gz',
    'other.log.2.gz',
    'other.log.1',
    'other.log',
  ];
  expect(await namesOf(folder)).toEqual(inOrder);
  expect(await namesOf(...paths)).toEqual(inOrder);
  expect(await namesOf(join(folder, '*.log*'))).toEqual(inOrder);
  expect(await namesOf(...paths.toReversed())).toEqual([...inOrder.slice(4), ...inOrder.slice(0, 4)]);
});

test('a rotated file beside its own compressed copy is read once', async () => {
  put('events-2026-03-02T09-00-00.000.log');
  put('events-2026-03-02T09-00-00.000.log.gz', gzipSync(flowLine()));
  put('events.log');
  expect(await namesOf(folder)).toEqual(['events-2026-03-02T09-00-00.000.log', 'events.log']);
});

test('a file that is named twice, directly, by pattern, by folder or by link, is read once', async () => {
  const path = put('events.log');
  symlinkSync(path, join(folder, 'link.log'));
  expect(await namesOf(path, path, folder, join(folder, '*.log'), join(folder, 'link.log'))).toEqual([
    'events.log',
  ]);
});

test('a folder gives its exports, also from folders below, and nothing else', async () => {
  for (const name of ['b/flows.jsonl', 'a.json', 'c/d/e.ndjson', 'notes.md', 'policy.yaml', '.hidden.log'])
    put(name);
  put('just-rotated.log', '');
  expect(await namesOf(folder)).toEqual(['a.json', 'flows.jsonl', 'e.ndjson']);
});

test('a file whose name holds pattern characters is that file', async () => {
  const path = put('flows[1].jsonl');
  put('flows1.jsonl');
  expect(await namesOf(path)).toEqual(['flows[1].jsonl']);
});

test('gzip says the same as plain, under any name', async () => {
  const text = Array.from({ length: 3000 }, (_, i) => flowLine({ uuid: `${i}` })).join('\n');
  const plain = await readPaths([put('plain.log', text)]);
  const packed = await readPaths([put('packed.log.gz', gzipSync(text))]);
  const misnamed = await readPaths([put('packed.log', gzipSync(text))]);
  const halves = [gzipSync(text.slice(0, 5000)), gzipSync(text.slice(5000))];
  const joined = await readPaths([put('joined.gz', Buffer.concat(halves))]);
  const piped = await readText(gzipSync(text));
  expect(plain.summary.flows).toBe(3000);
  for (const other of [packed, misnamed, joined, piped]) {
    expect(other.records).toEqual(plain.records);
    expect(other.lines).toEqual(plain.lines);
    expect(other.failures).toEqual([]);
  }
});

test('a damaged gzip file gives what came before the damage, and a sentence', async () => {
  const lines = Array.from({ length: 5000 }, (_, i) => flowLine({ uuid: `${i * 7919}` }));
  const packed = gzipSync(lines.join('\n'));
  const path = put('half.log.gz', packed.subarray(0, packed.length / 2));
  const { summary, failures } = await readPaths([path]);
  expect(summary.flows).toBeGreaterThan(1000);
  expect(failures.map(({ code }) => code)).toEqual(['gzip_damaged']);
  expect(summary.files[0]?.failure).toContain('damaged or unfinished gzip file');
});

test('C12: a gzip bomb is stopped, and costs no memory', async () => {
  const packed = gzipSync(Buffer.alloc(256 * 1024 * 1024, '\n'));
  const path = put('bomb.log.gz', Buffer.concat([packed]));
  const before = process.memoryUsage().rss;
  expect(await sentences(path)).toEqual([
    '/bomb.log.gz unpacks to far more than any flow export does; reading stopped, and what came before was used.',
  ]);
  expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1024 * 1024);
});

test('what can not be read is one clear sentence each, and the rest is read', async () => {
  mkdirSync(join(folder, 'nothing'));
  put('nothing/readme.md');
  const good = put('good.log');
  const inputs = [
    join(folder, 'missing.log'),
    put('empty.log', ''),
    put('empty.log.gz', gzipSync('')),
    join(folder, 'nothing'),
    join(folder, '*.none'),
    put('picture.log', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3])),
    put('noise.log', Buffer.from([1, 2, 3, 4, 5, 6])),
    put('binary.gz', gzipSync(Buffer.alloc(100))),
    put('windows.log', Buffer.from(`\ufeff${flowLine()}`, 'utf16le')),
    good,
  ];
  const { summary, failures } = await readPaths(inputs);
  expect(summary.flows).toBe(1);
  expect(failures.map((failure) => describeInputFailure(failure).replaceAll(folder, ''))).toEqual([
    '/missing.log does not exist.',
    '/empty.log is empty: there is nothing to read in it.',
    '/nothing holds no flow export (looked for .json, .jsonl, .ndjson and .log files, also with .gz).',
    '/*.none matches no file.',
    '/empty.log.gz is empty: there is nothing to read in it.',
    '/picture.log is not text: a flow export is JSON lines, plain or gzip-compressed.',
    '/noise.log is not text: a flow export is JSON lines, plain or gzip-compressed.',
    '/binary.gz is not text: a flow export is JSON lines, plain or gzip-compressed.',
    '/windows.log is UTF-16 text: save it as UTF-8 and try again.',
  ]);
});

test('standard input is read like a file, and an empty one says so', async () => {
  const { summary } = await readText(`${flowLine()}\n`);
  expect(summary.files).toEqual([{ name: '-', records: 1, failure: undefined }]);
  const { failures } = await readText('');
  expect(failures.map(describeInputFailure)).toEqual([
    'standard input is empty: there is nothing to read in it.',
  ]);
});

test('progress counts the bytes on disk up to their total', async () => {
  const paths = [put('a.log', `${flowLine()}\n`.repeat(2000)), put('b.log.gz', gzipSync(flowLine()))];
  const { inputs } = await expandInputs(paths);
  const reader = createExportReader(inputs);
  const seen: number[] = [];
  for await (const batch of reader.batches()) {
    expect(batch.records.length).toBe(batch.lines.length);
    seen.push(reader.progress().bytesRead);
  }
  const total = inputs.reduce((sum, { size }) => sum + (size ?? 0), 0);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(reader.progress()).toEqual({ file: paths[1], bytesRead: total, bytesTotal: total, flows: 2001 });
});

/** Waits until this process holds the file no more, a bounded number of turns of the event loop. */
async function isReleased(path: string): Promise<boolean> {
  for (let turn = 0; turn < 10_000; turn += 1) {
    const held = readdirSync('/proc/self/fd').some((fd) => linkTarget(`/proc/self/fd/${fd}`) === path);
    if (!held) return true;
    await nextTurn();
  }
  return false;
}

function linkTarget(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test.skipIf(process.platform !== 'linux').each(['a.log', 'a.log.gz'])(
  'a reader that is left early closes %s (looked up in /proc: Linux only)',
  async (name) => {
    const text = Array.from({ length: 50_000 }, (_, i) => flowLine({ uuid: `${i * 7919}` })).join('\n');
    const path = put(name, name.endsWith('.gz') ? gzipSync(text) : text);
    const { inputs } = await expandInputs([path]);
    for await (const batch of createExportReader(inputs).batches()) {
      expect(batch.records.length).toBeGreaterThan(0);
      break;
    }
    expect(await isReleased(path)).toBe(true);
  },
);

test.skipIf(process.platform !== 'linux')(
  'a reader of several files that is left early closes them all (looked up in /proc: Linux only)',
  async () => {
    const text = Array.from({ length: 5000 }, (_, i) => flowLine({ uuid: `${i * 7919}` })).join('\n');
    const paths = [put('a.log', text), put('b.log', text), put('c.log.gz', gzipSync(text))];
    const { inputs } = await expandInputs(paths);
    for await (const batch of createExportReader(inputs).batches()) {
      expect(batch.records.length).toBeGreaterThan(0);
      break;
    }
    for (const path of paths) expect([path, await isReleased(path)]).toEqual([path, true]);
  },
);
