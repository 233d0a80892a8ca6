import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WorkloadId } from '#core/identity/peer.ts';
import type { CellEdge } from '#core/policy/cell.ts';
import type { AdmittedPorts } from '#core/policy/certify/judge-cells.ts';
import { judgeCourt } from '#core/policy/certify/judge-court.ts';
import { type Court, type StandIn, worldWith } from '#core/policy/certify/stand-ins.ts';
import { runToEnd } from '#core/policy/certify/steps.ts';
import { evaluate } from '#core/policy/literal/evaluate.ts';
import { PROFILES } from '#core/policy/literal/profiles.ts';
import type { WorldPod } from '#core/policy/world.ts';
import { anyWorld } from './policy-fast-arbitraries.ts';

const ALL = { everyCellUpTo: Number.MAX_SAFE_INTEGER, sample: 0, seed: '0' };
const SOME = { everyCellUpTo: 0, sample: 300, seed: '7f' };

/** Most pods belong to the cluster whose policies they are; a few to another one. */
const ownerOf = (pod: WorldPod, cluster: string): WorkloadId =>
  `${cluster}/${pod.namespace}/Deployment/${pod.name}` as WorkloadId;

const anyScope = fc.constantFrom<readonly string[]>([], ['a'], ['a', 'b']);

const anyCourt: fc.Arbitrary<Court> = fc
  .record({
    world: anyWorld,
    profile: fc.constantFrom(...PROFILES),
    namespaces: anyScope,
    strangers: fc.array(fc.nat({ max: 6 }), { minLength: 6, maxLength: 6 }),
  })
  .map(({ world, profile, namespaces, strangers }) => {
    // As in a certificate: pods that lived, with a network of their own, on a node nobody knows.
    const pods = world.pods.map((pod) => ({ ...pod, hostNetwork: false, node: undefined, phase: undefined }));
    const owners = pods.map((pod, index) => ({
      pod: `${pod.namespace}/${pod.name}`,
      workload: ownerOf(pod, strangers[index] === 6 ? 'elsewhere' : 'here'),
    }));
    return {
      certified: { namespaces: world.namespaces, pods, owners },
      // What has no name is no policy that a certificate could carry.
      policies: world.policies.filter((policy) => typeof policy?.metadata?.name === 'string'),
      scope: { cluster: 'here', namespaces: namespaces as never, workloads: [] },
      profile,
    };
  });

const anySeen = fc.array(
  fc.record({
    from: fc.nat({ max: 5 }),
    to: fc.nat({ max: 7 }),
    protocol: fc.constantFrom('TCP', 'UDP'),
    port: fc.constantFrom(53, 80, 443),
  }),
  { maxLength: 4 },
);

function edgesOf(
  court: Court,
  plans: readonly { from: number; to: number; protocol: string; port: number }[],
) {
  const { owners } = court.certified;
  const peerOf = (index: number) => {
    const owner = owners[index];
    return owner === undefined
      ? ({ kind: 'cidr', cidr: `198.51.100.${index}/32` } as const)
      : ({ kind: 'workload', id: owner.workload } as const);
  };
  return plans.flatMap(({ from, to, protocol, port }): CellEdge[] => {
    const ends = { from: peerOf(from), to: peerOf(to) };
    const addresses = [ends.from, ends.to].flatMap((peer) =>
      peer.kind === 'cidr' ? [peer.cidr.replace('/32', '')] : [],
    );
    return [{ ...ends, protocol, port, addresses }];
  });
}

const hearing = (accepted: readonly CellEdge[]) => ({
  accepted,
  unaccepted: [],
  declared: [],
  collisions: new Map(),
  budgeted: [],
});

describe('the judging of a certificate', () => {
  test('finds the same extras whether the judge is asked about every cell or about some', () => {
    let extras = 0;
    let sampled = 0;
    fc.assert(
      fc.property(anyCourt, anySeen, (court, plans) => {
        const heard = hearing(edgesOf(court, plans));
        const whole = runToEnd(judgeCourt(court, heard, ALL));
        const part = runToEnd(judgeCourt(court, heard, SOME));
        expect(part.extras).toEqual(whole.extras);
        expect(part.cells.cells).toBe(whole.cells.cells);
        expect(whole.cells.cellsJudged).toBe(whole.cells.cells);
        expect(part.cells.cellsJudged).toBeLessThanOrEqual(part.cells.cells + SOME.sample);
        extras += whole.extras.extras.length;
        sampled += part.universe.sample?.cells ?? 0;
      }),
      { numRuns: 400 },
    );
    expect(extras).toBeGreaterThan(20_000);
    expect(sampled).toBeGreaterThan(20_000);
  });

  test('lists what the judge of single connections admits under all policies at once, and nothing else', () => {
    let asked = 0;
    fc.assert(
      fc.property(anyCourt, fc.constantFrom(53, 80, 8080), (court, port) => {
        const { cells } = runToEnd(judgeCourt(court, hearing([]), SOME));
        const listed = new Set(cells.admitted.filter(isTcpOn(port)).map(({ from, to }) => `${from} ${to}`));
        for (const [from, to] of pairsOf(cells.standIns)) {
          expect(listed.has(`${from.place} ${to.place}`)).toBe(isAllowed(court, [from.pod, to.pod], port));
          asked += 1;
        }
      }),
      { numRuns: 400 },
    );
    expect(asked).toBeGreaterThan(2000);
  });
});

const isTcpOn =
  (port: number) =>
  ({ ports }: AdmittedPorts): boolean =>
    ports.protocol === 'TCP' && ports.from <= port && port <= ports.to;

/** Pairs of two pods of the cluster of which one is in scope. */
const pairsOf = (standIns: readonly StandIn[]): readonly (readonly [StandIn, StandIn])[] =>
  standIns.flatMap((from) =>
    standIns
      .filter((to) => from !== to && (from.inScope || to.inScope) && !from.isForeign && !to.isForeign)
      .map((to) => [from, to] as const),
  );

function isAllowed(court: Court, [from, to]: readonly [WorldPod, WorldPod], port: number): boolean {
  const ends = { from: { kind: 'pod', pod: from }, to: { kind: 'pod', pod: to } } as const;
  const world = worldWith(court, court.policies);
  return evaluate(world, { ...ends, protocol: 'TCP', port }, court.profile).allowed;
}
