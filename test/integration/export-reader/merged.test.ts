import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readPaths } from '../../support/export-reading.ts';
import { flowLine } from '../../support/hubble-lines.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-merged-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const line = (second: number): string =>
  flowLine({ time: new Date(Date.UTC(2026, 2, 2, 8, 0, second)).toISOString() });

const lines = (seconds: readonly number[]): string => seconds.map((second) => `${line(second)}\n`).join('');

const put = (name: string, text: string): void =>
  writeFileSync(join(folder, name), name.endsWith('.gz') ? gzipSync(text) : text);

/** `file:line` of each record, in the order in which they were read. */
async function places(): Promise<{ readonly order: readonly string[]; readonly seconds: readonly number[] }> {
  const { records, files, lines: numbers } = await readPaths([folder]);
  return {
    order: files.map((file, i) => `${basename(file)}:${numbers[i]}`),
    seconds: records.map((record) =>
      record.kind === 'flow' ? (record.flow.at - Date.UTC(2026, 2, 2, 8)) / 1000 : Number.NaN,
    ),
  };
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

test('files of several nodes are read side by side, in order of time', async () => {
  put('node-a.log', lines([1, 4, 5, 9]));
  put('node-b.log.gz', lines([2, 3, 5, 10]));
  put('node-c.log', lines([0]));
  expect((await places()).order).toEqual([
    'node-c.log:1',
    'node-a.log:1',
    'node-b.log.gz:1',
    'node-b.log.gz:2',
    'node-a.log:2',
    'node-a.log:3',
    'node-b.log.gz:3',
    'node-a.log:4',
    'node-b.log.gz:4',
  ]);
});

test('the files of a rotated set follow each other while another node is read beside them', async () => {
  put('node-a.log.2.gz', lines([0, 2]));
  put('node-a.log.1', lines([4, 6]));
  put('node-a.log', lines([8]));
  put('node-b.log', lines([1, 3, 5, 7, 9]));
  expect((await places()).seconds).toEqual(range(10));
});

test('long files stay in order across all their chunks', async () => {
  const names = range(20);
  for (const node of names) {
    put(`node-${node}.log`, lines(range(600).map((i) => i * names.length + ((node * 7) % names.length))));
  }
  expect((await places()).seconds).toEqual(range(600 * names.length));
});

test('more files than are opened at once are all read, each in its own order', async () => {
  const names = range(600);
  for (const node of names) put(`${String(node).padStart(3, '0')}.log`, lines([node, node + 1000]));
  const { order } = await places();
  expect(order).toHaveLength(1200);
  expect(order.slice(0, 2)).toEqual(['000.log:1', '001.log:1']);
  expect(new Set(order).size).toBe(1200);
});

test('records without a time stay where they stand in their file', async () => {
  put('node-a.log', `${line(5)}\n{"lost_events":{"num_events_lost":1}}\n${line(6)}\n`);
  put('node-b.log', `{"agent_event":{}}\n${lines([1, 9])}`);
  expect((await places()).order).toEqual([
    'node-b.log:1',
    'node-b.log:2',
    'node-a.log:1',
    'node-a.log:2',
    'node-a.log:3',
    'node-b.log:3',
  ]);
});

test('what is counted, and the examples, name the right file and line', async () => {
  put('node-a.log', `${lines([1, 3])}{"flow":{"verd\n${line(5)}\n`);
  put('node-b.log.gz', `${line(2)}\nsome text\n${line(4)}\n`);
  put('node-c.log', Buffer.from([1, 2, 3, 4, 5, 6]).toString('latin1'));
  const { summary, failures } = await readPaths([folder]);
  expect(
    summary.files.map(({ name, records, failure }) => [basename(name), records, failure === undefined]),
  ).toEqual([
    ['node-a.log', 4, true],
    ['node-b.log.gz', 3, true],
    ['node-c.log', 0, false],
  ]);
  expect(summary.bad[0]?.examples).toMatchObject([{ file: join(folder, 'node-a.log'), line: 3 }]);
  expect(summary.text.examples).toMatchObject([{ file: join(folder, 'node-b.log.gz'), line: 2 }]);
  expect(failures.map(({ code }) => code)).toEqual(['binary']);
});
