import { afterEach, expect, test } from 'vitest';
import { describeEdge } from '#core/graph/edge.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import { Inventory, type InventoryChange } from '#core/inventory/inventory.ts';
import { connectCluster } from '../../../collector/inventory/cluster-access.ts';
import { createKubeClient, type KubeClient } from '../../../collector/inventory/kube-client.ts';
import {
  type LiveInventory,
  type ResourceHealth,
  startLiveInventory,
} from '../../../collector/inventory/live-inventory.ts';
import { WATCH_DEFAULTS } from '../../../collector/inventory/watch-machine.ts';
import { createPipeline, PIPELINE_DEFAULTS } from '../../../collector/pipeline.ts';
import { FakeApiServer, type FakeOptions } from '../../support/fake-api-server/fake-api-server.ts';
import { BUILT_IN, CILIUM } from '../../support/fake-api-server/kinds.ts';
import { flow, pod, SYN, world } from '../../support/flows.ts';
import { podJson } from '../../support/inventory-objects.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of running.splice(0).reverse()) await each.stop();
});

async function fakeServer(options: FakeOptions = {}): Promise<FakeApiServer> {
  const server = new FakeApiServer(options);
  running.push(server);
  await server.start();
  server.put('namespaces', { metadata: { name: 'shop', labels: { team: 'a' } } });
  return server;
}

const clientOf = (server: FakeApiServer): KubeClient =>
  createKubeClient(
    { server: server.url, name: 'fake', isUnverified: false, applyTo: async () => undefined },
    'bulkhead/test',
  );

/** Nothing here waits for real: every wait is as short as it can be. */
const QUICK = {
  ...WATCH_DEFAULTS,
  pageSize: 3,
  firstWaitMs: 1,
  longestWaitMs: 5,
  deniedWaitMs: 5,
  pollMs: 5,
};

interface Followed {
  readonly inventory: Inventory;
  readonly live: LiveInventory;
  readonly changes: InventoryChange[];
  /** Resolves once the condition holds after a change or news of health. */
  until(holds: () => boolean): Promise<void>;
  health(name: string): ResourceHealth | undefined;
}

function follow(
  server: FakeApiServer,
  onChange: (inventory: Inventory, change: InventoryChange) => void = put,
): Followed {
  const inventory = new Inventory();
  const changes: InventoryChange[] = [];
  const waiting = new Set<() => void>();
  const look = (): void => {
    for (const each of [...waiting]) each();
  };
  const live = startLiveInventory({
    client: clientOf(server),
    settings: QUICK,
    onChange: (change) => {
      changes.push(change);
      onChange(inventory, change);
      look();
    },
    onHealth: look,
  });
  running.push(live);
  return {
    inventory,
    live,
    changes,
    until: (holds) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!holds()) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    health: (name) => live.health().find((each) => each.name === name),
  };
}

function put(inventory: Inventory, change: InventoryChange): void {
  inventory.apply(change);
}

const podNames = ({ inventory }: Followed): readonly string[] =>
  inventory.model().pods.map(({ pod: { name } }) => name);

test('lists in pages, then sees what comes, changes and goes', async () => {
  const server = await fakeServer();
  for (let each = 1; each <= 7; each += 1)
    server.put('pods', podJson({ name: `cart-${each}`, ip: `10.0.0.${each}` }));
  const followed = follow(server);
  await followed.live.ready;
  expect(podNames(followed)).toHaveLength(7);
  const pages = server.requests.filter(
    ({ path, query }) => path === '/api/v1/pods' && query.get('watch') === null,
  );
  expect(pages).toHaveLength(3);
  server.put('pods', podJson({ name: 'late', ip: '10.0.0.99' }));
  await followed.until(() => podNames(followed).includes('late'));
  server.remove('pods', 'late', 'shop');
  await followed.until(() => !podNames(followed).includes('late'));
});

test('nothing is missed when watches are cut, the history is gone, and the server restarts its watch cache', async () => {
  const server = await fakeServer();
  server.put('pods', podJson({ name: 'old', ip: '10.0.0.1' }));
  const followed = follow(server);
  await followed.live.ready;
  await followed.until(() => server.watches.size > 0);
  server.watches.end('cut');
  server.remove('pods', 'old', 'shop');
  server.put('pods', podJson({ name: 'new', ip: '10.0.0.2' }));
  server.store.compact(); // what happened in between can only be found by listing anew
  await followed.until(() => podNames(followed).join() === 'new');
  expect(followed.inventory.events().filter(({ type }) => type.startsWith('policy'))).toEqual([]);
});

test('answers that make no sense, and servers that are busy, are outlived', async () => {
  const server = await fakeServer();
  server.put('pods', podJson({ name: 'cart', ip: '10.0.0.1' }));
  let left = 30;
  const answers = [
    { status: 500, body: 'boom' },
    { status: 200, body: '{"metadata":' },
    { status: 200, body: { metadata: {}, items: 7 } },
    { status: 429, body: {}, headers: { 'retry-after': '0' } },
    { status: 302, body: '', headers: { location: 'http://127.0.0.1:1/' } },
  ];
  server.breakWith(() => {
    left -= 1;
    return left < 0 ? undefined : answers[left % answers.length];
  });
  const followed = follow(server);
  await followed.until(() => podNames(followed).includes('cart'));
  server.watches.sendRaw('no json at all\n');
  server.put('pods', podJson({ name: 'next', ip: '10.0.0.2' }));
  await followed.until(() => podNames(followed).includes('next'));
});

test('what may not be read is said, with what that costs, and is read once it may be', async () => {
  const server = await fakeServer();
  server.forbid('networkpolicies', 'list', 'watch');
  server.forbid('nodes', 'watch');
  server.put('nodes', {
    metadata: { name: 'node-1' },
    status: { addresses: [{ type: 'InternalIP', address: '192.0.2.1' }] },
  });
  const followed = follow(server);
  await followed.live.ready;
  expect(followed.health('networkpolicies.networking.k8s.io')).toMatchObject({
    standing: 'forbidden',
    problem: expect.stringMatching(
      /^networkpolicies\.networking\.k8s\.io: not allowed, so the policies in force are not known/,
    ),
  });
  expect(followed.health('nodes')).toMatchObject({ standing: 'polled' });
  expect(followed.health('ciliumnetworkpolicies.cilium.io')).toMatchObject({
    standing: 'absent',
    problem: undefined,
  });
  server.allow('networkpolicies', 'list', 'watch');
  await followed.until(() => followed.health('networkpolicies.networking.k8s.io')?.standing === 'live');
});

test('an API that is not there is no news, though a real server would forbid it all the same', async () => {
  const server = await fakeServer();
  server.breakWith(({ path }) =>
    /calico|cilium|policy\.networking/.test(path)
      ? { status: 403, body: { message: 'forbidden' } }
      : undefined,
  );
  const followed = follow(server);
  await followed.live.ready;
  const others = followed.live.health().filter(({ name }) => /calico|cilium|policy\.networking/.test(name));
  expect(others).toHaveLength(7);
  expect(others.every(({ standing, problem }) => standing === 'absent' && problem === undefined)).toBe(true);
});

test('policies of other dialects are counted where their API is there', async () => {
  const server = await fakeServer({ kinds: [...BUILT_IN, ...CILIUM] });
  server.put('ciliumnetworkpolicies', {
    metadata: { name: 'a', namespace: 'shop' },
    spec: { endpointSelector: {} },
  });
  const followed = follow(server);
  await followed.live.ready;
  expect(followed.inventory.model().otherKinds).toEqual([
    { apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicy', count: 1 },
  ]);
});

/** A connection from a pod that is known by name to an address the data path calls world. */
const call = (ip: string, at: number, port: number) =>
  flow(pod('shop/client-7d4b9c6f5d-w2x4z', '10.0.9.9', port), world(ip, 8080), {
    at,
    tcpFlags: SYN,
    isNew: true,
  });

test('an address that goes to another pod while flows arrive is each one’s in its own time, and late news corrects edges', async () => {
  const server = await fakeServer();
  const builder = new GraphBuilder();
  const options = { ...PIPELINE_DEFAULTS, inventory: { cluster: undefined } };
  const pipeline = createPipeline((window) => builder.apply(window), options);
  const lines = (): readonly string[] =>
    [...builder.snapshot().edges.values()]
      .map((edge) => `${describeEdge(edge)} x${edge.conversations.total}`)
      .sort();
  const now = Math.floor(Date.now() / 1000) * 1000;
  const begin = now - 100_000;
  pipeline.add(call('10.0.0.7', begin + 10_000, 40_001));
  pipeline.flush();
  expect(lines()).toEqual(['shop/client[Deployment] => 10.0.0.7/32 : TCP 8080 x1']);

  const owner = (name: string) => ({ kind: 'ReplicaSet', name: `${name}-7d4b9c6f5d` });
  const cart = podJson({ name: 'cart-7d4b9c6f5d-x2k8p', ip: '10.0.0.7', from: begin, owner: owner('cart') });
  server.put('pods', cart);
  const followed = follow(server, (inventory, change) => pipeline.learn(inventory.apply(change)));
  await followed.live.ready;
  expect(lines()).toEqual(['shop/client[Deployment] => shop/cart[Deployment] : TCP 8080 x1']);

  server.remove('pods', 'cart-7d4b9c6f5d-x2k8p', 'shop');
  await followed.until(() => followed.changes.some((change) => change.do === 'gone'));
  const later = Math.ceil(Date.now() / 1000) * 1000 + 60_000;
  server.put(
    'pods',
    podJson({ name: 'pay-7d4b9c6f5d-b4c5d', ip: '10.0.0.7', from: later, owner: owner('pay') }),
  );
  await followed.until(() => podNames(followed).includes('pay-7d4b9c6f5d-b4c5d'));
  pipeline.add(call('10.0.0.7', begin + 20_000, 40_002)); // a late report of an early connection
  pipeline.add(call('10.0.0.7', later + 5000, 40_003));
  pipeline.add(call('10.0.0.7', later - 1000, 40_004)); // nobody had it then
  pipeline.flush();
  expect(lines()).toEqual([
    'shop/client[Deployment] => 10.0.0.7/32 : TCP 8080 x1',
    'shop/client[Deployment] => shop/cart[Deployment] : TCP 8080 x2',
    'shop/client[Deployment] => shop/pay[Deployment] : TCP 8080 x1',
  ]);
});

test('a connection that was seen at a Service’s address is one to the pods behind it, on their port', async () => {
  const server = await fakeServer();
  const builder = new GraphBuilder();
  const options = { ...PIPELINE_DEFAULTS, inventory: { cluster: undefined } };
  const pipeline = createPipeline((window) => builder.apply(window), options);
  const name = 'cart-7d4b9c6f5d-x2k8p';
  server.put(
    'pods',
    podJson({ name, ip: '10.0.0.7', from: 1000, owner: { kind: 'ReplicaSet', name: 'cart-7d4b9c6f5d' } }),
  );
  const ports = [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }];
  server.put('services', {
    metadata: { name: 'cart', namespace: 'shop' },
    spec: { clusterIP: '10.96.0.5', ports },
  });
  server.put('endpointslices', {
    metadata: { name: 'cart-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'cart' } },
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: [{ addresses: ['10.0.0.7'], targetRef: { kind: 'Pod', namespace: 'shop', name } }],
  });
  const followed = follow(server, (inventory, change) => pipeline.learn(inventory.apply(change)));
  await followed.live.ready;
  const client = pod('shop/client-7d4b9c6f5d-w2x4z', '10.0.9.9', 40_001);
  pipeline.add(flow(client, world('10.96.0.5', 80), { at: Date.now(), tcpFlags: SYN, isNew: true }));
  pipeline.flush();
  const [edge] = builder.snapshot().edges.values();
  expect(edge && describeEdge(edge)).toBe('shop/client[Deployment] => shop/cart[Deployment] : TCP 8080');
});

test('a configuration that leads nowhere is one sentence that says what to do', async () => {
  const missing = await connectCluster({ kubeconfig: '/nowhere/config' }, 'test');
  expect(missing).toMatchObject({
    ok: false,
    error: expect.stringMatching(/^\/nowhere\/config could not be read: /),
  });
  const outside = await connectCluster({ inCluster: true }, 'test');
  expect(outside).toMatchObject({
    ok: false,
    error: expect.stringContaining('KUBERNETES_SERVICE_HOST is not set'),
  });
});
