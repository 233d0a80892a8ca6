import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import { type ClusterAccess, connectCluster } from '../../../collector/inventory/cluster-access.ts';
import { newAuthority } from '../../support/certificates.ts';
import { FakeApiServer, type FakeOptions } from '../../support/fake-api-server/fake-api-server.ts';
import { BUILT_IN, CILIUM } from '../../support/fake-api-server/kinds.ts';
import { podJson } from '../../support/inventory-objects.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of running.splice(0).reverse()) await each.stop();
});

async function fakeServer(options: FakeOptions = {}): Promise<FakeApiServer> {
  const server = new FakeApiServer(options);
  running.push(server);
  await server.start();
  server.put('namespaces', { metadata: { name: 'shop' } });
  return server;
}

async function accessTo(server: FakeApiServer, kubeconfig = server.kubeconfig()): Promise<ClusterAccess> {
  const file = join(tempFolder(), 'kubeconfig');
  writeFileSync(file, kubeconfig);
  const access = await connectCluster({ kubeconfig: file }, 'bulkhead/test');
  if (!access.ok) throw new Error(access.error);
  return access.value;
}

const policy = (name: string, spec: object, namespace = 'shop'): NetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace },
  spec: { podSelector: {}, policyTypes: ['Ingress'], ...spec } as NetworkPolicy['spec'],
});

const WEB = policy('web', { ingress: [{ ports: [{ port: 8080, protocol: 'TCP' }] }] });

describe('a dry run of policies', () => {
  test('is answered for each policy, in the words of the server and under the policy’s own name', async () => {
    const server = await fakeServer();
    const access = await accessTo(server);
    const typo = {
      ...WEB,
      spec: { ...WEB.spec, ingresss: [] },
      metadata: { name: 'typo', namespace: 'shop' },
    };
    const asked = [
      WEB,
      typo,
      policy('port', { ingress: [{ ports: [{ port: 808_000 }] }] }),
      policy('Bad_Name', {}),
      policy('lost', {}, 'nowhere'),
    ];
    const check = await access.check(asked);
    expect(check).toMatchObject({
      ok: true,
      value: {
        version: 'v1.36.2',
        isStrict: true,
        policies: [
          {
            policy: 'nowhere/lost',
            answer: { outcome: 'not-checked', why: 'namespaces "nowhere" not found' },
          },
          {
            policy: 'shop/Bad_Name',
            answer: {
              outcome: 'refused',
              status: 422,
              causes: [{ field: 'metadata.name', message: expect.stringContaining('"Bad_Name"') }],
            },
          },
          {
            policy: 'shop/port',
            answer: {
              outcome: 'refused',
              causes: [
                {
                  field: 'spec.ingress[0].ports[0].port',
                  message: 'Invalid value: 808000: must be between 1 and 65535, inclusive',
                },
              ],
            },
          },
          {
            policy: 'shop/typo',
            answer: {
              outcome: 'refused',
              status: 400,
              message:
                'NetworkPolicy in version "v1" cannot be handled as a NetworkPolicy: strict decoding error: unknown field "spec.ingresss"',
            },
          },
          { policy: 'shop/web', answer: { outcome: 'accepted', warnings: [] } },
        ],
      },
    });
  });

  test('stores nothing, and a policy of the same name does not get in its way', async () => {
    const server = await fakeServer();
    server.put('networkpolicies', { ...WEB });
    const before = server.store.version;
    const check = await (await accessTo(server)).check([WEB]);
    expect(check).toMatchObject({ ok: true, value: { policies: [{ answer: { outcome: 'accepted' } }] } });
    expect(server.store.version).toBe(before);
    expect(server.store.list(server.kind('networkpolicies'), undefined)).toHaveLength(1);
  });

  test('without the right to create it is said which right is missing', async () => {
    const server = await fakeServer();
    server.forbid('networkpolicies', 'create');
    const check = await (await accessTo(server)).check([WEB]);
    expect(check).toMatchObject({
      ok: true,
      value: {
        policies: [{ answer: { outcome: 'not-checked', why: expect.stringContaining('grant create') } }],
      },
    });
  });

  test('an old server is known not to find misspelt fields, and one without dry runs is never sent anything', async () => {
    const old = await (await accessTo(await fakeServer({ release: '1.20' }))).check([WEB]);
    expect(old).toMatchObject({ ok: true, value: { isStrict: false } });
    const server = await fakeServer();
    server.breakWith(({ path }) =>
      path === '/version'
        ? { status: 200, body: { major: '1', minor: '11+', gitVersion: 'v1.11.0' } }
        : undefined,
    );
    const check = await (await accessTo(server)).check([WEB]);
    expect(check).toMatchObject({ ok: false, error: expect.stringContaining('v1.11.0 has no dry run') });
    expect(server.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  });
});

test('everything that is ever sent to a cluster is a GET, or a POST that is a strict dry run', async () => {
  const server = await fakeServer({ kinds: [...BUILT_IN, ...CILIUM] });
  server.put('pods', podJson({ name: 'cart', ip: '10.0.0.1' }));
  const access = await accessTo(server);
  await access.snapshot();
  const live = access.watch({ onChange: () => undefined });
  running.push(live);
  await live.ready;
  await access.check([WEB, policy('Bad_Name', {}), policy('lost', {}, 'nowhere')]);
  const harmful = server.requests.filter(({ method, query }) => {
    const isDryRun = query.getAll('dryRun').join() === 'All' && query.get('fieldValidation') === 'Strict';
    return method !== 'GET' && !(method === 'POST' && isDryRun);
  });
  expect(harmful).toEqual([]);
  expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(3);
  expect(server.requests.length).toBeGreaterThan(30);
});

describe('who is asked', () => {
  test('a server whose certificate another authority signed gets no login, and is named in one sentence', async () => {
    const [own, other] = [newAuthority('own'), newAuthority('other')];
    const made = other.issue(['127.0.0.1']);
    const server = await fakeServer({ token: 'secret', tls: { ...made, ca: own.cert } });
    const snapshot = await (await accessTo(server)).snapshot();
    expect(snapshot).toMatchObject({
      ok: false,
      error: expect.stringMatching(/certificate of https:.* is not trusted/),
    });
    expect(server.requests).toEqual([]);
  });

  test('a server with the right certificate gets the token, and a wrong token is one sentence', async () => {
    const own = newAuthority('own');
    const server = await fakeServer({ token: 'secret', tls: { ...own.issue(['127.0.0.1']), ca: own.cert } });
    expect(await (await accessTo(server)).snapshot()).toMatchObject({ ok: true });
    const wrong = await accessTo(server, server.kubeconfig().replace('secret', 'guess'));
    expect(await wrong.snapshot()).toMatchObject({
      ok: false,
      error: expect.stringContaining('does not accept who asks'),
    });
  });

  test('a redirect to another host is not followed, so that no login goes there', async () => {
    const elsewhere = await fakeServer();
    const server = await fakeServer({ token: 'secret' });
    server.breakWith(({ path }) => ({
      status: 302,
      body: '',
      headers: { location: `${elsewhere.url}${path}` },
    }));
    expect(await (await accessTo(server)).snapshot()).toMatchObject({ ok: false });
    expect(elsewhere.requests).toEqual([]);
  });

  test('an address where nobody listens, and one that is no API server, are one sentence each', async () => {
    const server = await fakeServer();
    server.breakWith(() => ({ status: 200, body: '<html>hello</html>' }));
    expect(await (await accessTo(server)).snapshot()).toMatchObject({
      ok: false,
      error: expect.stringContaining('is not what an API server says'),
    });
    const nobody = await accessTo(server, server.kubeconfig().replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1'));
    expect(await nobody.snapshot()).toMatchObject({
      ok: false,
      error: expect.stringContaining('could not be reached'),
    });
  });

  test('plain HTTP is refused unless the kubeconfig says that it is meant', async () => {
    const server = await fakeServer();
    const text = server
      .kubeconfig()
      .replace('insecure-skip-tls-verify: true', 'insecure-skip-tls-verify: false');
    await expect(accessTo(server, text)).rejects.toThrow('without TLS');
  });
});
