import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Blast, blastOf, stagedGraphs } from '#core/policy/blast/blast.ts';
import { clusterRadiusOf } from '#core/policy/blast/radius.ts';
import { reachGraphOf } from '#core/policy/blast/reach-graph.ts';
import { spreadFrom, workloadsByHop } from '#core/policy/blast/spread.ts';
import { KUBERNETES_PROFILE, PROFILES } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { CniProfile } from '#core/policy/world.ts';
import { anyBlastCase, type BlastCase, naiveReach } from './policy-blast-arbitraries.ts';
import { anyPolicy } from './policy-literal-arbitraries.ts';

const RUNS = { numRuns: 600 };
const anyProfile = fc.constantFrom(...PROFILES);

/** Hops at the end that found nobody say nothing. */
const trimmed = (byHop: readonly (readonly number[])[]): readonly (readonly number[])[] => {
  const last = byHop.findLastIndex((found) => found.length > 0);
  return byHop.slice(0, last + 1);
};

function blastsUnder(
  { model, listeners }: BlastCase,
  profile: CniProfile,
  policies: readonly NetworkPolicy[],
) {
  const stages = [{ stage: 'current' as const, policies }];
  const [staged] = stagedGraphs({ model, profile, listeners, stages });
  if (staged === undefined) throw new Error('no stage');
  const everybody = [...model.workloads.keys()];
  return everybody.map((start) => blastOf(staged, start, { hops: 4, jewels: everybody }));
}

/** From–to pairs of workloads, with the ports, that are reached within so many hops of the start. */
function cellsOf(blasts: ReturnType<typeof blastsUnder>): ReadonlySet<string> {
  return new Set(
    blasts.flatMap(({ reached }, start) => reached.map(({ workload }) => `${start}>${workload}`)),
  );
}

function expectSoundPaths(start: number, { jewels, reached }: Blast): void {
  for (const { jewel, path } of jewels) {
    const hops = reached.find(({ workload }) => workload === jewel)?.hops ?? 0;
    expect(path).toHaveLength(hops);
    expect(path.map(({ from }) => from)).toEqual([start, ...path.map(({ to }) => to)].slice(0, hops));
    expect(path.every(({ ruling, fromPod, toPod }) => ruling.verdict.allowed && fromPod !== toPod)).toBe(
      true,
    );
    expect(path.at(-1)?.to).toBe(hops > 0 ? jewel : undefined);
  }
}

describe('blast', () => {
  test('reach is what a walk from pod to pod with the literal evaluator finds, hop by hop', () => {
    fc.assert(
      fc.property(anyBlastCase, anyProfile, (each, profile) => {
        const { model, listeners, world } = each;
        const graph = reachGraphOf({ model, listeners, profile, policies: world.policies });
        for (const start of model.workloads.keys()) {
          const own = graph.seating.starts[start] ?? { classes: [], places: { hosts: [], guests: [] } };
          const found = trimmed(workloadsByHop(graph, spreadFrom(graph, own), start));
          expect(found).toEqual(trimmed(naiveReach(each, start, profile)));
        }
      }),
      RUNS,
    );
  });

  test('the figure of a cluster is the sum of what each workload reaches', () => {
    fc.assert(
      fc.property(anyBlastCase, anyProfile, (each, profile) => {
        const { model, listeners, world } = each;
        const graph = reachGraphOf({ model, listeners, profile, policies: world.policies });
        const jewels = [...model.workloads.keys()];
        const { cluster, jewels: counted } = clusterRadiusOf(graph, { jewels });
        const naive = new Map(jewels.map((start) => [start, naiveReach(each, start, profile)]));
        for (const { workload, direct, reached } of cluster.radii) {
          expect(direct).toBe(naive.get(workload)?.[0]?.length ?? 0);
          expect(reached).toBe(naive.get(workload)?.flat().length);
        }
        for (const { jewel, reached } of counted) {
          expect(reached).toBe([...naive.values()].filter((hops) => hops.flat().includes(jewel)).length);
        }
      }),
      RUNS,
    );
  });

  test('more hops never reach less, and no number of hops more than all of them', () => {
    fc.assert(
      fc.property(anyBlastCase, anyProfile, (each, profile) => {
        for (const { byHop, closure } of blastsUnder(each, profile, each.world.policies)) {
          for (const [index, figures] of byHop.entries()) {
            const next = byHop[index + 1] ?? closure;
            expect(next.workloads).toBeGreaterThanOrEqual(figures.workloads);
            expect(next.pairs).toBeGreaterThanOrEqual(figures.pairs);
          }
        }
      }),
      RUNS,
    );
  });

  test('each step of a path is one the literal evaluator allows, from the workload to what must not be reached', () => {
    fc.assert(
      fc.property(anyBlastCase, anyProfile, (each, profile) => {
        const blasts = blastsUnder(each, profile, each.world.policies);
        for (const [start, blast] of blasts.entries()) expectSoundPaths(start, blast);
      }),
      RUNS,
    );
  });

  test('a rule more in a policy never makes anybody reach less', () => {
    const anyRules = anyPolicy.map(({ spec: { ingress, egress } }) => ({ ingress, egress }));
    fc.assert(
      fc.property(
        anyBlastCase,
        fc.array(anyPolicy, { minLength: 1, maxLength: 4 }),
        anyRules,
        (each, policies, more) => {
          const [first, ...others] = policies;
          if (first === undefined) return;
          // Left to itself, the first rule about egress makes a policy isolate egress.
          const spec = { ...first.spec, policyTypes: first.spec.policyTypes ?? (['Ingress'] as const) };
          const ingress = spec.ingress && [...spec.ingress, ...(more.ingress ?? [])];
          const egress = spec.egress && [...spec.egress, ...(more.egress ?? [])];
          const narrow: NetworkPolicy = { ...first, spec };
          const wide: NetworkPolicy = { ...first, spec: { ...spec, ingress, egress } };
          const before = cellsOf(blastsUnder(each, KUBERNETES_PROFILE, [narrow, ...others]));
          const after = cellsOf(blastsUnder(each, KUBERNETES_PROFILE, [wide, ...others]));
          expect([...before].filter((cell) => !after.has(cell))).toEqual([]);
        },
      ),
      RUNS,
    );
  });

  test('a policy that isolates and allows nothing never makes anybody reach more', () => {
    const anySubject = anyPolicy.map(({ metadata, spec: { podSelector } }): NetworkPolicy => {
      const spec = { podSelector, policyTypes: ['Ingress', 'Egress'] as const, ingress: [], egress: [] };
      return { metadata, spec };
    });
    fc.assert(
      fc.property(anyBlastCase, anySubject, (each, isolating) => {
        const { policies } = each.world;
        const before = cellsOf(blastsUnder(each, KUBERNETES_PROFILE, policies));
        const after = cellsOf(blastsUnder(each, KUBERNETES_PROFILE, [...policies, isolating]));
        expect([...after].filter((cell) => !before.has(cell))).toEqual([]);
      }),
      RUNS,
    );
  });
});
