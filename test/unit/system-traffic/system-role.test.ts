import { expect, test } from 'vitest';
import type { Edge } from '#core/graph/edge.ts';
import { addOnsOf } from '#core/policy/system/add-ons-of.ts';
import { SystemRoles } from '#core/policy/system/system-role.ts';
import { cidr, edge, entity, fqdn, workload } from '../../support/baseline-fixture.ts';

const [web, api, prometheus] = [
  workload('shop/web'),
  workload('shop/api'),
  workload('monitoring/prometheus', { kind: 'StatefulSet' }),
];
const coredns = workload('kube-system/coredns');
const nodeLocal = workload('kube-system/node-local-dns', { kind: 'DaemonSet' });
const hook = workload('policy/hook');

const roleOf = (each: Edge, others: readonly Edge[] = []) => new SystemRoles([each, ...others]).roleOf(each);

const withL7 = (each: Edge, paths: readonly string[]): Edge => ({
  ...each,
  l7: { ...each.l7, paths: new Map(paths.map((path) => [path, 1])) },
});

test.each<[string, Edge, string, string]>([
  [
    'a question to pods on port 53',
    edge(web, coredns, { protocol: 'UDP', port: 53 }),
    'dns',
    'port 53 at kube-system/coredns',
  ],
  [
    'names asked for on another port',
    edge(web, coredns, { protocol: 'UDP', port: 5353, dnsNames: ['api.shop.svc.cluster.local'] }),
    'dns',
    'asked for 1 name at kube-system/coredns',
  ],
  [
    'the cache on the node, as a pod',
    edge(web, nodeLocal, { protocol: 'UDP', port: 53 }),
    'node-local-dns',
    'port 53 at kube-system/node-local-dns',
  ],
  [
    'the cache on the node, by its link-local address',
    edge(web, cidr('169.254.20.10/32'), { protocol: 'UDP', port: 53, addresses: ['169.254.20.10'] }),
    'node-local-dns',
    'port 53 at 169.254.20.10',
  ],
  [
    'the resolver of a cloud',
    edge(web, cidr('169.254.169.254/32'), { protocol: 'UDP', port: 53, addresses: ['169.254.169.254'] }),
    'cloud-dns',
    'port 53 at 169.254.169.254',
  ],
  [
    'the API server by its entity',
    edge(web, entity('kube-apiserver'), { port: 6443 }),
    'api-server',
    'the flows name the API server',
  ],
  [
    'the API server by its Service',
    { ...edge(web, cidr('192.0.2.6/32'), { port: 6443 }), services: new Set(['default/kubernetes']) },
    'api-server',
    'Service default/kubernetes',
  ],
  [
    'the API server asking a webhook',
    edge(entity('kube-apiserver'), hook, { port: 9443 }),
    'webhooks',
    'the API server connects on port 9443',
  ],
  [
    "the network's own Ingress",
    edge(entity('ingress'), web, { port: 8080 }),
    'ingress',
    "the network's own Ingress connects",
  ],
  [
    'a scrape by its path',
    withL7(edge(api, web, { port: 8080 }), ['/metrics']),
    'metrics',
    'asked for the path /metrics',
  ],
  [
    'a scrape by the name of the client',
    edge(prometheus, web, { port: 9102 }),
    'metrics',
    'the client is called prometheus',
  ],
])('%s is told from what applications do', (_, each, addOn, evidence) => {
  expect(roleOf(each)).toEqual({ addOn, evidence });
});

test.each<[string, Edge]>([
  ['one workload with another', edge(web, api)],
  ['a call to a name outside', edge(web, fqdn('api.example.com'), { port: 443, addresses: ['192.0.2.9'] })],
  ['a single visitor', edge(cidr('198.51.100.1/32'), web, { port: 443, addresses: ['198.51.100.1'] })],
  ['a path that only begins like a scrape', withL7(edge(api, web), ['/metricsandmore'])],
])('%s is no system traffic', (_, each) => {
  expect(roleOf(each)).toBeUndefined();
});

test('a port that many outside clients come to is a load balancer, whoever comes next', () => {
  const visits = [1, 2, 3, 4, 5].map((host) =>
    edge(cidr(`198.51.100.${host}/32`), web, { port: 443, addresses: [`198.51.100.${host}`] }),
  );
  const [first, ...others] = visits;
  if (first === undefined) throw new Error('no visit');
  expect(roleOf(first, others)).toEqual({
    addOn: 'load-balancer',
    evidence: 'many outside clients on port 443',
  });
  expect(roleOf(first, others.slice(1))).toBeUndefined();
});

test('add-ons list their edges, the workloads on the side of the cluster, and what gets no rule', () => {
  const asked = edge(web, coredns, { protocol: 'UDP', port: 53, conversations: 7 });
  const control = edge(api, entity('kube-apiserver'), { port: 6443, conversations: 3 });
  const scrape = edge(prometheus, web, { port: 9102 });
  const found = addOnsOf([asked, control, scrape, edge(web, api)], (key) => key !== control.key);
  expect(found).toEqual([
    {
      name: 'dns',
      evidence: ['port 53 at kube-system/coredns'],
      edges: [asked.key],
      withoutRule: 0,
      conversations: 7,
      workloads: [web.id],
    },
    {
      name: 'api-server',
      evidence: ['the flows name the API server'],
      edges: [control.key],
      withoutRule: 1,
      conversations: 3,
      workloads: [api.id],
    },
    {
      name: 'metrics',
      evidence: ['the client is called prometheus'],
      edges: [scrape.key],
      withoutRule: 0,
      conversations: 20,
      workloads: [web.id],
    },
  ]);
});
