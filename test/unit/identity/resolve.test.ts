import { expect, test } from 'vitest';
import { endpoint, flow, pod, run, START, SYN, world } from '../../support/flows.ts';

const cart = (port?: number) => pod('shop/cart-7d9c5b6f4-x2x4z', '10.0.0.1', port);

test('an endpoint with a namespace and a pod is that pod, even when it is labelled world', () => {
  const db = pod('shop/db-0', '10.0.0.2', 5432, { entities: ['world'], labels: new Map() });
  expect(run([flow(cart(40_000), db, { tcpFlags: SYN })]).lines).toEqual([
    'shop/cart[Deployment] => shop/db[StatefulSet] : TCP 5432',
  ]);
});

test('labels without a pod resolve to the only workload whose pods carry them', () => {
  const leg = endpoint({
    ip: '10.0.9.9',
    port: 41_000,
    namespace: 'shop',
    labels: new Map([['app', 'cart']]),
  });
  const { lines } = run([
    flow(cart(40_000), pod('shop/db-0', '10.0.0.2', 5432), { tcpFlags: SYN }),
    flow(leg, pod('shop/db-0', '10.0.0.2', 5432), { tcpFlags: SYN }),
  ]);
  expect(lines).toEqual(['shop/cart[Deployment] => shop/db[StatefulSet] : TCP 5432']);
});

test('of several reserved labels the API server wins over the node it runs on', () => {
  const api = endpoint({ ip: '172.18.0.2', port: 6443, entities: ['remote-node', 'kube-apiserver'] });
  expect(run([flow(cart(40_000), api, { tcpFlags: SYN })]).lines).toEqual([
    'shop/cart[Deployment] => kube-apiserver : TCP 6443',
  ]);
});

test('an address called world that is a known node is a node', () => {
  const { lines } = run([
    flow(endpoint({ ip: '172.18.0.3', entities: ['host'] }), cart(8080), { protocol: 'ICMPv4', icmpType: 8 }),
    flow(cart(40_000), world('172.18.0.3', 9100), { tcpFlags: SYN }),
  ]);
  expect(lines).toContain('shop/cart[Deployment] => remote-node : TCP 9100');
});

test('an address without identity is the pod that had it at the time', () => {
  const { lines } = run([
    flow(cart(40_000), pod('shop/db-0', '10.0.0.2', 5432), { tcpFlags: SYN }),
    flow(endpoint({ ip: '10.0.0.1', port: 40_001 }), pod('shop/db-0', '10.0.0.2', 5433), { tcpFlags: SYN }),
  ]);
  expect(lines).toContain('shop/cart[Deployment] => shop/db[StatefulSet] : TCP 5433');
});

test('an address that two pods had is resolved by the time of the flow', () => {
  const old = pod('shop/old-0', '10.0.0.7', 80);
  const young = pod('shop/young-0', '10.0.0.7', 80);
  const bare = endpoint({ ip: '10.0.0.7', port: 80 });
  const at = (minutes: number) => START + minutes * 60_000;
  const { lines } = run([
    flow(cart(40_000), old, { tcpFlags: SYN, at: at(0) }),
    flow(cart(40_001), old, { tcpFlags: SYN, at: at(10) }),
    flow(cart(40_002), young, { tcpFlags: SYN, at: at(60) }),
    flow(cart(40_003), young, { tcpFlags: SYN, at: at(90) }),
    flow(pod('shop/api-0', '10.0.0.8', 40_004), bare, { tcpFlags: SYN, at: at(70) }),
  ]);
  expect(lines).toContain('shop/api[StatefulSet] => shop/young[StatefulSet] : TCP 80');
});

test('a private address nobody knows stays unresolved and is counted', () => {
  const { lines, coverage } = run([
    flow(cart(40_000), endpoint({ ip: '10.9.9.9', port: 80 }), { tcpFlags: SYN }),
  ]);
  expect(lines).toEqual([]);
  expect(coverage.setAside['unresolved-endpoint'].conversations).toBe(1);
  expect(coverage.setAside['unresolved-endpoint'].examples[0]).toContain('10.9.9.9');
});

test('a name that is no Kubernetes name is counted and shown, and never becomes an edge', () => {
  const hostile = endpoint({ namespace: 'shop', pod: '<img src=x>', ip: '10.0.0.66', port: 1 });
  const { lines, coverage } = run([flow(cart(40_000), hostile, { tcpFlags: SYN })]);
  expect(lines).toEqual([]);
  expect(coverage.setAside['invalid-name'].conversations).toBe(1);
});

test('a kind reported by the local node is used for every report of that workload', () => {
  const agent = (workloads: { name: string; kind: string }[]) =>
    pod('ops/agent-x2x4z', '10.0.0.4', 40_000, { workloads, labels: new Map([['app', 'agent']]) });
  const { lines } = run([
    flow(agent([]), pod('shop/db-0', '10.0.0.2', 5432), { tcpFlags: SYN }),
    flow(agent([{ name: 'agent', kind: 'DaemonSet' }]), pod('shop/db-0', '10.0.0.2', 5433), {
      tcpFlags: SYN,
    }),
  ]);
  expect(lines).toEqual([
    'ops/agent[DaemonSet] => shop/db[StatefulSet] : TCP 5432',
    'ops/agent[DaemonSet] => shop/db[StatefulSet] : TCP 5433',
  ]);
});

test('a kind learnt after its edges were sent moves them, and leaves no second vertex', () => {
  const agent = (workloads: { name: string; kind: string }[], port: number) =>
    pod('ops/agent-x2x4z', '10.0.0.4', port, { workloads, labels: new Map([['app', 'agent']]) });
  const flows = Array.from({ length: 20 }, (_, i) =>
    flow(agent([], 40_000 + i), pod('shop/db-0', '10.0.0.2', 5432), { tcpFlags: SYN, at: START + i }),
  );
  const late = flow(
    agent([{ name: 'agent', kind: 'DaemonSet' }], 41_000),
    pod('shop/db-0', '10.0.0.2', 5432),
    {
      tcpFlags: SYN,
      at: START + 100,
    },
  );
  const { edges } = run([...flows, late], { maxConversations: 5 });
  expect(edges).toHaveLength(1);
  expect(edges[0]?.conversations.total).toBe(21);
});

test('pods of CronJobs and ReplicaSets are their root controller', () => {
  const { world: seen } = run([
    flow(pod('shop/nightly-29012345-x2x4z', '10.0.0.5', 1), pod('shop/api-7d9c5b6f4-z4z5z', '10.0.0.6', 80), {
      tcpFlags: SYN,
    }),
  ]);
  expect(seen.pods.map((row) => row.workload)).toEqual([
    'default/shop/Deployment/api',
    'default/shop/CronJob/nightly',
  ]);
});

test('a report without labels does not count as a change of labels', () => {
  const bare = pod('shop/cart-7d9c5b6f4-x2x4z', '10.0.0.1', 40_001, { labels: new Map() });
  const { world: seen } = run([
    flow(cart(40_000), pod('shop/db-0', '10.0.0.2', 5432), { tcpFlags: SYN }),
    flow(bare, pod('shop/db-0', '10.0.0.2', 5432), { tcpFlags: SYN }),
  ]);
  expect(seen.pods.filter(({ name }) => name.startsWith('cart')).map(({ labels }) => [...labels])).toEqual([
    [['app', 'cart']],
  ]);
});
