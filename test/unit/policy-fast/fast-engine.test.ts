import { describe, expect, test } from 'vitest';
import { createEngine } from '#core/policy/fast/fast-engine.ts';
import { CILIUM_PROFILE, KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { Endpoint, WorldPod } from '#core/policy/world.ts';
import {
  app,
  CART,
  CART_IS_CLOSED,
  cartAcceptsFrom,
  DB,
  NAMESPACES,
  OUTSIDE,
  podOf,
  policyOf,
  WEB,
  worldWith,
} from '../policy-literal/small-world.ts';

const at = (pod: WorldPod): Endpoint => ({ kind: 'pod', pod });
const TCP_8080 = { protocol: 'TCP', port: 8080 } as const;
const engineWith = (...policies: readonly NetworkPolicy[]) =>
  createEngine(worldWith(...policies), KUBERNETES_PROFILE);

/** Forty alike pods in `shop`, with a label of their own that no policy asks for at first. */
const REPLICAS = Array.from({ length: 40 }, (_, index) =>
  podOf(`web-${index}`, {
    labels: [
      ['app', 'web'],
      ['pod', `${index}`],
    ],
    ips: [`10.9.0.${index}`],
  }),
);

const podClasses = (engine: ReturnType<typeof createEngine>) =>
  engine.classes().flatMap((each) => (each?.kind === 'pods' ? [each] : []));

describe('classes', () => {
  test('pods that no policy tells apart are one class, by namespace, labels asked for, port names and network', () => {
    const pods = [...REPLICAS, podOf('x', { hostNetwork: true }), podOf('y', { namespace: 'monitor' })];
    const world = { ...worldWith(CART_IS_CLOSED), pods };
    expect(podClasses(createEngine(world, KUBERNETES_PROFILE)).length).toBe(3);
    const named = { ...REPLICAS[0], name: 'z', namedPorts: CART.namedPorts } as WorldPod;
    expect(podClasses(createEngine({ ...world, pods: [...pods, named] }, KUBERNETES_PROFILE)).length).toBe(4);
  });

  test('a policy that asks for another label or names a block splits them, and no more than it must', () => {
    const engine = createEngine({ ...worldWith(), pods: REPLICAS }, KUBERNETES_PROFILE);
    expect(podClasses(engine).length).toBe(1);
    const byBlock = policyOf({
      podSelector: {},
      ingress: [{ from: [{ ipBlock: { cidr: '10.9.0.0/28' } }] }],
    });
    expect(podClasses(engine.withPolicy(byBlock)).map(({ members }) => members.length)).toEqual([16, 24]);
    const byLabel = policyOf({ podSelector: { matchLabels: { pod: '7' } } });
    expect(podClasses(engine.withPolicy(byLabel)).length).toBe(40);
  });

  test('where blocks do not see pods, addresses tell no pods apart', () => {
    const byBlock = policyOf({ podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: '10.9.0.0/28' } }] }] });
    const world = { ...worldWith(byBlock), pods: REPLICAS };
    expect(podClasses(createEngine(world, CILIUM_PROFILE)).length).toBe(1);
  });

  test('cuts that serve no policy any more do not pile up', () => {
    let engine = createEngine({ ...worldWith(), pods: REPLICAS }, KUBERNETES_PROFILE);
    for (let index = 0; index < 300; index += 1) {
      const cidr = `198.51.${index >> 8}.${index & 255}/32`;
      engine = engine.withPolicy(policyOf({ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr } }] }] }));
    }
    expect(engine.classes().length).toBeLessThan(150);
    expect(engine.allowed({ kind: 'address', ip: '198.51.1.43' }, at(WEB), TCP_8080)).toBe(true);
    expect(engine.allowed({ kind: 'address', ip: '198.51.1.42' }, at(WEB), TCP_8080)).toBe(false);
  });

  test('an address has the class of its atom, an entity without address one of its own', () => {
    const engine = engineWith(cartAcceptsFrom({ ipBlock: { cidr: '203.0.113.0/24' } }));
    const inside = engine.classOf(OUTSIDE);
    expect(engine.classOf({ kind: 'address', ip: '203.0.113.99' })).toBe(inside);
    expect(engine.classOf({ kind: 'address', ip: '198.51.100.1' })).not.toBe(inside);
    const entity = engine.classOf({ kind: 'entity', entity: 'world' });
    expect(engine.classes()[entity ?? -1]?.kind).toBe('entities');
    expect(engine.classOf(at({ ...CART }))).toBeUndefined();
    expect(engine.classOf(at(CART))).toBeDefined();
  });
});

describe('a change', () => {
  const closed = engineWith(CART_IS_CLOSED);

  test('makes another engine and leaves the first as it was', () => {
    const open = closed.withPolicy(cartAcceptsFrom({ podSelector: app('web') }));
    expect(open.allowed(at(WEB), at(CART), TCP_8080)).toBe(true);
    expect(closed.allowed(at(WEB), at(CART), TCP_8080)).toBe(false);
    expect(closed.world().policies).toEqual([CART_IS_CLOSED]);
  });

  test('of a policy takes the place of the one of its name, and removal opens what it had closed', () => {
    const again = closed.withPolicy(policyOf({ podSelector: app('db') }, CART_IS_CLOSED.metadata.name));
    expect(again.world().policies.length).toBe(1);
    expect(again.allowed(at(WEB), at(CART), TCP_8080)).toBe(true);
    expect(again.allowed(at(WEB), at(DB), TCP_8080)).toBe(false);
    const name = CART_IS_CLOSED.metadata.name;
    expect(closed.withoutPolicy('shop', name).allowed(at(WEB), at(CART), TCP_8080)).toBe(true);
    expect(closed.withoutPolicy('monitor', name).allowed(at(WEB), at(CART), TCP_8080)).toBe(false);
  });

  test('of a namespace reaches every policy that asks for its labels', () => {
    const byTeam = cartAcceptsFrom({ namespaceSelector: { matchLabels: { team: 'dns' } } });
    const engine = engineWith(byTeam);
    const stranger = engine.world().pods.find(({ namespace }) => namespace === 'monitor') ?? WEB;
    expect(engine.allowed(at(stranger), at(CART), TCP_8080)).toBe(false);
    const labelled = engine.withNamespace({ name: 'monitor', labels: [['team', 'dns']] });
    expect(labelled.allowed(at(stranger), at(CART), TCP_8080)).toBe(true);
    expect(labelled.world().namespaces.length).toBe(NAMESPACES.length);
  });

  test('of what a port name stands for reaches rules that name a port and no peer', () => {
    const byName = policyOf({ podSelector: app('web'), egress: [{ ports: [{ port: 'http' }] }] });
    const engine = engineWith(byName);
    expect(engine.allowed(at(WEB), at(DB), TCP_8080)).toBe(false);
    const named = { ...DB, namedPorts: CART.namedPorts };
    expect(engine.withPod(named).allowed(at(WEB), at(named), TCP_8080)).toBe(true);
    const renamed = { ...named, namedPorts: [{ name: 'http', protocol: 'TCP', port: 9090 }] as const };
    const moved = engine.withPod(named).withPod(renamed);
    const ports = [8080, 9090].map((port) => moved.allowed(at(WEB), at(renamed), { ...TCP_8080, port }));
    expect(ports).toEqual([false, true]);
  });

  test('of a pod that has ended makes it nobody', () => {
    const ended = { ...CART, phase: 'Succeeded' };
    const engine = closed.withPod(ended);
    expect(engine.classOf(at(ended))).toBeUndefined();
    expect(engine.allowed(at(WEB), at(ended), TCP_8080)).toBe(false);
    expect(engine.world().pods.filter(({ name }) => name === 'cart')).toEqual([ended]);
  });
});

describe('a matrix', () => {
  test('does again only the squares that a change touches', () => {
    const pods = Array.from({ length: 400 }, (_, index) => podOf(`app-${index}`));
    const policies = pods.map(({ name }) => policyOf({ podSelector: app(name) }, name));
    const engine = createEngine({ namespaces: NAMESPACES, pods, policies }, KUBERNETES_PROFILE);
    const matrix = engine.matrix([TCP_8080]);
    const width = 14;
    const edited = engine.withPolicy(
      policyOf(
        { podSelector: app('app-7'), ingress: [{ from: [{ podSelector: app('app-300') }] }] },
        'app-7',
      ),
    );
    const before = matrix.count();
    expect(matrix.follow(edited)).toBeLessThanOrEqual(2 * width);
    expect(matrix.count()).toBe(before + 1);
    expect(matrix.count()).toBe(edited.matrix([TCP_8080]).count());
    expect(matrix.follow(edited)).toBeLessThanOrEqual(width);
  });

  test('grows with the classes', () => {
    let engine = engineWith(CART_IS_CLOSED);
    const matrix = engine.matrix([TCP_8080]);
    for (const [index, pod] of REPLICAS.concat(REPLICAS).entries()) {
      engine = engine.withPod({ ...pod, name: `more-${index}`, labels: [['app', `more-${index}`]] });
      engine = engine.withPolicy(policyOf({ podSelector: app(`more-${index}`) }, `more-${index}`));
      matrix.follow(engine);
    }
    expect(matrix.count()).toBe(engine.matrix([TCP_8080]).count());
    expect(engine.classes().length).toBeGreaterThan(80);
  });

  test('follows only engines', () => {
    const matrix = engineWith().matrix();
    expect(() => matrix.follow({ ...engineWith() })).toThrow('follows only engines');
  });
});

test('pairs are counted by pods, without a pod and itself, and a node reaches what it runs', () => {
  const node = podOf('agent', { hostNetwork: true, node: 'node-1' });
  const others = [podOf('a'), podOf('b'), podOf('c', { node: 'node-2' })];
  const denyAll = policyOf({ podSelector: {}, policyTypes: ['Ingress'] });
  const engine = createEngine(
    { namespaces: [], pods: [node, ...others], policies: [denyAll] },
    KUBERNETES_PROFILE,
  );
  expect(engine.admittedPairs(TCP_8080)).toBe(2 + 3);
  expect(engine.withoutPolicy('shop', 'under-test').admittedPairs(TCP_8080)).toBe(4 * 3);
});

test('what is admitted is listed in the same order each time, whatever the order of policies', () => {
  const policies = [CART_IS_CLOSED, cartAcceptsFrom({ podSelector: app('web') })].map((policy, index) => ({
    ...policy,
    metadata: { ...policy.metadata, name: `p${index}` },
  }));
  const listed = [policies, policies.toReversed()].map((order) => {
    const lines: string[] = [];
    engineWith(...order).forEachAllowed(({ from, to, ports }) => {
      lines.push(`${from} -> ${to} ${ports.protocol} ${ports.from}-${ports.to}`);
    });
    return lines;
  });
  expect(listed[0]?.length).toBeGreaterThan(10);
  expect(listed[1]).toEqual(listed[0]);
});
