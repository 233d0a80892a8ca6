import { expect, test } from 'vitest';
import type { FlowEndpoint } from '#core/flow/flow.ts';
import { LatestReports } from '#core/identity/latest-reports.ts';
import { pod, START } from '../../support/flows.ts';

const cart = pod('shop/cart-7d9c5b6f4-x2x4z', '10.0.0.1', 40_000);
const owned = { ...cart, workloads: [{ kind: 'Deployment', name: 'cart' }] };

test.each<[what: string, before: FlowEndpoint, after: FlowEndpoint]>([
  ['another port', cart, { ...cart, port: 40_001 }],
  ['owners left out, as another node does', owned, cart],
  ['the same owner', owned, { ...owned, workloads: [{ kind: 'Deployment', name: 'cart' }] }],
])('a pod that comes again with %s has nothing new to say', (_what, before, after) => {
  const reports = new LatestReports();
  const span = { firstAt: START, lastAt: START };
  reports.remember(before, [span]);
  expect(reports.repeats(after, START + 5)).toBe(true);
  expect(span).toEqual({ firstAt: START, lastAt: START + 5 });
});

test.each<[what: string, before: FlowEndpoint, after: FlowEndpoint]>([
  ['another address', cart, { ...cart, ip: '10.0.0.2' }],
  ['an owner', cart, owned],
  ['another owner', owned, { ...owned, workloads: [{ kind: 'ReplicaSet', name: 'cart' }] }],
  ['labels of its own', cart, { ...cart, labels: new Map(cart.labels) }],
  ['another namespace', cart, { ...cart, namespace: 'test' }],
  ['a cluster', cart, { ...cart, cluster: 'north' }],
])('a pod that comes again with %s is looked at again', (_what, before, after) => {
  const reports = new LatestReports();
  const span = { firstAt: START, lastAt: START };
  reports.remember(before, [span]);
  expect(reports.repeats(after, START + 5)).toBe(false);
  expect(span.lastAt).toBe(START);
});
