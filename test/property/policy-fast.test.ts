import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EndClass } from '#core/policy/fast/end-class.ts';
import { createEngine, type FastEngine } from '#core/policy/fast/fast-engine.ts';
import { evaluate } from '#core/policy/literal/evaluate.ts';
import { KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { Connection, Endpoint, World } from '#core/policy/world.ts';
import {
  anyOthers,
  anyPod,
  anyPoint,
  anyUpdate,
  anyWorld,
  endsOf,
  type Update,
} from './policy-fast-arbitraries.ts';
import { anyProfile, anyTrial, compareAtLeast, compareCells, readable } from './policy-fast-differential.ts';
import { anyPolicy } from './policy-literal-arbitraries.ts';

/** `BULKHEAD_POLICY_CASES=1000000` makes this the deep run. */
const CASES = Number(process.env['BULKHEAD_POLICY_CASES'] ?? 100_000);

const updated = (engine: FastEngine, update: Update): FastEngine => {
  switch (update.do) {
    case 'policy':
      return engine.withPolicy(update.policy);
    case 'no-policy':
      return engine.withoutPolicy(update.namespace, update.name);
    case 'pod':
      return engine.withPod(update.pod);
    case 'no-pod':
      return engine.withoutPod(update.namespace, update.name);
    case 'namespace':
      return engine.withNamespace(update.namespace);
  }
};

/** Where a policy is filed: a manifest without a namespace belongs to `default`. */
const placeOf = (policy: NetworkPolicy | null | undefined): string =>
  JSON.stringify([policy?.metadata?.namespace ?? 'default', policy?.metadata?.name]);

const isCalled = (namespace: string, name: string) => (object: { namespace: string; name: string }) =>
  object.namespace === namespace && object.name === name;

/** The same update, on the plain world. */
function worldAfter(world: World, update: Update): World {
  const { pods, policies, namespaces } = world;
  switch (update.do) {
    case 'policy': {
      const staying = policies.filter((policy) => placeOf(policy) !== placeOf(update.policy));
      return { ...world, policies: [...staying, update.policy] };
    }
    case 'no-policy': {
      const place = JSON.stringify([update.namespace, update.name]);
      return { ...world, policies: policies.filter((policy) => placeOf(policy) !== place) };
    }
    case 'pod': {
      const isSame = isCalled(update.pod.namespace, update.pod.name);
      return { ...world, pods: [...pods.filter((pod) => !isSame(pod)), update.pod] };
    }
    case 'no-pod':
      return { ...world, pods: pods.filter((pod) => !isCalled(update.namespace, update.name)(pod)) };
    case 'namespace': {
      const staying = namespaces.filter(({ name }) => name !== update.namespace.name);
      return { ...world, namespaces: [...staying, update.namespace] };
    }
  }
}

/** One end that stands for a class. */
function standIn({ facts, spans }: EndClass): Endpoint {
  if (facts.pod !== undefined) return { kind: 'pod', pod: facts.pod };
  const first = spans[0]?.first;
  const entity = facts.nodesOf === undefined ? 'ingress' : 'remote-node';
  return first === undefined ? { kind: 'entity', entity } : { kind: 'address', ip: textAt(first) };
}

/** The text of an address at its place on the engine's line: IPv4 below zero, IPv6 from zero on. */
function textAt(place: number | bigint): string {
  const width = typeof place === 'bigint' ? 16 : 8;
  const value = typeof place === 'bigint' ? place : BigInt(place + 2 ** 32);
  const count = typeof place === 'bigint' ? 8 : 4;
  const parts = Array.from({ length: count }, (_, index) => {
    const part = (value >> BigInt(width * (count - 1 - index))) & ((1n << BigInt(width)) - 1n);
    return part.toString(typeof place === 'bigint' ? 16 : 10);
  });
  return parts.join(typeof place === 'bigint' ? ':' : '.');
}

/** All that an engine lists, by key. */
function listedIn(engine: FastEngine): ReadonlySet<string> {
  const listed = new Set<string>();
  engine.forEachAllowed(({ from, to, ports }) => listed.add(`${from} ${to} ${ports.protocol}/${ports.from}`));
  return listed;
}

interface Meeting extends Connection {
  /** As in {@link listedIn}. */
  readonly key: string;
}

/** A stand-in of each class with one of every other one, at the first and the last port of each interval. */
function* meetingsIn(engine: FastEngine): Generator<Meeting> {
  const classes = [...engine.classes().entries()];
  for (const [source, from] of classes) {
    for (const [target, to] of classes) {
      const isInside = from?.kind === 'pods' || to?.kind === 'pods';
      if (from === undefined || to === undefined || from === to || !isInside) continue;
      for (const { protocol, from: port, to: last } of engine.intervals()) {
        const key = `${source} ${target} ${protocol}/${port}`;
        const ends = { from: standIn(from), to: standIn(to), protocol, key };
        yield { ...ends, port };
        yield { ...ends, port: last };
      }
    }
  }
}

describe('the fast engine', () => {
  test(`agrees with the literal evaluator in ${CASES} random cases`, { timeout: 3_600_000 }, () => {
    expect(compareAtLeast(CASES)).toBeGreaterThanOrEqual(CASES);
  });

  test('agrees with it after every one of a sequence of updates, and so does a matrix that follows', () => {
    let cells = 0;
    fc.assert(
      fc.property(
        fc.record({
          world: anyWorld,
          profile: anyProfile,
          others: anyOthers,
          point: anyPoint,
          updates: fc.array(anyUpdate, { maxLength: 6, size: 'max' }),
        }),
        ({ world, profile, others, point, updates }) => {
          let engine = createEngine(world, profile);
          let now = world;
          const matrix = engine.matrix([point]);
          for (const update of updates) {
            engine = updated(engine, update);
            now = worldAfter(now, update);
            const trial = { world: now, profile, ends: endsOf(now, others), points: [point] };
            cells += compareCells(engine, trial);
            matrix.follow(engine);
            expect(matrix.count()).toBe(engine.matrix([point]).count());
          }
          const anew = createEngine(engine.world(), profile);
          expect(engine.admittedPairs(point)).toBe(anew.admittedPairs(point));
          expect(engine.intervals()).toEqual(anew.intervals());
        },
      ),
      { numRuns: 1000 },
    );
    expect(cells).toBeGreaterThan(200_000);
  });

  test('pods that were alike are told apart once a policy does', () => {
    const anyPods = fc
      .array(anyPod, { minLength: 4, maxLength: 6 })
      .map((pods) =>
        pods.map((pod, index) => ({ ...pod, namespace: 'a', name: `pod-${index}`, namedPorts: [] })),
      );
    let splits = 0;
    fc.assert(
      fc.property(anyPods, fc.array(anyPolicy, { minLength: 1, maxLength: 4 }), (pods, policies) => {
        const profile = KUBERNETES_PROFILE;
        let engine = createEngine({ namespaces: [], pods, policies: [] }, profile);
        for (const policy of policies) {
          const before = engine.classes().length;
          engine = engine.withPolicy(policy);
          splits += engine.classes().length - before;
          const world = engine.world();
          const ends = endsOf(world, [{ kind: 'address', ip: '10.0.0.130' }]);
          compareCells(engine, { world, profile, ends, points: [{ protocol: 'TCP', port: 80 }] });
        }
      }),
      { numRuns: 400 },
    );
    expect(splits).toBeGreaterThan(400);
  });

  test('an engine that was changed still answers as it did before', () => {
    fc.assert(
      fc.property(anyTrial, fc.array(anyUpdate, { minLength: 1, maxLength: 4 }), (trial, updates) => {
        const engine = createEngine(trial.world, trial.profile);
        updates.reduce(updated, engine).matrix();
        compareCells(engine, trial);
      }),
      { numRuns: 200 },
    );
  });

  test('what it lists as admitted, class by class, is what the literal evaluator says of their members', () => {
    let cells = 0;
    fc.assert(
      fc.property(anyWorld, anyProfile, (world, profile) => {
        const engine = createEngine(world, profile);
        const listed = listedIn(engine);
        for (const meeting of meetingsIn(engine)) {
          const { from, to, protocol, port } = meeting;
          const verdict = evaluate(world, { from, to, protocol, port }, profile);
          const isListed = listed.has(meeting.key);
          cells += 1;
          if (verdict.reason !== 'policy' || verdict.allowed === isListed) continue;
          throw new Error(readable({ world, profile, from, to, protocol, port, isListed }));
        }
      }),
      { numRuns: 200 },
    );
    expect(cells).toBeGreaterThan(50_000);
  });

  test('ends outside the cluster are not listed among themselves', () => {
    fc.assert(
      fc.property(anyWorld, anyProfile, (world, profile) => {
        const engine = createEngine(world, profile);
        const isOutside = (id: number) => engine.classes()[id]?.kind !== 'pods';
        engine.forEachAllowed(({ from, to }) => expect(isOutside(from) && isOutside(to)).toBe(false));
      }),
      { numRuns: 60 },
    );
  });

  test('the pairs of pods it counts are those the literal evaluator admits', () => {
    fc.assert(
      fc.property(anyWorld, anyProfile, anyPoint, (world, profile, point) => {
        const ends = world.pods.map((pod) => ({ kind: 'pod', pod }) as const);
        const pairs = ends.flatMap((from) => ends.filter((to) => to !== from).map((to) => ({ from, to })));
        const literal = pairs.filter((pair) => evaluate(world, { ...pair, ...point }, profile).allowed);
        expect(createEngine(world, profile).admittedPairs(point)).toBe(literal.length);
      }),
      { numRuns: 500 },
    );
  });
});
