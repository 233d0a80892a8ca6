import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { bulkhead } from '../../support/cli.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { dbPolicy, deployment } from '../../unit/policy-diff/small-worlds.ts';

const APP = `${deployment('cart')}---${deployment('db')}`;

const flowLine = (port: number): string =>
  `${JSON.stringify({
    flow: {
      time: '2026-03-02T08:00:00.000000001Z',
      verdict: 'FORWARDED',
      IP: { source: '10.0.0.1', destination: '10.0.0.2' },
      l4: { TCP: { source_port: 40_000 + port, destination_port: port, flags: { SYN: true } } },
      source: { namespace: 'shop', pod_name: 'cart-7d9c5b6f4-x2x4z', labels: ['k8s:app=cart'] },
      destination: { namespace: 'shop', pod_name: 'db-7d9c5b6f4-b4b5c', labels: ['k8s:app=db'] },
      event_type: { type: 4 },
    },
  })}\n`;

function folder(files: Readonly<Record<string, string>>): string {
  const cwd = tempFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  return cwd;
}

const SIDES = { 'app/app.yaml': APP, 'old/db.yaml': dbPolicy(5432), 'new/db.yaml': dbPolicy(5433) };
const WITH_APP = ['diff', 'old', 'new', '--manifests', 'app'];

test('a change is told with the rules of both sides and the YAML beside it, and is exit code 1', async () => {
  const cwd = folder(SIDES);
  expect(await bulkhead(WITH_APP, { cwd })).toEqual({
    code: 1,
    err: '',
    out: `old -> new (kubernetes): 1 widened, 1 tightened
WIDENED   shop/cart[Deployment] => shop/db[Deployment] : TCP 5432 -> TCP 5433 (tightened too)
          opened TCP 5433:
            old: ingress denied: shop/db (db.yaml:2) isolates it, and no rule allows it
            new: ingress allowed by shop/db ingress[0] (db.yaml:2), from pods app=cart of the policy's own namespace on TCP 5433
          closed TCP 5432:
            old: ingress allowed by shop/db ingress[0] (db.yaml:2), from pods app=cart of the policy's own namespace on TCP 5432
            new: ingress denied: shop/db (db.yaml:2) isolates it, and no rule allows it

1 policy differs:
  ~ shop/db (db.yaml:2): changed, named by 1 change above
without --flows nobody can say whether anything that is used breaks

--- shop/db (db.yaml:2)
+++ shop/db (db.yaml:2)
@@ -13,4 +13,4 @@
             matchLabels:
               app: cart
       ports:
-        - port: 5432
+        - port: 5433
`,
  });
});

test('what breaks in the flows comes first and fails, whatever else is asked for', async () => {
  const cwd = folder({ ...SIDES, 'events.log': flowLine(5432) });
  const args = ['diff', 'old', 'new', '--flows', 'events.log', '--fail-on', 'breaks-observed'];
  const { code, out } = await bulkhead(args, { cwd });
  expect(code).toBe(1);
  expect(out.split('\n').slice(0, 3)).toEqual([
    'old -> new (cilium): 1 observed connection breaks, 1 widened, 1 tightened',
    'BREAKS    shop/cart[Deployment] => shop/db[Deployment] : TCP 5432 -> TCP 5433 (widened too)',
    '          1 conversation would break; last 2026-03-02T08:00:00.000Z',
  ]);
  expect(out).toContain('of 1 conversation on 1 edge that were seen, 1 conversation on 1 edge would break');
});

test('equal folders differ in nothing, and are exit code 0', async () => {
  const cwd = folder(SIDES);
  const { code, out } = await bulkhead(['diff', 'old', 'old', '--manifests', 'app', '--fail-on', 'any'], {
    cwd,
  });
  expect(code).toBe(0);
  expect(out).toContain('old -> old (kubernetes): no connection changes\n');
});

test('--fail-on says what fails, and refuses what it does not know', async () => {
  const cwd = folder(SIDES);
  const run = (failOn: string) => bulkhead([...WITH_APP, '--fail-on', failOn], { cwd });
  expect((await run('never')).code).toBe(0);
  expect((await run('neutral')).code).toBe(0);
  expect((await run('tightened')).code).toBe(1);
  expect((await run('any')).code).toBe(1);
  const refused = await run('everything');
  expect(refused.code).toBe(2);
  expect(refused.err).toContain(
    '--fail-on everything is none of breaks-observed, widened, tightened, neutral',
  );
});

test('JSON has the whole answer, Markdown is a comment', async () => {
  const cwd = folder({ ...SIDES, 'events.log': flowLine(5432) });
  const json = await bulkhead(['diff', 'old', 'new', '--flows', 'events.log', '--json'], { cwd });
  const told = JSON.parse(json.out);
  expect(told).toMatchObject({
    failed: true,
    totals: { 'breaks-observed': 1, widened: 1, tightened: 1, neutral: 0 },
    changes: [
      { class: 'breaks-observed', traffic: { broken: 1 }, from: { name: 'cart' }, to: { name: 'db' } },
    ],
    policies: [{ policy: 'shop/db', kind: 'changed', old: 'db.yaml:2', new: 'db.yaml:2' }],
  });
  const markdown = await bulkhead([...WITH_APP, '--format', 'markdown'], { cwd });
  expect(markdown.code).toBe(1);
  expect(markdown.out).toContain('### Network policies: 1 widened, 1 tightened\n');
});

test('what can not be judged is exit code 2, with the reason', async () => {
  const cwd = folder({ ...SIDES, 'broken/a.yaml': 'a: [\n', 'empty/notes.txt': 'nothing' });
  const run = async (...args: readonly string[]) => bulkhead(['diff', ...args], { cwd });
  expect(await run('old', 'gone')).toMatchObject({ code: 2, out: '' });
  expect((await run('old', 'new')).err).toContain('nobody is known: give --manifests');
  const broken = await run('old', 'broken', '--manifests', 'app');
  expect(broken.code).toBe(2);
  expect(broken.err).toContain('no NetworkPolicy could be read from broken');
  const empty = await run('empty', 'empty', '--manifests', 'app');
  expect(empty.code).toBe(2);
  expect(empty.err).toContain('neither empty nor empty holds a NetworkPolicy');
});

test('a side without policies is open, and said to be', async () => {
  const cwd = folder({ ...SIDES, 'empty/notes.txt': 'nothing' });
  const { code, out, err } = await bulkhead(['diff', 'empty', 'new', '--manifests', 'app'], { cwd });
  expect(code).toBe(0);
  expect(err).toContain('empty holds no NetworkPolicy: everything is allowed there');
  expect(out).toContain('(kubernetes): 4 tightened\n');
});

test('a policy that is left out for its faults is told, and refused with --strict', async () => {
  const cwd = folder({ ...SIDES, 'new/bad.yaml': 'kind: NetworkPolicy\n' });
  const loose = await bulkhead(WITH_APP, { cwd });
  expect(loose.code).toBe(1);
  expect(loose.err).toContain('bad.yaml:1');
  expect((await bulkhead([...WITH_APP, '--strict'], { cwd })).code).toBe(2);
});
