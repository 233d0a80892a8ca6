import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { bulkhead } from '../../support/cli.ts';
import { FakeApiServer } from '../../support/fake-api-server/fake-api-server.ts';
import { podJson } from '../../support/inventory-objects.ts';
import { tempFolderForSuite } from '../../support/temp-folder.ts';

const policy = (name: string, port: number) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'shop' },
  spec: {
    podSelector: { matchLabels: { app: 'cart' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ podSelector: {} }], ports: [{ port, protocol: 'TCP' }] }],
  },
});

describe('commands that ask a cluster', () => {
  const folder = tempFolderForSuite();
  const server = new FakeApiServer();
  const config = join(folder, 'kubeconfig');

  beforeAll(async () => {
    await server.start();
    writeFileSync(config, server.kubeconfig());
    for (const name of ['shop', 'data', 'ingress', 'monitoring', 'kube-system', 'batch'])
      server.put('namespaces', { metadata: { name } });
    for (const name of ['cart', 'web'])
      server.put(
        'pods',
        podJson({ name, labels: { app: name }, ip: name === 'cart' ? '10.0.0.1' : '10.0.0.2' }),
      );
    server.put('networkpolicies', policy('cart', 8080));
    server.put('networkpolicies', policy('kept', 7070));
    writeFileSync(join(folder, 'new.yaml'), stringify(policy('cart', 9090)));
    // As somebody would write it: without what the server fills in.
    const { apiVersion, kind, metadata, spec } = policy('cart', 8080);
    const short = {
      podSelector: spec.podSelector,
      ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 8080 }] }],
    };
    writeFileSync(join(folder, 'same.yaml'), stringify({ apiVersion, kind, metadata, spec: short }));
    await bulkhead(['demo', '-o', 'demo.log'], { cwd: folder });
  });
  afterAll(() => server.stop());

  const run = (...args: readonly string[]) => bulkhead([...args, '--kubeconfig', config], { cwd: folder });

  test('diff --live shows what applying a folder would change, and what stays', async () => {
    const { code, out, err } = await run('diff', '--live', 'new.yaml');
    expect(err).toContain('1 policy of the cluster not in the folder, and taken to stay: shop/kept');
    expect(out).toMatch(/WIDENED\s+shop\/web\[Pod\] => shop\/cart\[Pod\].*9090/);
    expect(code).toBe(1);
  });

  test('diff --live finds no difference in what the server only filled in', async () => {
    const { code, out } = await run('diff', '--live', 'same.yaml');
    expect(out).toContain('no policy differs');
    expect(code).toBe(0);
  });

  test('propose --check-server shows what the server says to the proposal, and exits with 1 when it refuses', async () => {
    const fine = await run('propose', 'demo.log', '--check-server', '-o', 'out');
    expect(fine.out).toMatch(
      /dry run: http:\S+ \(v1\.36\.2\) would take 18 of 18 policies; nothing was stored/,
    );
    expect(fine.code).toBe(0);
    const undo = server.breakWith(({ method, path }) =>
      method === 'POST' && path.includes('/data/')
        ? {
            status: 403,
            body: { message: 'admission webhook "no.example" denied the request: not on a Tuesday' },
          }
        : undefined,
    );
    const refused = await run('propose', 'demo.log', '--check-server', '-o', 'out', '--json');
    undo();
    expect(refused.code).toBe(1);
    const { clusters } = JSON.parse(refused.out) as { clusters: { server: { policies: unknown[] } }[] };
    expect(clusters[0]?.server.policies).toContainEqual({
      policy: 'data/bulkhead-default-deny',
      answer: {
        outcome: 'refused',
        status: 403,
        message: 'admission webhook "no.example" denied the request: not on a Tuesday',
        causes: [],
      },
    });
  });

  test('nothing was ever sent that could be stored', () => {
    const writes = server.requests.filter(({ method }) => method !== 'GET');
    expect(writes.length).toBeGreaterThan(0);
    expect(writes.every(({ method, query }) => method === 'POST' && query.get('dryRun') === 'All')).toBe(
      true,
    );
    expect(server.store.list(server.kind('networkpolicies'), undefined)).toHaveLength(2);
  });

  test('a wrong context and a server that is away are one sentence and exit code 2', async () => {
    const wrong = await run('diff', '--live', 'new.yaml', '--context', 'nope');
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('has no context nope') });
    const two = await run('diff', '--live', 'new.yaml', 'same.yaml');
    expect(two).toMatchObject({ code: 2, err: expect.stringContaining('name one folder') });
    const without = await run('serve', '--file', 'demo.log');
    expect(without).toMatchObject({ code: 2, err: expect.stringContaining('go with --hubble or --follow') });
  });
});
