import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bulkhead } from '../../support/cli.ts';
import { tempFolder } from '../../support/temp-folder.ts';

async function recorded(): Promise<string> {
  const cwd = tempFolder();
  expect((await bulkhead(['demo', '-o', 'demo.jsonl', '--minutes', '12'], { cwd })).code).toBe(0);
  return cwd;
}

test('a proposal says what the hold-out lost, what its rules rest on, and how to roll it out', async () => {
  const cwd = await recorded();
  const { code, out } = await bulkhead(['propose', 'demo.jsonl', '-o', 'out'], { cwd });
  expect(code).toBe(0);
  expect(out).toMatch(
    /^hold-out: learnt up to \S+ alone, \d+ of [\d ]+ conversations in the \d min \d\d s after it would have been lost \(/m,
  );
  expect(out).toMatch(/^confidence of the rules: \d+ A, \d+ B, \d+ C, \d+ D$/m);
  expect(out).toMatch(/^ {2}D: .*; needs: /m);
  expect(out).toMatch(/^rollout: \d+ waves, no state on the way cuts what the whole admits/m);
  const report = readFileSync(join(cwd, 'out/demo/REPORT.md'), 'utf8');
  expect(report).toContain('## Hold-out');
  expect(readFileSync(join(cwd, 'out/demo/ROLLOUT.md'), 'utf8')).toContain('no wave cuts any of it');
  expect((await bulkhead(['verify', 'out'], { cwd })).code).toBe(0);
});

test('the hold-out can be sized, and turned off; policies and certificate stay the same', async () => {
  const cwd = await recorded();
  const json = async (...more: string[]) => {
    const { code, out } = await bulkhead(
      ['propose', 'demo.jsonl', '-o', more.join('_') || 'out', '--json', ...more],
      {
        cwd,
      },
    );
    expect(code).toBe(0);
    return JSON.parse(out).clusters[0];
  };
  const [usual, half, none] = [await json(), await json('--hold-out', '0.5'), await json('--hold-out', '0')];
  expect(usual.holdOut).toMatchObject({ share: 0.2, outcome: 'judged' });
  expect(half.holdOut).toMatchObject({ share: 0.5, outcome: 'judged' });
  expect(half.holdOut.cutAt).toBeLessThan(usual.holdOut.cutAt);
  expect(none.holdOut).toBeNull();
  expect([half.id, none.id]).toEqual([usual.id, usual.id]);
  expect(usual.rules[0]).toMatchObject({ parts: { points: expect.any(Number), caps: expect.any(Array) } });
  expect(usual.rollout.isSafe).toBe(true);
});

test.each(['1', '-0.1', 'abc', '1e-1', ''])(
  'a share that is none, %j, is one clear sentence and exit code 2',
  async (share) => {
    const cwd = tempFolder();
    const { code, out, err } = await bulkhead(['propose', 'demo.jsonl', `--hold-out=${share}`], { cwd });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('is no share of the recording');
  },
);
