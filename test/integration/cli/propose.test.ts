import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bulkhead } from '../../support/cli.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const TRAINED = '2026-03-02T08:10:00Z';

async function demo(cwd: string): Promise<void> {
  const written = await bulkhead(['demo', '-o', 'demo.jsonl', '--minutes', '12'], { cwd });
  expect(written.code).toBe(0);
}

const filesIn = (folder: string): Map<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(folder.length), readFileSync(path, 'utf8')]),
  );

test('a proposal verifies, and stops verifying after a hand edit', async () => {
  const cwd = tempFolder();
  await demo(cwd);
  const proposed = await bulkhead(['propose', 'demo.jsonl', '-o', 'out'], { cwd });
  expect(proposed.code).toBe(0);
  expect(proposed.out).toMatch(/coverage \d+\.\d %/);
  const verified = await bulkhead(['verify', 'out'], { cwd });
  expect({ code: verified.code, out: verified.out }).toMatchObject({ code: 0 });
  expect(verified.out).toContain('the certificate holds');

  const file = join(cwd, 'out/demo/shop/cart-deployment.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('port: 8080', 'port: 8081'));
  const edited = await bulkhead(['verify', 'out'], { cwd });
  expect(edited.code).toBe(1);
  expect(edited.out).toContain('out/demo (cluster demo)');
  expect(edited.out).toContain('PROBLEM shop/cart-deployment.yaml');
  expect(edited.out).toContain('the certificate does not hold');

  const again = await bulkhead(['propose', 'demo.jsonl', '-o', 'out'], { cwd });
  expect(again.out).toContain('edited by hand, left as it is');
  expect(readFileSync(file, 'utf8')).toContain('port: 8081');
  await bulkhead(['propose', 'demo.jsonl', '-o', 'out', '--force'], { cwd });
  expect((await bulkhead(['verify', 'out'], { cwd })).code).toBe(0);
});

/** The demo, and the same again in a cluster `west` with pods and addresses of its own, in one file. */
async function twoClusters(cwd: string): Promise<void> {
  await demo(cwd);
  const text = readFileSync(join(cwd, 'demo.jsonl'), 'utf8');
  const west = text
    .replaceAll('"cluster_name":"demo"', '"cluster_name":"west"')
    .replaceAll('cluster=demo"', 'cluster=west"')
    .replaceAll(/"node_name":"demo\//g, '"node_name":"west/')
    .replaceAll('"pod_name":"', '"pod_name":"west-')
    .replaceAll(/"10\.(\d+\.\d+\.\d+)"/g, '"11.$1"');
  writeFileSync(join(cwd, 'both.jsonl'), text + west);
}

test('a scan in the recording does not fill the terminal; the report lists all that is not admitted', async () => {
  const cwd = tempFolder();
  await bulkhead(['demo', '-o', 'demo.jsonl'], { cwd });
  const proposed = await bulkhead(['propose', 'demo.jsonl', '--hold-out', '0', '-o', 'out'], { cwd });
  const [, hidden = ''] =
    /and (\d+) more edges with fewer conversations \(see REPORT\.md\)/.exec(proposed.out) ?? [];
  expect(Number(hidden)).toBeGreaterThan(50);
  expect(proposed.out.split('\n').length).toBeLessThan(70);
  const [, table = ''] = readFileSync(join(cwd, 'out/demo/REPORT.md'), 'utf8').split('## Not admitted');
  const rows = table.split('\n## ')[0]?.match(/^\| `.* => /gm) ?? [];
  expect(rows).toHaveLength(Number(hidden) + 10);
});

test('input of two clusters gives a proposal for each, and both are verified, alone and together', async () => {
  const cwd = tempFolder();
  await twoClusters(cwd);
  const proposed = await bulkhead(['propose', 'both.jsonl', '-o', 'out'], { cwd });
  expect({ code: proposed.code, err: proposed.err }).toEqual({ code: 0, err: '' });
  expect(proposed.out.match(/^\d+ edges of cluster \S+,/gm)).toHaveLength(2);
  for (const cluster of ['demo', 'west']) {
    expect(proposed.out).toContain(`out/${cluster}: `);
    const own = readdirSync(join(cwd, 'out', cluster));
    expect(own).toEqual(
      expect.arrayContaining(['certificate.json', 'REPORT.md', 'kustomization.yaml', 'shop', 'default-deny']),
    );
    expect((await bulkhead(['verify', `out/${cluster}`], { cwd })).code).toBe(0);
  }
  const all = await bulkhead(['verify', 'out', '--json'], { cwd });
  expect(JSON.parse(all.out)).toMatchObject({
    holds: true,
    strays: [],
    clusters: [
      { cluster: 'demo', holds: true },
      { cluster: 'west', holds: true },
    ],
  });

  writeFileSync(join(cwd, 'out/west/shop/cart-deployment.yaml'), 'kind: Service\n');
  const edited = await bulkhead(['verify', 'out'], { cwd });
  expect(edited.code).toBe(1);
  expect(edited.out).toMatch(/out\/demo \(cluster demo\)\nthe certificate holds/);
  expect(edited.out).toMatch(/the certificate does not hold/);

  writeFileSync(join(cwd, 'out/demo/certificate.json'), '{');
  const damaged = await bulkhead(['verify', 'out'], { cwd });
  expect(damaged.code).toBe(1);
  expect(damaged.out).toContain('out/demo/certificate.json is damaged');
  expect(damaged.out).toContain('out/west (cluster west)');
});

test('a cluster that was exported before stays as it is when another one joins it', async () => {
  const cwd = tempFolder();
  await twoClusters(cwd);
  await bulkhead(['propose', 'both.jsonl', '--cluster', 'demo', '-o', 'out'], { cwd });
  const before = filesIn(join(cwd, 'out/demo'));
  const west = await bulkhead(['propose', 'both.jsonl', '--cluster', 'west', '-o', 'out'], { cwd });
  expect(west.code).toBe(0);
  expect(filesIn(join(cwd, 'out/demo'))).toEqual(before);
  expect((await bulkhead(['verify', 'out'], { cwd })).code).toBe(0);
});

test('what lies beside the clusters and is proven by no certificate fails the check', async () => {
  const cwd = tempFolder();
  await demo(cwd);
  await bulkhead(['propose', 'demo.jsonl', '-o', 'out'], { cwd });
  writeFileSync(join(cwd, 'out/allow-all.yaml'), 'kind: NetworkPolicy\n');
  const { code, out } = await bulkhead(['verify', 'out'], { cwd });
  expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining('PROBLEM out/allow-all.yaml') });
});

test('pruning lists what it deletes; without it the same files are only listed', async () => {
  const cwd = tempFolder();
  await demo(cwd);
  const lines = readFileSync(join(cwd, 'demo.jsonl'), 'utf8').trimEnd().split('\n');
  const quiet = lines.filter((line) => !line.includes('payments'));
  writeFileSync(join(cwd, 'quiet.jsonl'), `${quiet.join('\n')}\n`);
  const file = join(cwd, 'out/demo/shop/payments-deployment.yaml');
  await bulkhead(['propose', 'demo.jsonl', '-o', 'out'], { cwd });
  const kept = await bulkhead(['propose', 'quiet.jsonl', '-o', 'out'], { cwd });
  expect(kept.out).toContain('kept (--prune deletes it): shop/payments-deployment.yaml');
  expect(existsSync(file)).toBe(true);
  const pruned = await bulkhead(['propose', 'quiet.jsonl', '-o', 'out', '--prune'], { cwd });
  expect(pruned.out).toContain(
    'out/demo: 1 file of earlier exports will be deleted\n  shop/payments-deployment.yaml\n',
  );
  expect(pruned.out).toMatch(/out\/demo: .*, 1 deleted\n$/);
  expect(existsSync(file)).toBe(false);
});

test('the same lines in another order give the same bytes', async () => {
  const cwd = tempFolder();
  await demo(cwd);
  const lines = readFileSync(join(cwd, 'demo.jsonl'), 'utf8').trimEnd().split('\n');
  writeFileSync(join(cwd, 'reversed.jsonl'), `${[...lines].reverse().join('\n')}\n`);
  await bulkhead(['propose', 'demo.jsonl', '-o', 'a'], { cwd });
  await bulkhead(['propose', 'reversed.jsonl', '-o', 'b'], { cwd });
  const [a, b] = [filesIn(join(cwd, 'a')), filesIn(join(cwd, 'b'))];
  expect(a.size).toBeGreaterThan(20);
  expect(b).toEqual(a);
});

test('drift after a learnt baseline is exit code 1, and none is exit code 0', async () => {
  const cwd = tempFolder();
  await demo(cwd);
  const learnt = await bulkhead(['learn', 'demo.jsonl', '--until', TRAINED, '-o', 'baseline.yaml'], { cwd });
  expect(learnt.code).toBe(0);
  const later = readFileSync(join(cwd, 'demo.jsonl'), 'utf8').replaceAll('T08:', 'T09:');
  writeFileSync(join(cwd, 'later.jsonl'), later);
  const calm = await bulkhead(
    ['drift', 'later.jsonl', '--until', '2026-03-02T09:10:00Z', '-b', 'baseline.yaml'],
    {
      cwd,
    },
  );
  expect(calm).toMatchObject({ code: 0, out: expect.stringContaining('no drift') });
  const strange = join(cwd, 'strange.jsonl');
  const line = readFileSync(join(cwd, 'demo.jsonl'), 'utf8')
    .split('\n')
    .find(
      (each) => each.includes('"SYN":true') && !each.includes('"ACK"') && each.includes('"pod_name":"cart-'),
    );
  expect(line).toBeDefined();
  writeFileSync(
    strange,
    `${(line ?? '').replaceAll(/"destination_port":\d+/g, '"destination_port":4444').replaceAll(/T08:0\d:/g, 'T08:11:')}\n`,
  );
  const drifted = await bulkhead(['drift', 'strange.jsonl', '-b', 'baseline.yaml'], { cwd });
  expect(drifted.code).toBe(1);
  expect(drifted.out).toContain('TCP 4444');
});

test('a baseline with a rejected edge proposes no rule for it', async () => {
  const cwd = tempFolder();
  await demo(cwd);
  await bulkhead(['learn', 'demo.jsonl', '-o', 'baseline.yaml'], { cwd });
  const text = readFileSync(join(cwd, 'baseline.yaml'), 'utf8');
  writeFileSync(join(cwd, 'none.yaml'), text.replaceAll('decision: accepted', 'decision: rejected'));
  const proposed = await bulkhead(['propose', '--baseline', 'none.yaml', '-o', 'out', '--json'], { cwd });
  expect(proposed.code).toBe(0);
  expect(JSON.parse(proposed.out)).toMatchObject({
    clusters: [{ cluster: 'demo', totals: { admittedEdges: expect.any(Number), rules: 0 } }],
  });
});

test('a scope of single workloads proposes for these alone, and closes none of their neighbours', async () => {
  const cwd = tempFolder();
  await demo(cwd);
  const proposed = await bulkhead(
    ['propose', 'demo.jsonl', '-w', 'shop/cart', '-w', 'shop/payments', '-o', 'out'],
    { cwd },
  );
  expect(proposed.code).toBe(0);
  const policies = [...filesIn(join(cwd, 'out')).keys()].filter((path) => /-[a-z]+\.yaml$/.test(path));
  expect(policies).toEqual(['/demo/shop/cart-deployment.yaml', '/demo/shop/payments-deployment.yaml']);
  expect((await bulkhead(['verify', 'out'], { cwd })).code).toBe(0);
  const nobody = await bulkhead(['propose', 'demo.jsonl', '-w', 'shop/nobody', '-o', 'other'], { cwd });
  expect(nobody).toMatchObject({ code: 2, err: expect.stringContaining('no pod of the workloads') });
});

test.each([
  { name: 'a folder without a certificate', args: ['verify', '.'], says: 'holds no certificate.json' },
  {
    name: 'a missing baseline',
    args: ['drift', 'x.log', '-b', 'nope.yaml'],
    says: 'nope.yaml does not exist',
  },
  {
    name: 'a file that is no baseline',
    args: ['drift', 'x.log', '-b', 'other.yaml'],
    says: 'is no baseline',
  },
  { name: 'flows and a baseline at once', args: ['propose', 'x.log', '-b', 'other.yaml'], says: 'not both' },
  { name: 'neither flows nor a baseline', args: ['propose'], says: 'give the flows to learn from' },
])('$name is one clear sentence and exit code 2', async ({ args, says }) => {
  const cwd = tempFolder();
  writeFileSync(join(cwd, 'other.yaml'), 'kind: Something\n');
  const { code, err } = await bulkhead(args, { cwd });
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(says) });
  expect(err).not.toMatch(/^\s+at /m);
});
