import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bulkhead } from '../../support/cli.ts';
import { hostileExport } from '../../support/hostile-export.ts';
import { HOSTILE_STRINGS } from '../../support/hostile-strings.ts';
import { hasRecordings, recording, skippedWithoutRecordings } from '../../support/recordings.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const HARMFUL = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

const deployment = (name: string, namespace = 'shop'): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: main, image: example/main}]}
`;

const DB_POLICY = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
    - from: [{podSelector: {matchLabels: {app: payments}}}]
      ports: [{port: 5432}]
    - from: [{podSelector: {matchLabels: {app: web}}}]
      ports: [{port: 5432}]
`;

const APP = ['payments', 'web', 'db'].map((name) => deployment(name)).join('---\n');

const SEGMENTS = `bulkhead: segments/v1
segments:
  payments: {workloads: [shop/payments]}
  db: {pods: {app: db}}
assertions:
  - id: db-only-payments
    only: payments
    reaches: db
    ports: [TCP/5432]
    why: cardholder data
    severity: critical
  - id: db-reachable
    may: payments
    reaches: db
    ports: [TCP/5432]
    why: nobody could pay
`;

/** Text as YAML has it in quotes, in ASCII: raw, some of its characters are refused in any file. */
const quoted = (text: string): string =>
  JSON.stringify(text).replaceAll(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

function folder(files: Readonly<Record<string, string>>): string {
  const cwd = tempFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  return cwd;
}

const SCENE = { 'segments.yaml': SEGMENTS, 'k8s/app.yaml': APP, 'k8s/db.yaml': DB_POLICY };

const flow = (client: string, at: string): string =>
  JSON.stringify({
    flow: {
      time: at,
      verdict: 'FORWARDED',
      IP: { source: '10.0.0.1', destination: '10.0.0.2' },
      l4: { TCP: { source_port: 41_000, destination_port: 5432, flags: { SYN: true } } },
      source: { namespace: 'shop', pod_name: `${client}-7d9c5b6f4-x2x4z`, labels: [`k8s:app=${client}`] },
      destination: { namespace: 'shop', pod_name: 'db-7d9c5b6f4-b4b5c', labels: ['k8s:app=db'] },
      event_type: { type: 4 },
    },
  });

describe('what it answers', () => {
  test('a violation by policy comes with its path, the rule to blame and a remedy, and is exit code 1', async () => {
    expect(await bulkhead(['assert', 'segments.yaml', 'k8s'], { cwd: folder(SCENE) })).toEqual({
      code: 1,
      err: '',
      out: `VIOLATED  db-only-payments (critical): only payments reaches db on TCP 5432
  why: cardholder data
  by policy: 1 path
    shop/web[Deployment] => shop/db[Deployment] : TCP 5432
      egress: no policy isolates shop/web[Deployment]
      ingress: allowed by shop/db ingress[1] (db.yaml:1), from pods app=web of the policy's own namespace on TCP 5432
      remedy: narrow shop/db ingress[1] so that it no longer means shop/web[Deployment]

holds     db-reachable (high): payments may reach db on TCP 5432  [1 pair]
2 assertions: 1 violated (1 by policy), 1 held, against policies alone: no recording was given
  1 policy and 3 workloads of cluster default (kubernetes)
`,
    });
  });

  test('everything held is exit code 0', async () => {
    const policy = DB_POLICY.slice(
      0,
      DB_POLICY.indexOf('    - from: [{podSelector: {matchLabels: {app: web'),
    );
    const cwd = folder({ ...SCENE, 'k8s/db.yaml': policy });
    expect(await bulkhead(['assert', 'segments.yaml', 'k8s'], { cwd })).toMatchObject({ code: 0, err: '' });
  });

  test('a violation less severe than asked for is told, and is exit code 0', async () => {
    const cwd = folder({
      ...SCENE,
      'segments.yaml': SEGMENTS.replace('severity: critical', 'severity: low'),
    });
    const { code, out } = await bulkhead(['assert', 'segments.yaml', 'k8s', '--fail-on', 'high'], { cwd });
    expect({ code, first: out.split('\n')[0] }).toMatchObject({
      code: 0,
      first: expect.stringContaining('VIOLATED'),
    });
  });

  test('traffic is a violation of its own, with count, last sight and example pods', async () => {
    const cwd = folder({
      'segments.yaml': SEGMENTS,
      'db.yaml': DB_POLICY.replace('app: web', 'app: nobody'),
      'events.log': `${flow('payments', '2026-03-02T08:00:00Z')}\n${flow('web', '2026-03-02T08:01:00Z')}\n`,
    });
    const { code, err, out } = await bulkhead(['assert', 'segments.yaml', 'db.yaml', 'events.log'], { cwd });
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(out).toContain(`  by traffic: 1 conversation on 1 edge
    shop/web[Deployment] => shop/db[Deployment] : TCP 5432
      1 conversation, last 2026-03-02T08:01:00.000Z, e.g. shop/web-7d9c5b6f4-x2x4z => shop/db-7d9c5b6f4-b4b5c; these policies would have stopped it: were they applied?
`);
    expect(out).toContain('1 violated (1 by traffic), 1 held, against policies and traffic');
  });

  test('JSON has the same, path by path', async () => {
    const { out } = await bulkhead(['assert', 'segments.yaml', 'k8s', '--json'], { cwd: folder(SCENE) });
    expect(JSON.parse(out)).toMatchObject({
      file: 'segments.yaml',
      profile: 'kubernetes',
      assertions: [
        {
          id: 'db-only-payments',
          verdict: 'violated by policy',
          pathCount: 1,
          paths: [
            {
              steps: [
                {
                  from: 'shop/web[Deployment]',
                  ports: [{ protocol: 'TCP', from: 5432, to: 5432 }],
                  ingress: { allowedBy: [{ policy: 'shop/db', source: 'db.yaml:1', rule: 1 }] },
                },
              ],
            },
          ],
        },
        { id: 'db-reachable', verdict: 'holds', paths: [] },
      ],
    });
  });

  test('JUnit has a case for each assertion, and nothing in it is markup but its own', async () => {
    const why = `]]><!-- &amp; ${HOSTILE_STRINGS.join(' ')}`.slice(0, 900);
    const segments = SEGMENTS.replace('cardholder data', () => quoted(why));
    const cwd = folder({ ...SCENE, 'segments.yaml': segments });
    const { code, out } = await bulkhead(['assert', 'segments.yaml', 'k8s', '--format', 'junit'], { cwd });
    expect(code).toBe(1);
    const tags = [...out.matchAll(/<[^>]*>/g)].map(([tag]) => tag.split(/[\s>]/)[0]);
    expect(tags).toEqual([
      ...['<?xml', '<testsuites', '<testsuite', '<testcase', '<failure', '</failure', '</testcase'],
      ...['<testcase', '</testsuite', '</testsuites'],
    ]);
    expect(out.replaceAll(/&#x[0-9a-f]+;/g, '')).not.toMatch(/&|[^\n -~]/);
    expect(out).toContain('tests="2" failures="1"');
  });

  test('workloads may lie elsewhere than policies, and a profile of its own may be asked', async () => {
    const args = [
      'assert',
      'segments.yaml',
      'k8s/db.yaml',
      '--manifests',
      'k8s/app.yaml',
      '--profile',
      'cilium',
    ];
    const { code, out } = await bulkhead(args, { cwd: folder(SCENE) });
    expect({ code, last: out.trimEnd().split('\n').at(-1) }).toEqual({
      code: 1,
      last: '  1 policy and 3 workloads of cluster default (cilium)',
    });
  });
});

describe('what it refuses, with exit code 2 and not a word on standard output', () => {
  const refused = async (files: Readonly<Record<string, string>>, args = ['segments.yaml', 'k8s']) => {
    const { code, out, err } = await bulkhead(['assert', ...args], { cwd: folder({ ...SCENE, ...files }) });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    return err;
  };

  test('faults of the file, each with its line and field', async () => {
    const text = SEGMENTS.replace('reaches: db\n', 'reaches: bd\n')
      .replace('[shop/payments]', '[payments]')
      .replace('critical', 'urgent');
    expect(await refused({ 'segments.yaml': text })).toBe(
      `segments.yaml:3: segments.payments.workloads[0] is no workload (payments): write it like shop/cart or shop/cart[Deployment]
segments.yaml:8: assertions[0].reaches names a segment that is not defined (bd): define it, or mend the name
segments.yaml:11: assertions[0].severity is no severity (it reads as "urgent"): write critical, high, medium or low
bulkhead: segments.yaml can not be used: 3 faults; nothing was checked.
`,
    );
  });

  test('a segment that matches nobody', async () => {
    const err = await refused({ 'segments.yaml': SEGMENTS.replace('{app: db}', '{app: database}') });
    expect(err).toContain('segments.yaml:4: segments.db matches nobody who is known');
    expect(err).toContain('or write empty: allowed in the segment');
  });

  test.each([
    ['broken YAML', 'bulkhead: [', /^bulkhead: segments\.yaml:\d+: is not valid YAML/],
    ['a key that stands twice', `${SEGMENTS}bulkhead: segments/v1\n`, /is not valid YAML/],
    ['an empty file', '', /segments\.yaml is empty: begin it with bulkhead: segments\/v1/],
    ['two documents', `${SEGMENTS}---\n${SEGMENTS}`, /segments\.yaml:\d+: a second document/],
    ['a manifest', DB_POLICY, /bulkhead is missing \(bulkhead: segments\/v1\)/],
    [
      'a billion laughs',
      `a: &a [x]\nb: &b [${'*a,'.repeat(99)}]\nc: [${'*b,'.repeat(99)}]\n`,
      /segments\.yaml:\d+: is not valid YAML/,
    ],
    ['an endless file', `# ${'x'.repeat(1024 * 1024)}\n${SEGMENTS}`, /is larger than 1 MiB/],
  ])('%s', async (_name, text, message) => {
    expect(await refused({ 'segments.yaml': text })).toMatch(message);
  });

  test('a file or a folder that is not there, and a folder in which nobody is', async () => {
    expect(await refused({}, ['none.yaml', 'k8s'])).toBe('bulkhead: none.yaml does not exist.\n');
    expect(await refused({}, ['k8s', 'k8s'])).toBe('bulkhead: k8s is a folder; name the file of segments.\n');
    expect(await refused({}, ['segments.yaml', 'none'])).toMatch(/^bulkhead: none could not be read/);
    expect(await refused({}, ['segments.yaml', 'k8s/db.yaml'])).toMatch(/nobody is known: give manifests/);
  });

  test('hostile text in the file, which is printed so that it does no harm', async () => {
    const named = Object.fromEntries(HOSTILE_STRINGS.map((text) => [text, text]));
    const assertions = HOSTILE_STRINGS.map((text) => ({ id: text, [text]: text, why: text }));
    for (const value of [
      { bulkhead: 'segments/v1', segments: named, assertions: [] },
      { bulkhead: 'segments/v1', assertions },
    ]) {
      const err = await refused({ 'segments.json': JSON.stringify(value) }, ['segments.json', 'k8s']);
      expect(err.split('\n').length).toBeGreaterThan(20);
      expect(err.replaceAll('\n', '')).not.toMatch(HARMFUL);
    }
  });
});

test('hostile names in the flows and manifests are printed so that they do no harm', async () => {
  const segments = `bulkhead: segments/v1
assertions: [{id: all, never: everyone, reaches: everyone, why: none}]
`;
  const cwd = folder({ 'segments.yaml': segments, 'db.yaml': DB_POLICY, 'hostile.log': hostileExport() });
  for (const format of ['text', 'json', 'junit']) {
    const { out } = await bulkhead(
      ['assert', 'segments.yaml', 'db.yaml', 'hostile.log', '--format', format],
      { cwd },
    );
    expect(out.length).toBeGreaterThan(100);
    expect(out.replaceAll('\n', '')).not.toMatch(HARMFUL);
  }
});

describe.skipIf(!hasRecordings)(`a shop whose policies are published${skippedWithoutRecordings}`, () => {
  test('keeps its carts and its cards to itself, and lets its payments out to the internet', async () => {
    const segments = `bulkhead: segments/v1
segments:
  cart: {workloads: [default/cartservice]}
  checkout: {workloads: [default/checkoutservice]}
  payment: {workloads: [default/paymentservice]}
  redis: {pods: {app: redis-cart}}
  front: {pods: {app: frontend}}
assertions:
  - {id: redis, only: cart, reaches: redis, why: carts}
  - {id: cards, only: checkout, reaches: payment, why: cards}
  - {id: open, may: world, reaches: front, ports: TCP/8080, why: the shop}
  - {id: offline, never: payment, reaches: internet, why: PCI DSS 1.3}
`;
    const app = (...parts: readonly string[]): string =>
      recording('netpol', 'sample-apps', 'online-boutique', ...parts);
    const policies = app('kustomize', 'components', 'network-policies');
    const args = ['assert', 'segments.yaml', policies, '--manifests', app('release'), '--json'];
    const { code, out } = await bulkhead(args, { cwd: folder({ 'segments.yaml': segments }) });
    const { assertions } = JSON.parse(out) as { assertions: { id: string; verdict: string }[] };
    expect(code).toBe(1);
    expect(assertions.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual([
      'redis holds',
      'cards holds',
      'open holds',
      'offline violated by policy',
    ]);
  });
});
