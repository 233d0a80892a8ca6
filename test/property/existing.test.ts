import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runToEnd } from '#core/policy/certify/steps.ts';
import type { PlacedPolicy } from '#core/policy/cluster/cluster-model.ts';
import type { ExistingReview } from '#core/policy/existing/existing-review.ts';
import { observedOf, PolicyBench } from '#core/policy/existing/observed.ts';
import { reviewingExisting } from '#core/policy/existing/review-existing.ts';
import { populationOfSeen } from '#core/policy/explain/population.ts';
import { propose } from '#core/policy/generate/propose.ts';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import { ReplayCourt } from '#core/policy/replay/replay-court.ts';
import { baselineOf, type FixtureWorkload, sha256 } from '../support/baseline-fixture.ts';
import { anyEdgePlans, anyWorkloads, edgesOf } from './propose-arbitraries.ts';

const RUNS = { numRuns: 100 };

const anySelector = fc.constantFrom(
  {},
  { matchLabels: { app: 'web' } },
  { matchLabels: { app: 'cart' } },
  { matchLabels: { app: 'shared' } },
  { matchLabels: { tier: 'front' } },
  { matchExpressions: [{ key: 'version', operator: 'Exists' }] },
);

const anyPeer = fc.oneof(
  anySelector.map((podSelector) => ({ podSelector })),
  anySelector.map((podSelector) => ({ podSelector, namespaceSelector: {} })),
  fc.constant({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } } }),
  fc.constantFrom('0.0.0.0/0', '203.0.113.0/24', '198.51.100.7/32').map((cidr) => ({ ipBlock: { cidr } })),
);

const anyPort = fc.constantFrom<{ protocol?: string; port?: number | string; endPort?: number }>(
  { port: 80 },
  { port: 8080 },
  { port: 443 },
  { protocol: 'UDP', port: 53 },
  { port: 1, endPort: 6000 },
  { port: 'http' },
);

const anyRules = (side: 'from' | 'to') =>
  fc.array(
    fc.record(
      { [side]: fc.array(anyPeer, { maxLength: 2 }), ports: fc.array(anyPort, { maxLength: 2 }) },
      { requiredKeys: [] },
    ),
    { maxLength: 2 },
  );

const anyExisting: fc.Arbitrary<readonly NetworkPolicy[]> = fc
  .array(
    fc.record({
      namespace: fc.constantFrom('shop', 'kube-system', 'monitor'),
      podSelector: anySelector,
      policyTypes: fc.constantFrom<('Ingress' | 'Egress')[]>(['Ingress'], ['Egress'], ['Ingress', 'Egress']),
      ingress: anyRules('from'),
      egress: anyRules('to'),
    }),
    { maxLength: 5 },
  )
  .map((policies) =>
    policies.map(({ namespace, ...spec }, index) => ({
      metadata: { namespace, name: `own-${index}` },
      spec,
    })),
  );

const placed = (policy: NetworkPolicy): PlacedPolicy => ({
  policy,
  source: { file: 'all.yaml', document: 1, line: 1, item: '' },
});

interface World {
  readonly baseline: ReturnType<typeof baselineOf>;
  readonly existing: readonly NetworkPolicy[];
  readonly proposed: readonly NetworkPolicy[];
  readonly review: ExistingReview;
}

/** Part of the proposal may be in force already. */
const anyWorld: fc.Arbitrary<World> = fc
  .record({
    workloads: anyWorkloads as fc.Arbitrary<readonly FixtureWorkload[]>,
    plans: anyEdgePlans,
    own: anyExisting,
    taken: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
  })
  .map(({ workloads, plans, own, taken }) => {
    const baseline = baselineOf({ workloads, edges: edgesOf(plans, workloads) });
    const proposal = propose(baseline, {
      toolVersion: '0',
      profile: CILIUM_PROFILE,
      hash: sha256,
      holdOut: 0,
    });
    const proposed = [...proposal.policies, ...proposal.isolation].map(({ policy }) => policy);
    const existing = [...own, ...proposed.filter((_, index) => taken[index] === true)];
    const request = {
      baseline,
      proposal,
      existing: existing.map(placed),
      profile: CILIUM_PROFILE,
      hash: sha256,
    };
    return { baseline, existing, proposed, review: runToEnd(reviewingExisting(request)) };
  });

/** Everything observed, and a bench for any set of policies. */
function courtOf({ baseline, existing, proposed }: World) {
  const population = populationOfSeen(baseline.world, baseline.scope.cluster, CILIUM_PROFILE);
  const all = [...existing, ...proposed];
  const observed = observedOf(baseline, new ReplayCourt(population, all, CILIUM_PROFILE), all);
  const bench = (policies: readonly NetworkPolicy[]) =>
    new PolicyBench(policies, population.namespaces, CILIUM_PROFILE);
  return { connections: observed.flatMap((each) => each.connections), bench };
}

const afterwards = ({ review }: World): readonly NetworkPolicy[] => [
  ...review.stay,
  ...[...review.proposal.policies, ...review.proposal.isolation].map(({ policy }) => policy),
];

/** The existing policies less one rule, for each rule that is said to be unused. */
const withoutUnused = ({ existing, review }: World): readonly (readonly NetworkPolicy[])[] =>
  review.policies.flatMap(({ placed: { policy }, rules }) =>
    rules
      .filter(({ status }) => status === 'unused')
      .map(({ direction, rule }) => {
        const spec = { ...policy.spec, [direction]: (policy.spec[direction] ?? []).toSpliced(rule, 1) };
        return existing.map((each) => (each === policy ? { ...policy, spec } : each));
      }),
  );

describe('a proposal beside existing policies', () => {
  test('never blocks an observed conversation that both sets together admit', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const { connections, bench } = courtOf(world);
        const [before, after] = [bench([...world.existing, ...world.proposed]), bench(afterwards(world))];
        for (const each of connections.filter((connection) => before.admits(connection)))
          expect(after.admits(each)).toBe(true);
        expect(world.review.proof.lost).toEqual([]);
      }),
      RUNS,
    );
  });

  test('what it calls unused admits nothing observed: every verdict is the same without the rule', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const { connections, bench } = courtOf(world);
        const whole = bench(world.existing);
        for (const policies of withoutUnused(world)) {
          const without = bench(policies);
          for (const each of connections) expect(without.admits(each)).toBe(whole.admits(each));
        }
      }),
      RUNS,
    );
  });

  test('leaves no side wider than the proposal, unless it says which and why', () => {
    fc.assert(
      fc.property(anyWorld, ({ review }) => {
        const isExcused = review.policies.some(({ keptBecause }) => keptBecause !== undefined);
        if (!isExcused) expect(review.stillWide).toEqual([]);
        expect(review.stillWide.every((each) => review.tooWide.includes(each) || isExcused)).toBe(true);
      }),
      RUNS,
    );
  });

  test('writes the certificate of exactly the policies that are in force afterwards', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const names = (policies: readonly NetworkPolicy[]) =>
          policies.map(({ metadata }) => metadata.name).sort();
        const { certificate } = world.review.proposal;
        expect(names(certificate.world.policies)).toEqual(names(afterwards(world)));
        expect(
          new Set(certificate.world.policies.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`))
            .size,
        ).toBe(certificate.world.policies.length);
      }),
      RUNS,
    );
  });
});
