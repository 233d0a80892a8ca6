import { describe, expect, test } from 'vitest';
import type { Flow } from '#core/flow/flow.ts';
import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import { modelOfSeen } from '#core/policy/cluster/model-of-flows.ts';
import type { PolicyDiff } from '#core/policy/diff/policy-diff.ts';
import { populationOfSeen } from '#core/policy/explain/population.ts';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import { endpoint, flow, pod, run, START, SYN, world } from '../../support/flows.ts';
import { changed, cluster, DENY_ALL, dbPolicy, deployment, lineOf, policy } from './small-worlds.ts';

const CART = pod('shop/cart-7d9c5b6f4-x2x4z', '10.0.0.1', 40_000);
const DB = pod('shop/db-6d9c5b6f4-b4b5c', '10.0.0.9', 5432);
const NONE = policy('none', '{podSelector: {matchLabels: {app: nobody}}}');

/** One connection that cart opens to db. */
const opened = (port: number, more: Partial<Flow> = {}): Flow =>
  flow({ ...CART, port: 40_000 + port }, { ...DB, port }, { tcpFlags: SYN, ...more });

const DENIED: Partial<Flow> = { verdict: 'dropped', dropReason: 'POLICY_DENIED' };

function weighed(old: ClusterModel, later: ClusterModel, flows: readonly Flow[]): PolicyDiff {
  const { graph, world: seen } = run(flows);
  return changed(old, later, {
    profile: CILIUM_PROFILE,
    seen: {
      model: modelOfSeen(seen, 'default'),
      population: populationOfSeen(seen, 'default', CILIUM_PROFILE),
      edges: [...graph.edges.values()],
    },
  });
}

const lines = (diff: PolicyDiff): readonly string[] => diff.changes.map(lineOf);

describe('what the flows say of a change', () => {
  test('flows alone say who is there', () => {
    expect(lines(weighed(cluster(dbPolicy(5432)), cluster(dbPolicy(5432, 'web')), [opened(5432)]))).toEqual([
      'breaks-observed+tightened: shop/cart[Deployment] => shop/db[Deployment] : TCP 5432 -> none',
    ]);
  });

  test('what was seen and is blocked now breaks, with its count; what was never seen is only tightened', () => {
    const flows = [opened(5432), opened(5432, { at: START + 1000, source: { ...CART, port: 41_000 } })];
    const diff = weighed(cluster(dbPolicy(5432)), cluster(dbPolicy(5433)), flows);
    expect(lines(diff)).toEqual([
      'breaks-observed+widened+tightened: shop/cart[Deployment] => shop/db[Deployment] : TCP 5432 -> TCP 5433',
    ]);
    expect(diff.changes[0]?.traffic).toMatchObject({ closed: 2, broken: 2, opened: 0, isAtMost: false });
    expect(lines(weighed(cluster(dbPolicy(5432)), cluster(dbPolicy(5433)), [opened(5431)]))).toEqual([
      'widened+tightened: shop/cart[Deployment] => shop/db[Deployment] : TCP 5432 -> TCP 5433',
    ]);
  });

  test('what the old policies block too is not broken by the new ones', () => {
    const diff = weighed(cluster(dbPolicy(1)), cluster(dbPolicy(2)), [opened(5432)]);
    expect(diff.observed?.breaks).toEqual([]);
    expect(diff.observed?.alreadyBlocked).toEqual({ edges: 1, conversations: 1 });
  });

  test('what was denied so far and is let through now weighs on the change', () => {
    const diff = weighed(cluster(dbPolicy(1)), cluster(dbPolicy(5432)), [opened(5432, DENIED)]);
    expect(diff.changes[0]?.traffic).toMatchObject({ closed: 0, broken: 0, opened: 1 });
  });

  test('changes with more conversations come first', () => {
    const two = [1, 2].map((number) => opened(80, { source: { ...CART, port: 42_000 + number } }));
    const web = pod('shop/web-7d9c5b6f4-x2x4z', '10.0.0.3', 40_000);
    const one = flow(web, { ...DB, port: 80 }, { tcpFlags: SYN });
    const diff = weighed(cluster(NONE), cluster(DENY_ALL), [one, ...two]);
    const breaks = lines(diff).filter((line) => line.startsWith('breaks'));
    expect(breaks).toEqual([
      'breaks-observed+tightened: shop/cart[Deployment] => shop/db[Deployment] : all ports -> none',
      'breaks-observed+tightened: shop/web[Deployment] => shop/db[Deployment] : all ports -> none',
    ]);
  });

  test('what ends with its workload is not broken by a policy', () => {
    const old = cluster(deployment('cart'), deployment('db'), dbPolicy(5432));
    const diff = weighed(old, cluster(deployment('db'), dbPolicy(5432)), [opened(5432)]);
    expect(diff.observed?.breaks).toEqual([]);
    expect(lines(diff)[0]).toBe('neutral: shop/cart[Deployment] => shop/db[Deployment] : TCP 5432 -> none');
    expect(diff.changes[0]?.traffic).toMatchObject({ closed: 1, broken: 0 });
  });

  test('labels that change along with the policies break nothing', () => {
    const rule = (label: string): string =>
      policy(
        'db',
        `{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {${label}}}}]}]}`,
      );
    const old = cluster(deployment('cart'), deployment('db'), rule('app: cart'));
    const later = cluster(deployment('cart', ', tier: front'), deployment('db'), rule('tier: front'));
    expect(weighed(old, later, [opened(5432)]).changes).toEqual([]);
    expect(weighed(old, later, [opened(5432)]).observed?.breaks).toEqual([]);
  });

  test('a conversation of a node is told although no list of connections names nodes', () => {
    const flows = [
      flow(
        endpoint({ entities: ['remote-node'], ip: '10.1.0.1', port: 40_001 }),
        { ...DB, port: 80 },
        { tcpFlags: SYN },
      ),
      opened(5432),
    ];
    const diff = weighed(cluster(NONE), cluster(dbPolicy(5432)), flows);
    expect(diff.otherBreaks.map(({ line }) => line)).toEqual(['remote-node => shop/db[Deployment] : TCP 80']);
  });

  test('a range outside has the conversations of its own addresses', () => {
    const from = (cidr: string): string =>
      policy(
        'db',
        `{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: ${cidr}}}]}]}`,
      );
    const client = (ip: string, port: number): Flow =>
      flow(world(ip, port), { ...DB, port: 80 }, { tcpFlags: SYN });
    const diff = weighed(cluster(from('203.0.112.0/23')), cluster(from('203.0.113.0/24')), [
      client('203.0.112.7', 40_001),
      client('203.0.113.7', 40_002),
    ]);
    expect(lines(diff)).toEqual([
      'breaks-observed+tightened: 203.0.112.0/24[external] => shop/db[Deployment] : all ports -> none',
    ]);
    expect(diff.changes[0]?.traffic).toMatchObject({ broken: 1 });
    expect(diff.otherBreaks).toEqual([]);
  });
});
