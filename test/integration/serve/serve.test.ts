import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { bulkhead } from '../../support/cli.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const BIN = fileURLToPath(new URL('../../../server/cli/bulkhead.ts', import.meta.url));
const TOKEN = 'canary-token-0123456789abcdef';

/** A folder with a file in it that is no folder. */
function folderWithFile(): string {
  const cwd = tempFolder();
  writeFileSync(join(cwd, 'taken'), 'text');
  return cwd;
}

test.each([
  { name: 'a data folder that is a file', args: ['--data', 'taken'], says: 'there is a file of that name' },
  {
    name: 'a data folder below a file',
    args: ['--data', 'taken/data'],
    says: 'a part of its path is a file',
  },
  { name: 'a missing file', args: ['--file', 'nope.log'], says: 'nope.log does not exist' },
  { name: 'a pattern without a match', args: ['--file', 'x*.log'], says: 'x*.log matches no file' },
  {
    name: 'another address without a token',
    args: ['--host', '0.0.0.0'],
    says: 'set BULKHEAD_TOKEN to',
  },
])('$name is one sentence and exit code 2, before any address is printed', async ({ args, says }) => {
  const run = await bulkhead(['serve', '--port', '0', ...args], { cwd: folderWithFile() });
  expect(run).toEqual({ code: 2, out: '', err: expect.stringContaining(says) });
  expect(run.err).toMatch(/^bulkhead: [^\n]*\.\n$/);
});

test('an empty standard input is called by the name a person knows it by', async () => {
  const run = await bulkhead(['serve', '--port', '0', '--file', '-'], { cwd: tempFolder(), input: '' });
  expect(run.code).toBe(2);
  expect(run.err).toBe('bulkhead: standard input is empty: there is nothing to read in it.\n');
});

test('the help says what recordings share in --data', async () => {
  const { out } = await bulkhead(['serve', '--help'], { cwd: tempFolder() });
  expect(out).toMatch(/Recordings of the same cluster[^.]* share/);
});

/** A server whose standard input stays open, and the lines it prints. */
function started(args: readonly string[], cwd: string) {
  const child = spawn(process.execPath, [BIN, 'serve', '--port', '0', ...args], {
    cwd,
    env: { ...process.env, BULKHEAD_TOKEN: TOKEN },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => String((await lines.next()).value);
  const stop = async (): Promise<unknown> => {
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    return code;
  };
  return { nextLine, stop };
}

test('on every address it says where it is, what it answers to, and how to add names', async () => {
  const args = ['--host', '0.0.0.0', '--allowed-host', 'bulkhead.example.com', '--speed', '0.001'];
  const { nextLine, stop } = started(args, tempFolder());
  expect(await nextLine()).toMatch(/^bulkhead: demo shop on http:\/\/\S+:\d+$/);
  const second = await nextLine();
  expect(second).toContain('listens on 0.0.0.0 and answers to localhost, 127.0.0.1, bulkhead.example.com;');
  expect(second).toContain('--allowed-host');
  expect(await stop()).toBe(0);
});

test('a signal ends it while it still waits for standard input', async () => {
  const { nextLine, stop } = started(['--file', '-'], tempFolder());
  expect(await nextLine()).toMatch(/^bulkhead: standard input on http:/);
  expect(await stop()).toBe(0);
});
