import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate } from '#core/policy/literal/evaluate.ts';
import { policyProblems } from '#core/policy/literal/problems.ts';
import { CILIUM_PROFILE, KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { World } from '#core/policy/world.ts';
import { anyCase, anyPolicy, reversed } from './policy-literal-arbitraries.ts';

const anyProfile = fc.constantFrom(KUBERNETES_PROFILE, CILIUM_PROFILE);
const RUNS = { numRuns: 2000 };
const DIRECTIONS = ['ingress', 'egress'] as const;

const withPolicies = (world: World, policies: readonly NetworkPolicy[]): World => ({ ...world, policies });

describe('the literal evaluator', () => {
  test('a further policy never takes away a connection from a direction that is isolated already', () => {
    fc.assert(
      fc.property(anyCase, anyPolicy, anyProfile, ({ world, connection }, policy, profile) => {
        const before = evaluate(world, connection, profile);
        const after = evaluate(withPolicies(world, [...world.policies, policy]), connection, profile);
        fc.pre(before.family === after.family);
        for (const direction of DIRECTIONS) {
          if (before[direction].isolated) expect(after[direction].isolated).toBe(true);
          if (before[direction].isolated && before[direction].allowed) {
            expect(after[direction].allowed).toBe(true);
          }
        }
      }),
      RUNS,
    );
  });

  test('a policy that selects neither end changes nothing in the verdict', () => {
    fc.assert(
      fc.property(anyCase, anyPolicy, anyProfile, ({ world, connection }, policy, profile) => {
        const before = evaluate(world, connection, profile);
        const after = evaluate(withPolicies(world, [...world.policies, policy]), connection, profile);
        const added = world.policies.length;
        const selects = DIRECTIONS.some((direction) => after[direction].selecting.includes(added));
        if (!selects) expect(after).toEqual(before);
      }),
      RUNS,
    );
  });

  test('without policies every connection between the living is allowed', () => {
    fc.assert(
      fc.property(anyCase, anyProfile, ({ world, connection }, profile) => {
        const verdict = evaluate(withPolicies(world, []), connection, profile);
        expect(verdict.allowed).toBe(verdict.reason !== 'terminated');
        for (const direction of DIRECTIONS) expect(verdict[direction].isolated).toBe(false);
      }),
      RUNS,
    );
  });

  test('the order of policies, types, rules, peers and ports never matters', () => {
    fc.assert(
      fc.property(anyCase, anyProfile, ({ world, connection }, profile) => {
        const one = evaluate(world, connection, profile);
        const other = evaluate(withPolicies(world, reversed(world.policies)), connection, profile);
        expect([other.allowed, other.reason, other.family]).toEqual([one.allowed, one.reason, one.family]);
        for (const direction of DIRECTIONS) {
          const { allowed, isolated, selecting, allowedBy } = one[direction];
          expect(other[direction]).toMatchObject({ allowed, isolated });
          expect(other[direction].selecting.length).toBe(selecting.length);
          expect(other[direction].allowedBy.length).toBe(allowedBy.length);
        }
      }),
      RUNS,
    );
  });

  test('removing every policy that selects neither end changes nothing', () => {
    fc.assert(
      fc.property(anyCase, anyProfile, ({ world, connection }, profile) => {
        const verdict = evaluate(world, connection, profile);
        const used = [...verdict.ingress.selecting, ...verdict.egress.selecting];
        const kept = withPolicies(
          world,
          world.policies.filter((_, index) => used.includes(index)),
        );
        expect(evaluate(kept, connection, profile).allowed).toBe(verdict.allowed);
      }),
      RUNS,
    );
  });

  test('the rules named as allowing are the ones that do: without them the direction is closed', () => {
    fc.assert(
      fc.property(anyCase, anyProfile, ({ world, connection }, profile) => {
        const { ingress, family } = evaluate(world, connection, profile);
        fc.pre(ingress.allowedBy.length > 0 && family === undefined);
        const isNamed = (policy: number, rule: number) =>
          ingress.allowedBy.some((ref) => ref.policy === policy && ref.rule === rule);
        const policies = world.policies.map((policy, index) => ({
          ...policy,
          spec: { ...policy.spec, ingress: policy.spec.ingress?.filter((_, rule) => !isNamed(index, rule)) },
        }));
        expect(evaluate(withPolicies(world, policies), connection, profile).ingress.allowed).toBe(false);
      }),
      { numRuns: 400 },
    );
  });

  test('what cilium allows, plain Kubernetes allows too', () => {
    fc.assert(
      fc.property(anyCase, ({ world, connection }) => {
        const cilium = evaluate(world, connection, CILIUM_PROFILE);
        if (cilium.allowed) expect(evaluate(world, connection, KUBERNETES_PROFILE).allowed).toBe(true);
      }),
      RUNS,
    );
  });

  test('a piece that is in doubt is a problem of its policy', () => {
    fc.assert(
      fc.property(anyCase, anyProfile, ({ world, connection }, profile) => {
        const verdict = evaluate(world, connection, profile);
        for (const doubt of [...verdict.ingress.doubts, ...verdict.egress.doubts]) {
          const policy = world.policies[doubt.policy] as NetworkPolicy;
          const named = policyProblems(policy).filter(({ path }) => path.startsWith(doubt.path));
          expect(named.map(({ fault }) => fault)).toContain(doubt.fault);
        }
      }),
      RUNS,
    );
  });

  test('whatever stands in the place of a policy, judging never throws and nothing else is harmed', () => {
    const anyDocument = fc.oneof(
      fc.jsonValue(),
      fc.record({ metadata: fc.constant({ name: 'x', namespace: 'a' }), spec: fc.jsonValue() }),
      fc.record({
        metadata: fc.constant({ name: 'x', namespace: 'a' }),
        spec: fc.record({
          podSelector: fc.jsonValue(),
          ingress: fc.array(fc.jsonValue()),
          egress: fc.jsonValue(),
        }),
      }),
    ) as fc.Arbitrary<unknown> as fc.Arbitrary<NetworkPolicy>;
    fc.assert(
      fc.property(anyCase, anyDocument, anyProfile, ({ world, connection }, document, profile) => {
        const { allowed, ingress } = evaluate(
          withPolicies(world, [...world.policies, document]),
          connection,
          profile,
        );
        expect(typeof allowed).toBe('boolean');
        expect(Array.isArray(policyProblems(document))).toBe(true);
        const before = evaluate(world, connection, profile);
        if (!ingress.selecting.includes(world.policies.length)) {
          expect(ingress.isolated).toBe(before.ingress.isolated);
        }
      }),
      RUNS,
    );
  });
});
