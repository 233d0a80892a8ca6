import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { bulkhead } from '../../support/cli.ts';
import { tempFolderForSuite } from '../../support/temp-folder.ts';

const BIN = fileURLToPath(new URL('../../../server/cli/bulkhead.ts', import.meta.url));
const cwd = tempFolderForSuite();

interface Ended {
  readonly code: number | null;
  readonly err: string;
}

function ended(child: ReturnType<typeof spawn>): Promise<Ended> {
  const err: Buffer[] = [];
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, err: Buffer.concat(err).toString() }));
  });
}

/** Like `| head -1`: takes the first bytes, then closes the pipe. */
function readALittle(args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [BIN, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.once('data', () => child.stdout.destroy());
  return ended(child);
}

async function writeToFullDisk(args: readonly string[]): Promise<Ended> {
  const full = openSync('/dev/full', 'w');
  const run = ended(spawn(process.execPath, [BIN, ...args], { cwd, stdio: ['ignore', full, 'pipe'] }));
  closeSync(full);
  return run;
}

beforeAll(async () => {
  await bulkhead(['demo', '-o', 'demo.jsonl', '--minutes', '12'], { cwd });
  await bulkhead(['learn', 'demo.jsonl', '--until', '2026-03-02T08:02:00Z', '-o', 'early.yaml'], { cwd });
});

describe('a reader that has had enough', () => {
  test.each([
    ['graph', 'demo.jsonl', '--json'],
    ['learn', 'demo.jsonl', '-o', '-'],
    ['demo', '-o', '-'],
  ])('ends `bulkhead %s %s %s %s` quietly and with exit code 0', async (...args) => {
    expect(await readALittle(args)).toEqual({ code: 0, err: '' });
  });

  test('does not change what a judging command found', async () => {
    expect(await readALittle(['drift', 'demo.jsonl', '-b', 'early.yaml', '--json'])).toEqual({
      code: 1,
      err: '',
    });
  });
});

describe.skipIf(!existsSync('/dev/full'))('a full disk (needs /dev/full)', () => {
  test.each([
    ['graph', 'demo.jsonl', '--json'],
    ['graph', 'demo.jsonl'],
    ['demo', '-o', '-', '--minutes', '2'],
    ['drift', 'demo.jsonl', '-b', 'early.yaml'],
  ])('is one sentence and exit code 2 from `bulkhead %s %s %s %s`', async (...args) => {
    expect(await writeToFullDisk(args)).toEqual({
      code: 2,
      err: 'bulkhead: standard output could not be written: no space is left on the device.\n',
    });
  });
});

test('a slow reader gets everything, to the last byte', async () => {
  const whole = await bulkhead(['graph', 'demo.jsonl', '--json'], { cwd });
  expect(whole.out.length).toBeGreaterThan(200_000); // more than a pipe holds
  const child = spawn(process.execPath, [BIN, 'graph', 'demo.jsonl', '--json'], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const run = ended(child);
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) {
    chunks.push(chunk as Buffer);
    await new Promise((resolve) => setImmediate(resolve)); // the writer meets a pipe that is full
  }
  expect(await run).toEqual({ code: 0, err: '' });
  expect(Buffer.concat(chunks).toString()).toBe(whole.out);
});
