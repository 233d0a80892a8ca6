import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const COMMAND = join(ROOT, 'deploy/package/bulkhead.mjs');
const START = 'npx --no-install bulkhead ';

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);

/** The commands a reader is told to type, without their comments, in the order they stand in. */
const commands = blocks
  .flatMap((block) => block.split('\n'))
  .filter((line) => line.startsWith(START))
  .map((line) =>
    line
      .slice(START.length)
      .replace(/\s+#.*$/, '')
      .trim(),
  );

const folder = mkdtempSync(join(tmpdir(), 'bulkhead-readme-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (command: string) => {
  const argv = [COMMAND, ...command.split(' ')];
  const { status, stderr } = spawnSync(process.execPath, argv, { cwd: folder, encoding: 'utf8' });
  return { status, stderr };
};

/** The demo's recording ends in an attack, which is for this command to find. */
const expectedCode = (command: string): number => (command.startsWith('drift ') ? 1 : 0);

describe('what the readme tells its reader to type', () => {
  test('names both commands in exactly this form', () => {
    expect(blocks).toContain('npm ci && npm start\n');
    expect(blocks).toContain('npm ci && npm test\n');
  });

  test('works, one command after the other, on the recording of the demo', () => {
    expect(readme).toContain(`\`${START}demo -o events.log\``);
    expect(commands.length).toBeGreaterThan(4);
    for (const command of ['demo -o events.log', ...commands]) {
      const { status, stderr } = run(command);
      expect({ command, status, stderr: status === expectedCode(command) ? '' : stderr }).toEqual({
        command,
        status: expectedCode(command),
        stderr: '',
      });
    }
  });

  test('starts through npx from any folder of a checkout', () => {
    // npx takes the first Node of the PATH, which is the one of the lockfile when npm starts it.
    const path = `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`;
    const env = { ...process.env, PATH: path, npm_config_cache: join(folder, 'npm-cache') };
    const { status, stdout } = spawnSync('npx', ['--no-install', 'bulkhead', '--version'], {
      cwd: join(ROOT, 'server/core'),
      env,
      encoding: 'utf8',
    });
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${version}\n` });
  });
});
