import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bulkhead } from '../../support/cli.ts';
import { tempFolder } from '../../support/temp-folder.ts';

async function demoIn(cwd: string): Promise<void> {
  const written = await bulkhead(['demo', '-o', 'demo.jsonl', '--minutes', '30'], { cwd });
  expect(written.code).toBe(0);
}

test('a proposal says how few rules do, spends a budget, and verifies from disk', async () => {
  const cwd = tempFolder();
  await demoIn(cwd);
  const plain = await bulkhead(['propose', 'demo.jsonl', '-n', 'shop', '-o', 'plain'], { cwd });
  expect(plain.out).toMatch(/^minimality: \d+ rules where \d+ is a lower bound; none can be left out$/m);
  expect(plain.out).not.toContain('budget of extras');

  const args = ['propose', 'demo.jsonl', '-n', 'shop', '--max-extra', '4', '-o', 'wide'];
  const wide = await bulkhead(args, { cwd });
  expect(wide.out).toMatch(
    /^budget of extras: [0-4] of 4 spent in \d+ steps?, which saves? \d+ rules or peers$/m,
  );
  expect((await bulkhead(['verify', 'wide'], { cwd })).code).toBe(0);
  expect(readFileSync(join(cwd, 'wide/demo/REPORT.md'), 'utf8')).toContain('## Budget of extras');

  const [cluster] = JSON.parse((await bulkhead([...args, '--json'], { cwd })).out).clusters;
  expect(cluster).toMatchObject({ minimality: { redundant: 0 }, budget: { maxExtra: 4 } });
});

test.each(['-1', 'many', '1.5', '10001'])(
  'a budget of %s is one clear sentence and exit code 2',
  async (text) => {
    const cwd = tempFolder();
    const run = await bulkhead(['propose', 'demo.jsonl', '--max-extra', text], { cwd });
    expect(run.code).toBe(2);
    expect(run.err).toContain(`--max-extra ${text} is no number of extras`);
  },
);

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: { name: cart, namespace: shop }
spec:
  selector: { matchLabels: { app.kubernetes.io/part-of: shop, app: cart } }
  template:
    metadata: { labels: { app: cart, app.kubernetes.io/part-of: shop } }
    spec: { containers: [{ name: cart }] }
`;

test('manifests say by which labels controllers select, and a folder without any is refused', async () => {
  const cwd = tempFolder();
  await demoIn(cwd);
  mkdirSync(join(cwd, 'manifests'));
  const propose = (folder: string) =>
    bulkhead(['propose', 'demo.jsonl', '-o', 'out', '--manifests', folder], { cwd });
  expect(await propose('manifests')).toMatchObject({ code: 2 });
  writeFileSync(join(cwd, 'manifests', 'cart.yaml'), DEPLOYMENT);
  expect(await propose('manifests')).toMatchObject({ code: 0 });
  expect(readFileSync(join(cwd, 'out/demo/shop/cart-deployment.yaml'), 'utf8')).toContain('app: cart');
});
