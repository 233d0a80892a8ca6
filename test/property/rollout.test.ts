import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { edgeJudge } from '#core/policy/certify/judge-edges.ts';
import { standInsOf } from '#core/policy/certify/stand-ins.ts';
import { propose } from '#core/policy/generate/propose.ts';
import { CILIUM_PROFILE, KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import { planRollout } from '#core/policy/rollout/plan-rollout.ts';
import type { RolloutPlan } from '#core/policy/rollout/rollout-plan.ts';
import type { CniProfile } from '#core/policy/world.ts';
import { baselineOf, type FixtureWorkload, sha256 } from '../support/baseline-fixture.ts';
import { anyEdgePlans, anyWorkloads, edgesOf } from './propose-arbitraries.ts';

const RUNS = { numRuns: 100 };

const anyProfile = fc.constantFrom(CILIUM_PROFILE, KUBERNETES_PROFILE);

const proposeFor = (
  workloads: readonly FixtureWorkload[],
  edges: ReturnType<typeof edgesOf>,
  profile: CniProfile,
): Proposal => propose(baselineOf({ workloads, edges }), { toolVersion: '0', profile, hash: sha256 });

const policiesOf = ({ policies, isolation }: Proposal): ReadonlyMap<string, NetworkPolicy> =>
  new Map(
    [...policies, ...isolation].map(({ policy }) => [
      `${policy.metadata.namespace}/${policy.metadata.name}`,
      policy,
    ]),
  );

/** The lines that the whole proposal admits and the judge denies with these policies alone, all of them asked at once. */
function cutBy(
  { certificate }: Proposal,
  policies: readonly NetworkPolicy[],
  profile: CniProfile,
): readonly string[] {
  const { world, owners, scope, conversations } = certificate;
  const certified = { namespaces: world.namespaces, pods: world.pods, owners };
  const court = { certified, policies, scope, profile };
  const judge = edgeJudge(court, standInsOf(court));
  return conversations.filter((edge) => edge.admitted && !judge(edge)).map(({ line }) => line);
}

/** Each list of policies that is in the cluster on the way, file by file. */
function* prefixesOf({ waves }: RolloutPlan, proposal: Proposal) {
  const byName = policiesOf(proposal);
  const applied: NetworkPolicy[] = [];
  for (const { policies } of waves) {
    for (const [index, { namespace, name }] of policies.entries()) {
      const policy = byName.get(`${namespace}/${name}`);
      if (policy === undefined) throw new Error(`no policy ${namespace}/${name}`);
      applied.push(policy);
      yield { applied: [...applied], isEndOfWave: index === policies.length - 1 };
    }
  }
}

describe('a rollout plan', () => {
  test('cuts nothing midway that the whole admits: the judge over all policies of each prefix says so', () => {
    fc.assert(
      fc.property(anyWorkloads, anyEdgePlans, anyProfile, (workloads, plans, profile) => {
        const proposal = proposeFor(workloads, edgesOf(plans, workloads), profile);
        const plan = planRollout(proposal, sha256);
        expect(plan.isSafe).toBe(true);
        const between = new Set(plan.waves.flatMap(({ judged }) => judged.cutBetweenFiles));
        const cutOnTheWay = new Set<string>();
        for (const { applied, isEndOfWave } of prefixesOf(plan, proposal)) {
          const cut = cutBy(proposal, applied, profile);
          if (isEndOfWave) expect(cut).toEqual([]);
          for (const line of cut) cutOnTheWay.add(line);
        }
        // What is denied between two files is told, and nothing else is denied there.
        expect([...cutOnTheWay].sort()).toEqual([...between].sort());
      }),
      RUNS,
    );
  });

  test('applies each policy once, default deny last, and tells once of everything that it stops', () => {
    fc.assert(
      fc.property(anyWorkloads, anyEdgePlans, anyProfile, (workloads, plans, profile) => {
        const proposal = proposeFor(workloads, edgesOf(plans, workloads), profile);
        const { waves } = planRollout(proposal, sha256);
        const planned = waves.flatMap(({ policies }) => policies);
        expect(planned.map(({ namespace, name }) => `${namespace}/${name}`).sort()).toEqual(
          [...policiesOf(proposal).keys()].sort(),
        );
        const firstDeny = planned.findIndex((each) => each.workload === undefined);
        expect(planned.slice(firstDeny).every((each) => each.workload === undefined)).toBe(true);
        const stopped = waves.flatMap(({ cuts }) => cuts.map(({ line }) => line));
        expect(new Set(stopped).size).toBe(stopped.length);
        const missing = proposal.certificate.conversations.filter(
          ({ line, admitted, reason }) => !admitted && reason !== 'folded' && !stopped.includes(line),
        );
        // Only what no policy of the proposal has a say in may go on although it is not admitted.
        expect(missing.filter(({ from, to }) => from.kind === 'workload' && to.kind === 'workload')).toEqual(
          [],
        );
      }),
      RUNS,
    );
  });

  test('is the same, byte for byte, in whatever order the edges and pods were met', () => {
    fc.assert(
      fc.property(anyWorkloads, anyEdgePlans, (workloads, plans) => {
        const edges = edgesOf(plans, workloads);
        const one = planRollout(proposeFor(workloads, edges, CILIUM_PROFILE), sha256);
        const other = planRollout(
          proposeFor([...workloads].reverse(), [...edges].reverse(), CILIUM_PROFILE),
          sha256,
        );
        expect(JSON.stringify(other)).toBe(JSON.stringify(one));
      }),
      RUNS,
    );
  });
});
