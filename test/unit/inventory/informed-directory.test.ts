import { describe, expect, test } from 'vitest';
import { DIRECTORY_DEFAULTS } from '#core/identity/directory.ts';
import { createInformedDirectory, type InformedDirectory } from '#core/identity/informed-directory.ts';
import { Inventory, type InventoryChange } from '#core/inventory/inventory.ts';
import type { LiveObject } from '#core/inventory/live-object.ts';
import { pod as flowPod } from '../../support/flows.ts';
import { live, type PodWish, pod } from '../../support/inventory-objects.ts';

const CART: PodWish = {
  name: 'cart-7d4b9c6f5d-x2k8p',
  ip: '10.0.0.7',
  from: 1000,
  owner: { kind: 'ReplicaSet', name: 'cart-7d4b9c6f5d' },
};

function directoryOf(...objects: readonly LiveObject[]): InformedDirectory {
  const directory = createInformedDirectory(DIRECTORY_DEFAULTS, undefined);
  const inventory = new Inventory();
  for (const object of objects) {
    const change: InventoryChange = { do: 'put', object, at: 1000 };
    directory.learn(inventory.apply(change));
  }
  return directory;
}

describe('what an inventory adds to what flows show', () => {
  test('pods that no flow told of are in the world, with labels, owner and addresses', () => {
    const { pods } = directoryOf(pod(CART)).world();
    expect(pods).toMatchObject([
      { namespace: 'shop', name: CART.name, workload: 'default/shop/Deployment/cart', ips: ['10.0.0.7'] },
    ]);
  });

  test('they are in the cluster that flows name, whether a flow or the inventory came first', () => {
    const seen = flowPod('shop/web-7d4b9c6f5d-b4c5d', '10.0.0.8', 40_000, { cluster: 'prod' });
    const late = directoryOf(pod(CART));
    late.observe(seen, 2000);
    const early = createInformedDirectory(DIRECTORY_DEFAULTS, undefined);
    early.observe(seen, 2000);
    early.learn(new Inventory().apply({ do: 'put', object: pod(CART), at: 1000 }));
    for (const directory of [late, early]) {
      expect(directory.podOfAddress('10.0.0.7', 5000)?.workload).toBe('prod/shop/Deployment/cart');
      expect(new Set(directory.world().pods.map(({ cluster }) => cluster))).toEqual(new Set(['prod']));
    }
    expect(late.world()).toEqual(early.world());
  });

  test('a pod the inventory knows is not answered for an address by what flows once said of it', () => {
    const directory = directoryOf(pod({ ...CART, endedAt: 60_000 }));
    directory.observe(flowPod(`shop/${CART.name}`, '10.0.0.7', 80), 50_000);
    expect(directory.podOfAddress('10.0.0.7', 50_000)?.pod).toBe(`shop/${CART.name}`);
    expect(directory.podOfAddress('10.0.0.7', 62_000)).toBeUndefined(); // flows alone would allow for five minutes
  });

  test('an address written another way is the same address', () => {
    const directory = directoryOf(pod({ ...CART, ip: 'fd00::7' }));
    expect(directory.podOfAddress('fd00:0:0::0007', 5000)?.pod).toBe(`shop/${CART.name}`);
  });

  test('addresses of nodes and of pods on their networks are nodes’, and those of their ranges may be pods’', () => {
    const node = live('Node', {
      metadata: { name: 'node-1' },
      spec: { podCIDRs: ['198.51.100.0/24'] },
      status: { addresses: [{ type: 'InternalIP', address: '192.0.2.1' }] },
    });
    const directory = directoryOf(node, pod({ name: 'proxy', ip: '192.0.2.2', hostNetwork: true }));
    expect(['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((ip) => directory.isNodeAddress(ip))).toEqual([
      true,
      true,
      false,
    ]);
    const mayBe = ['10.9.9.9', '198.51.100.7', '203.0.113.7', 'no address'].map((ip) =>
      directory.mayBeOurs(ip),
    );
    expect(mayBe).toEqual([true, true, false, false]);
  });
});
