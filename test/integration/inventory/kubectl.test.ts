import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { FakeApiServer } from '../../support/fake-api-server/fake-api-server.ts';
import { podJson } from '../../support/inventory-objects.ts';
import { tempFolderForSuite } from '../../support/temp-folder.ts';

const hasKubectl = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0;
const skipped = hasKubectl ? '' : ' (skipped: there is no kubectl on the PATH)';

interface Run {
  readonly code: number;
  readonly out: string;
}

describe.skipIf(!hasKubectl)(`kubectl on the fake API server${skipped}`, () => {
  const folder = tempFolderForSuite();
  const server = new FakeApiServer();
  const config = join(folder, 'kubeconfig');

  beforeAll(async () => {
    await server.start();
    writeFileSync(config, server.kubeconfig());
    server.put('namespaces', { metadata: { name: 'shop' } });
    server.put('pods', podJson({ name: 'cart', ip: '10.0.0.1' }));
  });
  afterAll(() => server.stop());

  const kubectl = (...args: readonly string[]): Promise<Run> =>
    new Promise((resolve) => {
      const env = { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: config };
      execFile('kubectl', [...args], { env }, (error, out, err) => {
        const code = error === null ? 0 : Number(error.code ?? -1);
        resolve({ code, out: `${out}${err}` });
      });
    });

  function manifest(port: number, more: object = {}): string {
    const file = join(folder, `web-${port}${Object.keys(more).join('')}.yaml`);
    const spec = {
      podSelector: {},
      policyTypes: ['Ingress'],
      ingress: [{ ports: [{ port, protocol: 'TCP' }] }],
      ...more,
    };
    const metadata = { name: 'web', namespace: 'shop' };
    writeFileSync(
      file,
      stringify({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec }),
    );
    return file;
  }

  test('gets objects', async () => {
    const { out, code } = await kubectl('get', 'pods', '-n', 'shop');
    expect(code).toBe(0);
    expect(out).toMatch(/NAME\s+STATUS\s+AGE\ncart\s+Running/);
  });

  test('is told of a new policy by a dry run, stores it, and sees what a change would do', async () => {
    expect(await kubectl('apply', '--dry-run=server', '-f', manifest(80))).toEqual({
      code: 0,
      out: 'networkpolicy.networking.k8s.io/web created (server dry run)\n',
    });
    expect(server.store.list(server.kind('networkpolicies'), 'shop')).toEqual([]);
    expect((await kubectl('apply', '-f', manifest(80))).out).toBe(
      'networkpolicy.networking.k8s.io/web created\n',
    );
    expect(await kubectl('diff', '-f', manifest(80))).toEqual({ code: 0, out: '' });
    const diff = await kubectl('diff', '-f', manifest(81));
    expect(diff.code).toBe(1);
    expect(diff.out).toMatch(/^-\s+- port: 80$/m);
    const refused = await kubectl('apply', '--dry-run=server', '-f', manifest(80, { ingresss: [] }));
    expect(refused.out).toContain('unknown field "spec.ingresss"');
  });

  test('watches', async () => {
    const watching = kubectl(
      'get',
      'netpol',
      '-n',
      'shop',
      '--watch',
      '--output-watch-events',
      '--request-timeout=2s',
    );
    const isWatching = (): boolean => server.requests.some(({ query }) => query.get('watch') === 'true');
    while (!isWatching()) await new Promise((resolve) => setImmediate(resolve));
    server.put('networkpolicies', {
      metadata: { name: 'db', namespace: 'shop' },
      spec: { podSelector: { matchLabels: { app: 'db' } } },
    });
    server.remove('networkpolicies', 'db', 'shop');
    server.watches.end('closed');
    const { out } = await watching;
    expect(out).toMatch(/ADDED\s+db\s+app=db/);
    expect(out).toMatch(/DELETED\s+db\s+app=db/);
  });
});
