import { describe, expect, test } from 'vitest';
import { Inventory, type InventoryChange } from '#core/inventory/inventory.ts';
import type { LiveObject } from '#core/inventory/live-object.ts';
import { deployment, live, pod, replicaSet } from '../../support/inventory-objects.ts';

const put = (object: LiveObject, at = 1000): InventoryChange => ({ do: 'put', object, at });
const listed = (kind: string, keys: readonly string[] = [], at = 1000): InventoryChange => ({
  do: 'listed',
  kind,
  keys: new Set(keys),
  within: undefined,
  at,
});

const policy = (port: number) =>
  live('NetworkPolicy', {
    metadata: { name: 'web', namespace: 'shop' },
    spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ ports: [{ port }] }] },
  });

describe('whose a pod is', () => {
  const owned = pod({
    name: 'cart-7d4b9c6f5d-x2k8p',
    ip: '10.0.0.7',
    from: 1000,
    owner: { kind: 'ReplicaSet', name: 'cart-7d4b9c6f5d' },
  });

  test('the Deployment that its ReplicaSet names, whichever of the two comes first', () => {
    const named = { kind: 'Deployment', name: 'basket', isReported: true };
    const before = new Inventory();
    before.apply(put(replicaSet('cart-7d4b9c6f5d', 'basket')));
    expect(before.apply(put(owned)).pods[0]?.owner).toEqual(named);
    const after = new Inventory();
    expect(after.apply(put(owned)).pods[0]?.owner.name).toBe('cart'); // by its generated name
    expect(after.apply(put(replicaSet('cart-7d4b9c6f5d', 'basket'))).pods[0]?.owner).toEqual(named);
  });

  test('a pod on its node’s network owns no address', () => {
    const [told] = new Inventory().apply(put(pod({ name: 'a', ip: '192.0.2.1', hostNetwork: true }))).pods;
    expect(told).toMatchObject({ ips: [], nodeIps: ['192.0.2.1'] });
  });
});

describe('the end of a pod', () => {
  const ends = ({ endedPods }: ReturnType<Inventory['apply']>) => endedPods;

  test('is when it ended by itself, though it is deleted later', () => {
    const inventory = new Inventory();
    const done = pod({ name: 'job-1', ip: '10.0.0.7', from: 1000, endedAt: 5000 });
    expect(inventory.apply(put(done)).pods[0]?.until).toBe(6000);
    expect(
      ends(inventory.apply({ do: 'gone', kind: 'Pod', key: 'shop/job-1', last: done, at: 90_000 })),
    ).toEqual([{ uid: 'uid-job-1', until: 6000 }]);
  });

  test('is noticed when a new list does not have it, or another pod has its name', () => {
    const inventory = new Inventory();
    inventory.apply(put(pod({ name: 'db-0', uid: 'first', ip: '10.0.0.7', from: 1000 })));
    const second = pod({ name: 'db-0', uid: 'second', ip: '10.0.0.8', from: 4000 });
    expect(ends(inventory.apply(put(second, 4000)))).toEqual([{ uid: 'first', until: 4000 }]);
    expect(ends(inventory.apply(listed('Pod', [], 9000)))).toEqual([{ uid: 'second', until: 9000 }]);
  });

  test('a list of one namespace says nothing about others', () => {
    const inventory = new Inventory();
    inventory.apply(put(pod({ name: 'a', namespace: 'shop', ip: '10.0.0.7' })));
    const told = inventory.apply({ do: 'listed', kind: 'Pod', keys: new Set(), within: 'data', at: 9000 });
    expect(ends(told)).toEqual([]);
  });
});

describe('the time line', () => {
  test('has rollouts, scaling and edits of policies, and nothing of the first list', () => {
    const inventory = new Inventory();
    for (const object of [deployment({ name: 'cart' }), policy(80)]) inventory.apply(put(object));
    inventory.apply(listed('Deployment', ['shop/cart']));
    inventory.apply(listed('NetworkPolicy', ['shop/web']));
    expect(inventory.events()).toEqual([]);
    inventory.apply(put(deployment({ name: 'cart', image: 'cart:2' }), 2000));
    inventory.apply(put(deployment({ name: 'cart', image: 'cart:2', replicas: 3 }), 3000));
    inventory.apply(put(policy(81), 4000));
    inventory.apply(put(policy(81), 4500)); // the same again is no edit
    inventory.apply({ do: 'gone', kind: 'NetworkPolicy', key: 'shop/web', at: 5000 });
    expect(inventory.events().map(({ at, type }) => `${at} ${type}`)).toEqual([
      '2000 rollout',
      '3000 scaled',
      '4000 policy-changed',
      '5000 policy-removed',
    ]);
  });
});

test('the model of a live cluster is the one its manifests would give', () => {
  const inventory = new Inventory();
  for (const object of [
    deployment({ name: 'cart' }),
    pod({
      name: 'cart-7d4b9c6f5d-x2k8p',
      ip: '10.0.0.7',
      owner: { kind: 'ReplicaSet', name: 'cart-7d4b9c6f5d' },
    }),
    replicaSet('cart-7d4b9c6f5d', 'cart'),
    policy(80),
  ])
    inventory.apply(put(object));
  const { workloads, pods, policies } = inventory.model();
  expect(workloads.map(({ kind, name }) => `${name}[${kind}]`)).toEqual(['cart[Deployment]']);
  expect(pods).toMatchObject([{ origin: 'seen', pod: { name: 'cart-7d4b9c6f5d-x2k8p', ips: ['10.0.0.7'] } }]);
  expect(policies).toHaveLength(1);
});

test('what is more than may be kept is counted, and forgets nobody', () => {
  const inventory = new Inventory({ maxObjects: 2 });
  for (const name of ['a', 'b', 'c']) inventory.apply(put(pod({ name })));
  expect(inventory.counts()).toMatchObject({ shed: 1 });
  expect(inventory.counts().byKind.get('Pod')).toBe(2);
});
