import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createEngine, type FastEngine, type PortPoint } from '#core/policy/fast/fast-engine.ts';
import { evaluate } from '#core/policy/literal/evaluate.ts';
import { CILIUM_PROFILE, KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicyPeer } from '#core/policy/network-policy.ts';
import type { Endpoint, World } from '#core/policy/world.ts';
import { edited, FIRST_PORT, numbers, policyWorld } from '../bench/policy-world.ts';
import { readable } from './policy-fast-differential.ts';

const SIZE = { workloads: 240, replicas: 2, policies: 150, ports: 6 };
const WORLD = inBothFamilies(policyWorld(SIZE));
const POINTS: readonly PortPoint[] = Array.from({ length: SIZE.ports }, (_, index) => ({
  protocol: 'TCP',
  port: FIRST_PORT + index,
}));
const UPDATES = 25;
const CELLS = 200;

/** Two of three pods get an IPv6 address too, and every other block becomes one of IPv6 addresses. */
function inBothFamilies(world: World): World {
  const block = (peer: NetworkPolicyPeer, index: number): NetworkPolicyPeer =>
    peer.ipBlock && index % 2 === 0 ? { ipBlock: { cidr: '2001:db8::/121' } } : peer;
  return {
    ...world,
    pods: world.pods.map((pod, index) =>
      index % 3 === 0 ? pod : { ...pod, ips: [...pod.ips, `2001:db8::${index.toString(16)}`] },
    ),
    policies: world.policies.map(({ metadata, spec }) => ({
      metadata,
      spec: {
        ...spec,
        ingress: spec.ingress?.map(({ from, ports }) => ({ from: from?.map(block), ports })),
        egress: spec.egress?.map(({ to, ports }) => ({ to: to?.map(block), ports })),
      },
    })),
  };
}

/** Admitted cells on one port, asked one by one. */
function countOneByOne(engine: FastEngine, point: PortPoint): number {
  const classes = [...engine.classes().entries()].filter(([, each]) => each !== undefined);
  let count = 0;
  for (const [from, source] of classes) {
    for (const [to, target] of classes) {
      const isCounted = source?.kind === 'pods' || target?.kind === 'pods';
      if (isCounted && engine.admits(from, to, point)) count += 1;
    }
  }
  return count;
}

type Below = (limit: number) => number;

const pick = <Item>(items: readonly Item[], below: Below): Item => {
  const item = items[below(items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
};

function changed(engine: FastEngine, below: Below): FastEngine {
  const { pods, policies, namespaces } = engine.world();
  switch (below(6)) {
    case 0:
      return engine.withPod({ ...pick(pods, below), labels: pick(pods, below).labels });
    case 1: {
      const { namespace, name } = pick(pods, below);
      return engine.withoutPod(namespace, name);
    }
    case 2:
      return engine.withNamespace({ ...pick(namespaces, below), labels: pick(namespaces, below).labels });
    case 3: {
      const { namespace, name } = pick(policies, below).metadata;
      return engine.withoutPolicy(namespace ?? 'default', name);
    }
    default:
      return engine.withPolicy(edited(engine.world(), below));
  }
}

interface Random {
  readonly below: Below;
  readonly profile: typeof KUBERNETES_PROFILE;
}

/** Random cells of the world as it stands now: a verdict from the engine, and the same cell of its matrix. */
function compare(engine: FastEngine, isInMatrix: Cell, { below, profile }: Random): number {
  const world: World = engine.world();
  for (let cell = 0; cell < CELLS; cell += 1) {
    const [from, to] = [0, 1].map((): Endpoint => ({ kind: 'pod', pod: pick(world.pods, below) }));
    const port = below(POINTS.length);
    const point = POINTS[port];
    if (from === undefined || to === undefined || point === undefined) throw new Error('an empty world');
    const { allowed, reason } = evaluate(world, { from, to, ...point }, profile);
    const isSame =
      engine.allowed(from, to, point) === allowed &&
      (reason !== 'policy' ||
        isInMatrix(port, engine.classOf(from) ?? -1, engine.classOf(to) ?? -1) === allowed);
    if (!isSame) throw new Error(readable({ profile, from, to, ...point, literal: allowed }));
  }
  return CELLS;
}

type Cell = ReturnType<FastEngine['matrix']>['isAdmitted'];

test('in a world of several hundred classes, engine and matrix agree with the literal evaluator after every update', () => {
  let cells = 0;
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom(KUBERNETES_PROFILE, CILIUM_PROFILE), (seed, profile) => {
      const below = numbers(seed);
      let engine = createEngine(WORLD, profile);
      expect(engine.classes().length).toBeGreaterThan(SIZE.workloads);
      const matrix = engine.matrix(POINTS);
      for (let update = 0; update < UPDATES; update += 1) {
        cells += compare(engine, matrix.isAdmitted, { below, profile });
        engine = changed(engine, below);
        matrix.follow(engine);
      }
      cells += compare(engine, matrix.isAdmitted, { below, profile });
      for (const [port, point] of POINTS.entries()) {
        expect(matrix.countAt(port)).toBe(countOneByOne(engine, point));
      }
    }),
    { numRuns: 12 },
  );
  expect(cells).toBeGreaterThanOrEqual(12 * UPDATES * CELLS);
});
