import { expect, test } from 'vitest';
import { ADDRESS_GRACE_MS } from '#core/identity/directory.ts';
import { endpoint, flow, pod, run, START, SYN } from '../../support/flows.ts';

const MINUTE = 60_000;
const db = (port = 5432) => pod('shop/db-0', '10.0.0.2', port);

const web = (cluster: string | undefined, port: number, more = {}) =>
  pod('shop/web-0', '10.0.0.1', port, { cluster, labels: new Map([['app', 'web']]), ...more });
const api = (cluster: string | undefined, port = 80) =>
  pod('shop/api-0', '10.0.0.9', port, { cluster, labels: new Map([['app', 'api']]) });

const froms = (edges: ReturnType<typeof run>['edges']) =>
  edges.map(({ from }) => (from.kind === 'workload' ? from.id : from.kind)).sort();

test('pods of the same name and address in two clusters are two workloads with edges of their own', () => {
  const { edges, world } = run([
    flow(web('east', 40_000), api('east'), { tcpFlags: SYN }),
    flow(web('west', 40_000), api('west'), { tcpFlags: SYN }),
  ]);
  expect(froms(edges)).toEqual(['east/shop/StatefulSet/web', 'west/shop/StatefulSet/web']);
  expect(edges.map(({ conversations }) => conversations.total)).toEqual([1, 1]);
  expect(world.pods.map((row) => `${row.cluster}/${row.name} ${row.workload}`)).toEqual([
    'east/api-0 east/shop/StatefulSet/api',
    'east/web-0 east/shop/StatefulSet/web',
    'west/api-0 west/shop/StatefulSet/api',
    'west/web-0 west/shop/StatefulSet/web',
  ]);
});

test('a namespace of the same name in two clusters has a row and labels for each', () => {
  const labelled = (cluster: string, team: string) =>
    web(cluster, 40_000, { namespaceLabels: new Map([['team', team]]) });
  const { world } = run([
    flow(labelled('west', 'blue'), api('west'), { tcpFlags: SYN }),
    flow(labelled('east', 'red'), api('east'), { tcpFlags: SYN }),
  ]);
  expect(world.namespaces.map(({ cluster, labels }) => [cluster, labels.get('team')])).toEqual([
    ['east', 'red'],
    ['west', 'blue'],
  ]);
});

test('a kind reported in one cluster says nothing about a workload of the same name in another', () => {
  const agent = (cluster: string, workloads: { name: string; kind: string }[]) =>
    pod('ops/agent-x2x4z', '10.0.0.4', 40_000, { cluster, workloads });
  const { edges } = run([
    flow(agent('east', [{ name: 'agent', kind: 'DaemonSet' }]), api('east'), { tcpFlags: SYN }),
    flow(agent('west', []), api('west'), { tcpFlags: SYN }),
    flow(agent('west', [{ name: 'agent', kind: 'Job' }]), api('west'), { tcpFlags: SYN }),
  ]);
  expect(froms(edges)).toEqual(['east/ops/DaemonSet/agent', 'west/ops/Job/agent']);
});

test('a pod reported without a cluster is in the only one it is known in, whatever came first', () => {
  const unnamed = flow(web(undefined, 40_000), api(undefined), { tcpFlags: SYN });
  const named = flow(web('east', 40_000), api('east'), { tcpFlags: SYN, direction: 'ingress' });
  const half = flow(web(undefined, 40_000), api('east'), { tcpFlags: SYN, direction: 'egress' });
  for (const flows of [
    [unnamed, named, half],
    [named, half, unnamed],
    [half, unnamed, named],
  ]) {
    const { edges, world } = run(flows);
    expect(froms(edges)).toEqual(['east/shop/StatefulSet/web']);
    expect(edges[0]?.conversations).toMatchObject({ total: 1, atSource: 1, atDestination: 1 });
    expect(world.pods.map(({ cluster, name }) => `${cluster}/${name}`)).toEqual(['east/api-0', 'east/web-0']);
    expect(world.namespaces.map(({ cluster }) => cluster)).toEqual(['east']);
  }
});

test('a pod whose cluster is named after its edges were sent takes them along', () => {
  const early = Array.from({ length: 20 }, (_, i) =>
    flow(web(undefined, 40_000 + i), api(undefined), { tcpFlags: SYN, at: START + i }),
  );
  const late = flow(web('east', 41_000), api('east'), { tcpFlags: SYN, at: START + 100 });
  const { edges } = run([...early, late], { maxConversations: 5 });
  expect(froms(edges)).toEqual(['east/shop/StatefulSet/web']);
  expect(edges[0]?.conversations.total).toBe(21);
});

test('labels without a pod mean the workload of the cluster they name', () => {
  const leg = endpoint({
    ip: '10.0.9.9',
    port: 41_000,
    namespace: 'shop',
    labels: new Map([['app', 'web']]),
    cluster: 'west',
  });
  const { edges } = run([
    flow(web('east', 40_000), api('east'), { tcpFlags: SYN }),
    flow(web('west', 40_000), api('west'), { tcpFlags: SYN }),
    flow(leg, api('west', 81), { tcpFlags: SYN }),
  ]);
  expect(froms(edges)).toContain('west/shop/StatefulSet/web');
  expect(edges).toHaveLength(3);
});

test.each([
  { after: ADDRESS_GRACE_MS, what: 'still', resolved: 1 },
  { after: ADDRESS_GRACE_MS + 1, what: 'no longer', resolved: 0 },
])('$after ms after a pod was last seen its address is $what its own', ({ after, resolved }) => {
  const bare = endpoint({ ip: '10.0.0.7', port: 80 });
  const { lines, coverage } = run([
    flow(pod('shop/old-0', '10.0.0.7', 40_000), db(), { tcpFlags: SYN }),
    flow(pod('shop/job-0', '10.0.0.8', 40_001), bare, { tcpFlags: SYN, at: START + after }),
  ]);
  expect(lines.filter((line) => line.startsWith('shop/job'))).toHaveLength(resolved);
  expect(coverage.setAside['unresolved-endpoint'].conversations).toBe(1 - resolved);
});

test('within the grace of two pods the address belongs to neither, and to the one that had it at the time', () => {
  const bare = endpoint({ ip: '10.0.0.7', port: 80 });
  const at = (minutes: number) => START + minutes * MINUTE;
  const ask = (minutes: number) =>
    run([
      flow(pod('shop/old-0', '10.0.0.7', 40_000), db(), { tcpFlags: SYN, at: at(0) }),
      flow(pod('shop/young-0', '10.0.0.7', 40_001), db(), { tcpFlags: SYN, at: at(4) }),
      flow(pod('shop/job-0', '10.0.0.8', 40_002), bare, { tcpFlags: SYN, at: at(minutes) }),
    ]).lines.filter((line) => line.startsWith('shop/job'));
  expect(ask(2)).toEqual([]);
  expect(ask(4)).toEqual(['shop/job[StatefulSet] => shop/young[StatefulSet] : TCP 80']);
});

const cartPods = ['shop/cart-7d9c5b6f4-x2x4z', 'shop/cart-7d9c5b6f4-b2b4z'];
const cart = (which: number, port: number, owner?: string) =>
  pod(cartPods[which] ?? '', `10.0.1.${which + 1}`, port, {
    workloads: owner === undefined ? [] : [{ name: owner, kind: 'Deployment' }],
    labels: new Map([['app', 'cart']]),
  });
const firstSent = [0, 1].flatMap((which) =>
  Array.from({ length: 10 }, (_, i) => flow(cart(which, 40_000 + i), db(), { tcpFlags: SYN, at: START + i })),
);
const corrected = (which: number, ms: number) =>
  flow(cart(which, 41_000 + which, 'basket'), db(), { tcpFlags: SYN, at: START + ms });
const settled = Array.from({ length: 10 }, (_, i) =>
  flow(cart(0, 42_000 + i), db(5433), { tcpFlags: SYN, at: START + 200 + i }),
);

test('one pod that turns out to belong elsewhere leaves the edges of its former workload where they are', () => {
  const { edges } = run([...firstSent, corrected(0, 100), ...settled], { maxConversations: 5 });
  const totals = Object.fromEntries(
    edges
      .filter(({ port }) => port === 5432)
      .map(({ from, conversations }) => [from.kind === 'workload' ? from.id : '', conversations.total]),
  );
  expect(totals['default/shop/Deployment/cart']).toBeGreaterThanOrEqual(15);
  expect(totals['default/shop/Deployment/cart']).toBeLessThan(21);
});

test('a workload all of whose pods belong elsewhere is renamed, though they were corrected one by one', () => {
  const { edges } = run([...firstSent, corrected(0, 100), ...settled, corrected(1, 300)], {
    maxConversations: 5,
  });
  expect(new Set(froms(edges))).toEqual(new Set(['default/shop/Deployment/basket']));
  expect(edges.find(({ port }) => port === 5432)?.conversations.total).toBe(22);
});
