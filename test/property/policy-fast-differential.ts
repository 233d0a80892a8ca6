import fc from 'fast-check';
import { stringify } from 'yaml';
import { createEngine, type FastEngine, type PortPoint } from '#core/policy/fast/fast-engine.ts';
import { evaluate } from '#core/policy/literal/evaluate.ts';
import {
  AWS_VPC_CNI_PROFILE,
  CILIUM_PROFILE,
  OVN_KUBERNETES_PROFILE,
  PROFILES,
} from '#core/policy/literal/profiles.ts';
import type { CniProfile, Endpoint, World } from '#core/policy/world.ts';
import { anyOthers, anyPoint, anyWorld, endsOf } from './policy-fast-arbitraries.ts';

export const anyProfile: fc.Arbitrary<CniProfile> = fc.constantFrom(
  ...PROFILES,
  // No network is like these, but the switches are there to be told apart.
  { ...CILIUM_PROFILE, ipBlockMatchesNodes: true },
  { ...CILIUM_PROFILE, ipBlockMatchesPods: true },
  { ...AWS_VPC_CNI_PROFILE, governsBarePods: true },
  { ...AWS_VPC_CNI_PROFILE, nodeNamespace: OVN_KUBERNETES_PROFILE.nodeNamespace },
);

/** A world, the ends that meet in it, and the ports they meet on. */
export interface Trial {
  readonly world: World;
  readonly profile: CniProfile;
  readonly ends: readonly Endpoint[];
  readonly points: readonly PortPoint[];
}

/** Compares every pair of ends on every port; returns how many cells that were. Throws on the first difference. */
export function compareCells(engine: FastEngine, { world, profile, ends, points }: Trial): number {
  for (const from of ends) {
    for (const to of ends) {
      for (const point of points) {
        const literal = evaluate(world, { from, to, ...point }, profile).allowed;
        const fast = engine.allowed(from, to, point);
        if (fast !== literal)
          throw new Error(readable({ world, profile, from, to, ...point, literal, fast }));
      }
    }
  }
  return ends.length ** 2 * points.length;
}

/** A case as a person reads it. */
export const readable = (found: object): string =>
  `the fast engine and the literal evaluator differ\n${stringify(JSON.parse(JSON.stringify(found)))}`;

export const anyTrial: fc.Arbitrary<Trial> = fc
  .record({
    world: anyWorld,
    profile: anyProfile,
    others: anyOthers,
    points: fc.uniqueArray(anyPoint, {
      minLength: 2,
      maxLength: 3,
      selector: ({ protocol, port }) => `${protocol}/${port}`,
    }),
  })
  .map(({ world, profile, others, points }) => ({ world, profile, points, ends: endsOf(world, others) }));

/** Some hundred cells each. */
const WORLDS_PER_ROUND = 1000;

/**
 * Random worlds until at least this many cells were compared; returns how many it were. A difference is shrunk, and
 * thrown as the smallest world and policies that still show it.
 */
export function compareAtLeast(cells: number): number {
  let compared = 0;
  while (compared < cells) {
    fc.assert(
      fc.property(anyTrial, (trial) => {
        compared += compareCells(createEngine(trial.world, trial.profile), trial);
      }),
      { numRuns: WORLDS_PER_ROUND },
    );
  }
  return compared;
}
