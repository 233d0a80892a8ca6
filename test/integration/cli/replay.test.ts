import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bulkhead } from '../../support/cli.ts';
import { hostileExport } from '../../support/hostile-export.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const HARMFUL = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

const end = (name: string) => ({
  namespace: 'shop',
  pod_name: name,
  labels: [`k8s:app=${name.split('-')[0]}`],
});

const line = (port: number): string =>
  JSON.stringify({
    flow: {
      time: '2026-03-02T08:00:00.000000001Z',
      verdict: 'FORWARDED',
      IP: { source: '10.0.0.1', destination: '10.0.0.2' },
      l4: { TCP: { source_port: 40_000 + port, destination_port: port, flags: { SYN: true } } },
      source: end('cart-7d9c5b6f4-x2x4z'),
      destination: end('db-0'),
      event_type: { type: 4 },
    },
  });

const policy = (port: number | string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: db
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: cart
      ports:
        - port: ${port}
`;

function folder(files: Readonly<Record<string, string>>): string {
  const cwd = tempFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return cwd;
}

test('a blocked conversation is told with the rule that is missing, and is exit code 1', async () => {
  const cwd = folder({ 'events.log': `${line(5432)}\n`, 'db.yaml': policy(5433) });
  expect(await bulkhead(['replay', 'db.yaml', 'events.log'], { cwd })).toEqual({
    code: 1,
    err: '',
    out: `BLOCKED shop/cart[Deployment] => shop/db[StatefulSet] : TCP 5432
        1 conversation, last 2026-03-02T08:00:00.000Z; e.g. shop/cart-7d9c5b6f4-x2x4z => shop/db-0
        ingress of shop/db[StatefulSet] is isolated by shop/db (db.yaml:1)
        nearest rule: shop/db ingress[0] (db.yaml:1), from pods app=cart of the policy's own namespace on TCP 5433
          port: the rule asks for TCP 5433, here it is TCP 5432
        missing: an ingress rule that lets shop/db[StatefulSet] be reached from shop/cart[Deployment] on TCP 5432
          in spec.ingress, from what was seen and nothing more:
            - from:
                - podSelector:
                    matchLabels:
                      app: cart
              ports:
                - protocol: TCP
                  port: 5432
1 policy of cluster default (cilium): 1 conversation on 1 edge would have been blocked
  0 conversations on 0 edges admitted by a rule
  0 conversations on 0 edges admitted since no policy has a say: neither end is isolated, or a node reaches its own pods
`,
  });
});

test('policies that admit everything are exit code 0, from a folder, a List and standard input alike', async () => {
  const list = JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'db', namespace: 'shop' },
        spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] },
      },
    ],
  });
  const cwd = folder({ 'events.log': `${line(5432)}\n`, 'db.yaml': policy(5432), 'list.json': list });
  const runs = await Promise.all([
    bulkhead(['replay', 'db.yaml', 'events.log'], { cwd }),
    bulkhead(['replay', 'list.json', 'events.log'], { cwd }),
    bulkhead(['replay', 'db.yaml', '-'], { cwd, input: `${line(5432)}\n` }),
  ]);
  for (const { code, out } of runs) {
    expect(code).toBe(0);
    expect(out).toContain('1 conversation on 1 edge admitted by a rule');
  }
});

test('--json says the same to a program', async () => {
  const cwd = folder({ 'events.log': `${line(5432)}\n${line(80)}\n`, 'db.yaml': policy(5432) });
  const { code, out } = await bulkhead(['replay', 'db.yaml', 'events.log', '--json'], { cwd });
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    profile: 'cilium',
    totals: { blocked: { edges: 1, conversations: 1 }, admitted: { edges: 1, conversations: 1 } },
    blocked: [
      {
        line: 'shop/cart[Deployment] => shop/db[StatefulSet] : TCP 80',
        sides: [{ direction: 'ingress', isolatedBy: [{ policy: 'shop/db', source: 'db.yaml:1' }] }],
      },
    ],
    unjudged: [],
  });
});

test('what the recording does not show is said instead of guessed', async () => {
  const cwd = folder({ 'events.log': `${line(5432)}\n`, 'db.yaml': policy('postgres') });
  const { code, out } = await bulkhead(['replay', 'db.yaml', 'events.log'], { cwd });
  expect(code).toBe(0);
  expect(out).toContain('not judged: 1 conversation on 1 edge (a rule names its port');
});

test('a policy that can not be read is named, the rest is judged, and --strict makes it exit code 2', async () => {
  const cwd = folder({ 'events.log': `${line(5432)}\n`, 'all.yaml': `${policy(5432)}---\nkind: [\n` });
  const lax = await bulkhead(['replay', 'all.yaml', 'events.log'], { cwd });
  expect(lax.code).toBe(0);
  expect(lax.err).toContain('all.yaml:');
  expect((await bulkhead(['replay', 'all.yaml', 'events.log', '--strict'], { cwd })).code).toBe(2);
});

test('an exported proposal replays its own recording without a complaint about its certificate', async () => {
  const cwd = tempFolder();
  await bulkhead(['demo', '-o', 'demo.jsonl', '--minutes', '5'], { cwd });
  await bulkhead(['propose', 'demo.jsonl', '-o', 'out'], { cwd });
  const { code, out, err } = await bulkhead(['replay', 'out', 'demo.jsonl', '--strict'], { cwd });
  expect(err).toBe('');
  expect(code).toBeLessThan(2);
  expect(out).toMatch(/\d+ edges admitted by a rule/);
});

test.each([
  { name: 'a folder that is not there', args: ['replay', 'nope', 'events.log'], says: 'nope' },
  {
    name: 'a folder without policies',
    args: ['replay', 'other.yaml', 'events.log'],
    says: 'holds no NetworkPolicy',
  },
  { name: 'no flows', args: ['replay', 'db.yaml'], says: "missing required argument 'flows'" },
  {
    name: 'flows that are not there',
    args: ['replay', 'db.yaml', 'nope.log'],
    says: 'nope.log does not exist',
  },
  {
    name: 'an unknown network',
    args: ['replay', 'db.yaml', 'events.log', '--profile', 'x'],
    says: 'Allowed choices',
  },
])('$name is one clear sentence and exit code 2', async ({ args, says }) => {
  const other = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n';
  const cwd = folder({ 'events.log': `${line(5432)}\n`, 'db.yaml': policy(5432), 'other.yaml': other });
  const { code, out, err } = await bulkhead(args, { cwd });
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(says);
  expect(err).not.toMatch(/^\s+at /m);
});

test.each([{ json: [] }, { json: ['--json'] }])(
  'hostile names do no harm on a terminal $json',
  async ({ json }) => {
    const closed = policy(1).replace('name: db\n', 'name: "d\\e[2Jb"\n');
    const cwd = folder({ 'hostile.jsonl': hostileExport(), 'db.yaml': closed });
    const { code, out, err } = await bulkhead(['replay', 'db.yaml', 'hostile.jsonl', ...json], { cwd });
    expect(code).toBe(1);
    expect(`${out}${err}`.replaceAll('\n', '')).not.toMatch(HARMFUL);
  },
);
