import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bulkhead } from '../../support/cli.ts';
import { hostileExport } from '../../support/hostile-export.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const HARMFUL = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

const deployment = (name: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers: [{ name: main, image: main }]
`;

const policy = (port: number): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  ingress:
    - from: [{ podSelector: { matchLabels: { app: cart } } }]
      ports: [{ port: ${port} }]
`;

const WORKLOADS = ['cart', 'db', 'web'].map(deployment).join('---\n');

function folder(files: Readonly<Record<string, string>>): string {
  const cwd = tempFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return cwd;
}

const ASK = ['explain', 'shop/cart', 'shop/db', '5432', '--manifests', 'app.yaml', '--policies', 'db.yaml'];

test('a denied connection is told with the nearest rule and a patch that was checked', async () => {
  const cwd = folder({ 'app.yaml': WORKLOADS, 'db.yaml': policy(5433) });
  const { code, out, err } = await bulkhead(ASK, { cwd });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toBe(`shop/cart[Deployment] => shop/db[Deployment] : TCP 5432 is DENIED (kubernetes)
shop/cart[Deployment]#1 => shop/db[Deployment]#1: denied
  egress of shop/cart[Deployment]#1: allowed, since no policy isolates it
  ingress of shop/db[Deployment]#1: denied
    isolated by shop/db (db.yaml:1), about pods app=db of shop
    nearest rule: shop/db ingress[0] (db.yaml:1), from pods app=cart of the policy's own namespace on TCP 5433
      does not match, port: the rule asks for TCP 5433, here it is TCP 5432
smallest patch:
  add to spec.ingress of shop/db (db.yaml:1):
    - from:
        - podSelector:
            matchLabels:
              app: cart
      ports:
        - protocol: TCP
          port: 5432
  checked by the evaluator: it is allowed then, and the rule is about nobody else who is known
`);
});

test('an allowed connection is told with the rule that allows it', async () => {
  const cwd = folder({ 'app.yaml': WORKLOADS, 'db.yaml': policy(5432) });
  const { code, out } = await bulkhead(ASK, { cwd });
  expect(code).toBe(0);
  expect(out).toContain('is ALLOWED');
  expect(out).toContain(
    "by shop/db ingress[0] (db.yaml:1), from pods app=cart of the policy's own namespace",
  );
});

test('policies beside the workloads are taken when no others are named, and --json says the same to a program', async () => {
  const cwd = folder({ 'all.yaml': `${WORKLOADS}---\n${policy(5433)}` });
  const args = ['explain', 'shop/web', 'shop/db', '5433/tcp', '--manifests', 'all.yaml', '--json'];
  const { code, out } = await bulkhead(args, { cwd });
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    profile: 'kubernetes',
    answer: 'denied',
    cases: [
      {
        allowed: false,
        egress: { decision: 'open' },
        ingress: {
          decision: 'denied',
          isolatedBy: [{ policy: 'shop/db' }],
          nearest: {
            policy: 'shop/db',
            rule: 0,
            misses: [{ what: 'label', wanted: 'app=cart', found: 'app=web' }],
          },
        },
      },
    ],
    patch: { kind: 'patch', parts: [{ direction: 'ingress', addTo: 'shop/db' }], alsoAllows: [] },
  });
});

test('who is there may come from a recording', async () => {
  const cwd = tempFolder();
  await bulkhead(['demo', '-o', 'demo.jsonl', '--minutes', '5'], { cwd });
  await bulkhead(['propose', 'demo.jsonl', '-o', 'out'], { cwd });
  const from = ['--policies', 'out', '--flows', 'demo.jsonl'];
  const allowed = await bulkhead(['explain', 'shop/frontend', 'shop/cart', '8080', ...from], { cwd });
  expect(allowed.out).toContain('is ALLOWED (cilium)');
  const outside = await bulkhead(['explain', 'shop/cart', '203.0.113.77', '443', ...from], { cwd });
  expect(outside.out).toContain('cidr: 203.0.113.77/32');
  const entity = await bulkhead(['explain', 'shop/cart', 'kube-apiserver', '6443', ...from], { cwd });
  expect(entity.out).toContain('no patch: No field of networking.k8s.io/v1 matches it under Cilium');
});

test.each([
  {
    name: 'nobody',
    args: ['explain', 'shop/carts', 'shop/db', '1'],
    says: 'Did you mean shop/cart[Deployment]?',
  },
  { name: 'what is no end', args: ['explain', 'cart', 'shop/db', '1'], says: 'is no end of a connection' },
  { name: 'a port too high', args: ['explain', 'shop/cart', 'shop/db', '70000'], says: 'is no port' },
  {
    name: 'a protocol without ports',
    args: ['explain', 'shop/cart', 'shop/db', '1/ICMP'],
    says: 'ICMP is none of',
  },
])('$name is one clear sentence and exit code 2', async ({ args, says }) => {
  const cwd = folder({ 'app.yaml': WORKLOADS, 'db.yaml': policy(5432) });
  const run = await bulkhead([...args, '--manifests', 'app.yaml', '--policies', 'db.yaml'], { cwd });
  expect(run).toMatchObject({ code: 2, out: '' });
  expect(run.err).toContain(says);
  expect(run.err).not.toMatch(/^\s+at /m);
});

test.each([
  { name: 'nobody to ask about', args: [], says: 'say who is there' },
  { name: 'two worlds at once', args: ['--flows', 'x.log', '--manifests', 'app.yaml'], says: 'not both' },
  { name: 'flows without policies', args: ['--flows', 'x.log'], says: '--flows needs --policies' },
  {
    name: 'manifests without workloads',
    args: ['--manifests', 'db.yaml'],
    says: 'no workload could be read',
  },
])('$name is one clear sentence and exit code 2', async ({ args, says }) => {
  const cwd = folder({ 'app.yaml': WORKLOADS, 'db.yaml': policy(5432) });
  const { code, err } = await bulkhead(['explain', 'shop/cart', 'shop/db', '1', ...args], { cwd });
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(says) });
});

test('hostile names do no harm on a terminal', async () => {
  const hostile = policy(1)
    .replace('name: db,', 'name: "d\\e[2Jb",')
    .replace('app: cart', 'app: "c\\u202eart"');
  const cwd = folder({ 'hostile.jsonl': hostileExport(), 'db.yaml': hostile });
  for (const json of [[], ['--json']]) {
    const args = [
      'shop/cart',
      'shop/db',
      '5432',
      '--policies',
      'db.yaml',
      '--flows',
      'hostile.jsonl',
      ...json,
    ];
    const { code, out, err } = await bulkhead(['explain', ...args], { cwd });
    expect(code).toBe(0);
    expect(out).toMatch(/DENIED|"denied"/);
    expect(`${out}${err}`.replaceAll('\n', '')).not.toMatch(HARMFUL);
  }
});
