import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import type { PortSet } from '#core/policy/connections/port-set.ts';
import { type Newcomer, newcomersOf, worldWith } from '#core/policy/exposure/newcomers.ts';
import { exposureOf, type OpenTarget } from '#core/policy/exposure/openings.ts';
import { type PodExposure, podExposureOf } from '#core/policy/exposure/pod-exposure.ts';
import { labelsFor } from '#core/policy/exposure/selector-labels.ts';
import type { PortPoint } from '#core/policy/fast/fast-engine.ts';
import { selectorOf } from '#core/policy/fast/selector.ts';
import { evaluate } from '#core/policy/literal/evaluate.ts';
import { PROFILES } from '#core/policy/literal/profiles.ts';
import { selectorMatches } from '#core/policy/literal/selector.ts';
import type { CniProfile, Endpoint, World, WorldPod } from '#core/policy/world.ts';
import { EVERY_POINT, modelOfWorld } from './policy-blast-arbitraries.ts';
import { anyPod, anyWorld } from './policy-fast-arbitraries.ts';
import { anyPolicy } from './policy-literal-arbitraries.ts';

const RUNS = { numRuns: 300 };
const anyProfile = fc.constantFrom(...PROFILES);
const anyDraws = fc.array(fc.nat(1), { minLength: 6, maxLength: 6 });

/** The model of a world, its policies in it. */
function clusterOf(world: World, draws: readonly number[]): ClusterModel {
  const source = { file: 'a.yaml', document: 1, line: 1, item: '' };
  const policies = world.policies.map((policy) => ({ policy, source }));
  return { ...modelOfWorld(world, draws), policies };
}

const holds = (ports: PortSet, { protocol, port }: PortPoint): boolean =>
  ports.some((each) => each.protocol === protocol && each.from <= port && port <= each.to);

/** Points on which the literal evaluator lets a stranger and some of these pods connect. */
function literalPoints(
  world: World,
  ends: { readonly stranger: Endpoint; readonly pods: readonly WorldPod[] },
  how: { readonly direction: 'ingress' | 'egress'; readonly profile: CniProfile },
): readonly PortPoint[] {
  const { stranger, pods } = ends;
  return EVERY_POINT.filter((point) =>
    pods.some((pod) => {
      const own: Endpoint = { kind: 'pod', pod };
      const pair = how.direction === 'ingress' ? { from: stranger, to: own } : { from: own, to: stranger };
      return evaluate(world, { ...pair, ...point }, how.profile).allowed;
    }),
  );
}

const podsOf = ({ pods }: ClusterModel, workload: number): readonly WorldPod[] =>
  pods.filter((each) => each.workload === workload).map(({ pod }) => pod);

function expectWorkloads(
  world: World,
  { direction, met }: PodExposure,
  asked: { readonly model: ClusterModel; readonly profile: CniProfile; readonly pod: WorldPod },
): void {
  const { model, profile, pod } = asked;
  // What reaches the new pod is its ingress; seen from the others it is their egress.
  const how = { direction: direction === 'ingress' ? ('egress' as const) : ('ingress' as const), profile };
  for (const workload of model.workloads.keys()) {
    const own = met.find(({ end }) => end.kind === 'workload' && end.workload === workload);
    const found = EVERY_POINT.filter((point) => holds(own?.ports ?? [], point));
    const stranger: Endpoint = { kind: 'pod', pod };
    expect(found).toEqual(literalPoints(world, { stranger, pods: podsOf(model, workload) }, how));
  }
}

/** The first address of each range, and one that stands for all others when nothing is open outside. */
function expectOutside(
  world: World,
  { direction, met }: PodExposure,
  { pod, profile }: { readonly pod: WorldPod; readonly profile: CniProfile },
): void {
  const pointsOf = (ip: string) =>
    literalPoints(world, { stranger: { kind: 'address', ip }, pods: [pod] }, { direction, profile });
  const outside = met.flatMap(({ end, ports }) => (end.kind === 'outside' ? [{ ...end, ports }] : []));
  for (const { ranges, ports } of outside) {
    for (const range of ranges) {
      const found = EVERY_POINT.filter((point) => holds(ports, point));
      expect(found).toEqual(pointsOf(range.split('-')[0] ?? ''));
    }
  }
  if (outside.length === 0) expect(pointsOf('198.51.100.7')).toEqual([]);
}

interface AskedOpening {
  readonly newcomer: Newcomer;
  readonly all: readonly Newcomer[];
  readonly world: World;
  readonly model: ClusterModel;
  readonly direction: 'ingress' | 'egress';
  readonly profile: CniProfile;
}

const isWider = (other: Newcomer, { who, pod }: Newcomer): boolean =>
  who.kind !== 'anybody' &&
  (other.who.kind === 'anybody' ||
    (who.kind === 'labels' && other.who.kind === 'namespace' && other.who.namespace === pod.namespace));

function expectOpening(targets: readonly OpenTarget[], asked: AskedOpening): void {
  const { newcomer, all, world, model, ...how } = asked;
  const open = ({ pod }: Newcomer, member: WorldPod): readonly PortPoint[] =>
    literalPoints(world, { stranger: { kind: 'pod', pod }, pods: [member] }, how);
  for (const workload of model.workloads.keys()) {
    const told = targets.find((each) => each.workload === workload)?.ports ?? [];
    const expected = new Set(
      podsOf(model, workload).flatMap((member) => {
        const known = all.filter((other) => isWider(other, newcomer)).flatMap((other) => open(other, member));
        return open(newcomer, member).filter((point) => !known.includes(point));
      }),
    );
    const found = EVERY_POINT.filter((point) => holds(told, point));
    expect(found).toEqual(EVERY_POINT.filter((point) => expected.has(point)));
  }
}

describe('exposure', () => {
  test('of a pod that does not exist is what the literal evaluator says once it is there', () => {
    fc.assert(
      fc.property(anyWorld, anyDraws, anyPod, anyProfile, (today, draws, drawn, profile) => {
        const pod: WorldPod = { ...drawn, name: '(new pod)', ips: [], node: undefined, phase: undefined };
        const model = clusterOf(today, draws);
        const world = worldWith(today, [{ pod, namespace: undefined }]);
        const found = podExposureOf({ model, profile, pod, namespace: undefined, listens: undefined });
        expect(found.map(({ direction }) => direction)).toEqual(['ingress', 'egress']);
        for (const exposure of found) {
          expectWorkloads(world, exposure, { model, profile, pod });
          expect(exposure.met.every(({ own, other }) => own.isConfirmed && other.isConfirmed)).toBe(true);
        }
      }),
      RUNS,
    );
  });

  test('of a pod that does not exist holds for addresses outside too', () => {
    fc.assert(
      fc.property(anyWorld, anyDraws, anyPod, anyProfile, (today, draws, drawn, profile) => {
        const pod: WorldPod = { ...drawn, name: '(new pod)', ips: [], node: undefined, phase: undefined };
        const world = worldWith(today, [{ pod, namespace: undefined }]);
        const model = clusterOf(today, draws);
        const found = podExposureOf({ model, profile, pod, namespace: undefined, listens: undefined });
        for (const exposure of found) expectOutside(world, exposure, { pod, profile });
      }),
      RUNS,
    );
  });

  test('names each newcomer with all that is open to it and to nobody wider, as the literal evaluator has it', () => {
    fc.assert(
      fc.property(anyWorld, anyDraws, anyProfile, (today, draws, profile) => {
        const model = clusterOf(today, draws);
        const { all } = newcomersOf({ ...today, namespaces: model.namespaces });
        const world = worldWith({ ...today, namespaces: model.namespaces }, all);
        const { openings } = exposureOf({ model, profile });
        expect(openings.every(({ targets }) => targets.every(({ reason }) => reason.isConfirmed))).toBe(true);
        const inside = openings.filter(({ who }) => who.kind !== 'outside');
        for (const newcomer of all) {
          for (const direction of ['ingress', 'egress'] as const) {
            const own = inside.filter((each) => each.direction === direction);
            const opening = own.find(({ who }) => JSON.stringify(who) === JSON.stringify(newcomer.who));
            expectOpening(opening?.targets ?? [], { newcomer, all, world, model, direction, profile });
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test('labels made for a selector satisfy it', () => {
    fc.assert(
      fc.property(anyPolicy, ({ spec: { podSelector } }) => {
        const labels = labelsFor(selectorOf(podSelector));
        fc.pre(labels !== undefined);
        expect(selectorMatches(podSelector, labels ?? [])).toBe('yes');
      }),
      RUNS,
    );
  });

  test('a selector for which no labels can be made is met by none of the pods that are', () => {
    fc.assert(
      fc.property(anyPolicy, anyPod, ({ spec: { podSelector } }, { labels }) => {
        fc.pre(labelsFor(selectorOf(podSelector)) === undefined);
        expect(selectorMatches(podSelector, labels)).not.toBe('yes');
      }),
      { numRuns: 100 },
    );
  });
});
