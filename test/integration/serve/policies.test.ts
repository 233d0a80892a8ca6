import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Problem } from '#contract/problem.ts';
import { bulkhead } from '../../support/cli.ts';
import { parsedAnswer } from '../../support/question-schemas.ts';
import { serve } from '../../support/serving.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const EXAMPLE = fileURLToPath(new URL('../../../policies-out/demo', import.meta.url));

async function asked(address: string, question: string, body: unknown): Promise<unknown> {
  const response = await fetch(`${address}/api/v1/questions/${question}`, {
    method: 'POST',
    headers: { origin: address, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.json();
}

const QUESTION = { policies: { from: 'current' }, from: 'shop/frontend', to: 'data/orders-db', port: 5432 };

test('a server that was given the policies of the cluster answers about them, and ends when told to', async () => {
  const cwd = tempFolder();
  cpSync(EXAMPLE, join(cwd, 'policies'), { recursive: true });
  const { address, stop } = await serve(['--policies', 'policies', '--speed', '0.001'], cwd);
  const { answer } = parsedAnswer('explain', await asked(address, 'explain', QUESTION));
  expect(answer).toMatchObject({
    answer: 'denied',
    cases: [{ egress: { isolatedBy: [{ source: 'default-deny/shop.yaml:1' }, {}] } }],
  });
  expect(await stop()).toBe(0);
});

test('the proposal of the demo is the example, so that nothing changes between the two', async () => {
  const cwd = tempFolder();
  cpSync(EXAMPLE, join(cwd, 'policies'), { recursive: true });
  const { address, stop } = await serve(['--policies', 'policies', '--speed', '0.001'], cwd);
  const old = { from: 'current' };
  let json = await asked(address, 'diff', { old, new: { from: 'proposal' } });
  // The first proposal is made after the address is printed.
  while (Problem.safeParse(json).data?.code === 'no_proposal')
    json = await asked(address, 'diff', { old, new: { from: 'proposal' } });
  const { answer } = parsedAnswer('diff', json);
  expect(answer).toMatchObject({ changes: [], failed: false, connections: { old: 61, new: 61 } });
  expect(await stop()).toBe(0);
});

test('without --policies there are no current ones, and the answer says what to do', async () => {
  const { address, stop } = await serve(['--speed', '0.001'], tempFolder());
  const problem = Problem.parse(await asked(address, 'explain', QUESTION));
  expect(problem.code).toBe('no_current_policies');
  expect(problem.detail).toContain('--policies');
  expect(await stop()).toBe(0);
});

test.each([
  ['a folder that is not there', 'nowhere', 'could not be read'],
  ['a file without a policy', 'empty.yaml', 'holds no NetworkPolicy that could be read'],
])('%s is one sentence and exit code 2, before any address is printed', async (_name, path, says) => {
  const cwd = tempFolder();
  writeFileSync(join(cwd, 'empty.yaml'), 'kind: Namespace\napiVersion: v1\nmetadata: {name: shop}\n');
  const run = await bulkhead(['serve', '--port', '0', '--policies', path], { cwd });
  expect(run).toEqual({ code: 2, out: '', err: expect.stringContaining(says) });
});
