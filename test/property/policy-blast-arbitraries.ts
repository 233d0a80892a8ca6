import fc from 'fast-check';
import { parseNamespaceName, parseObjectName } from '#core/identity/names.ts';
import type { Listeners } from '#core/policy/blast/listeners.ts';
import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import type { PortPoint } from '#core/policy/fast/fast-engine.ts';
import { evaluate } from '#core/policy/literal/evaluate.ts';
import type { CniProfile, World } from '#core/policy/world.ts';
import { anyPoint, anyWorld } from './policy-fast-arbitraries.ts';

/** A cluster whose policies stand apart from its model, and where its workloads listen. */
export interface BlastCase {
  readonly world: World;
  readonly model: ClusterModel;
  readonly listeners: Listeners | undefined;
}

const namespaceNamed = (text: string) => {
  const parsed = parseNamespaceName(text);
  if (parsed === undefined) throw new Error('no namespace name');
  return parsed;
};

const nameNamed = (text: string) => {
  const parsed = parseObjectName(text);
  if (parsed === undefined) throw new Error('no name');
  return parsed;
};

/** Pods of one namespace go to one of two workloads there. */
export function modelOfWorld(world: World, draws: readonly number[]): ClusterModel {
  const keys = world.pods.map(({ namespace }, index) => `${namespace}/w${(draws[index] ?? 0) % 2}`);
  const owners = [...new Set(keys)].sort();
  return {
    namespaces: world.namespaces.map(({ name, labels }) => ({
      name: namespaceNamed(name),
      labels,
      source: undefined,
    })),
    workloads: owners.map((owner) => {
      const [namespace = '', name = ''] = owner.split('/');
      const named = { namespace: namespaceNamed(namespace), name: nameNamed(name) };
      return { ...named, kind: 'Deployment', replicas: undefined, ports: [], source: undefined };
    }),
    pods: world.pods.map((pod, index) => ({
      pod,
      workload: owners.indexOf(keys[index] ?? ''),
      origin: 'seen',
    })),
    services: [],
    ingresses: [],
    policies: [],
    otherKinds: [],
  };
}

/** Random small clusters; in half of them it is known where pods listen. */
export const anyBlastCase: fc.Arbitrary<BlastCase> = fc
  .record({
    world: anyWorld,
    draws: fc.array(fc.nat(1), { minLength: 6, maxLength: 6 }),
    points: fc.option(
      fc.array(fc.uniqueArray(anyPoint, { maxLength: 2 }), { minLength: 12, maxLength: 12 }),
      {
        nil: undefined,
      },
    ),
  })
  .map(({ world, draws, points }) => {
    const model = modelOfWorld(world, draws);
    const own = points && model.workloads.map((_, index) => points[index] ?? []);
    return { world, model, listeners: own && { points: own, silent: 0 } };
  });

/** A port of each kind that the policies of {@link anyWorld} tell apart. */
export const EVERY_POINT: readonly PortPoint[] = (['TCP', 'UDP', 'SCTP'] as const).flatMap((protocol) =>
  [1, 53, 54, 79, 80, 81, 82, 8080, 8081, 65_535].map((port) => ({ protocol, port })),
);

/** Workloads reached hop by hop, pod by pod, by the literal evaluator alone. */
export function naiveReach(
  { world, model, listeners }: BlastCase,
  start: number,
  profile: CniProfile,
): readonly (readonly number[])[] {
  const { pods } = model;
  const held = new Set([...pods.keys()].filter((index) => pods[index]?.workload === start));
  const connects = (from: number, to: number): boolean => {
    const [source, target] = [pods[from], pods[to]];
    if (source === undefined || target === undefined || from === to) return false;
    const points = listeners?.points[target.workload] ?? EVERY_POINT;
    const ends = {
      from: { kind: 'pod', pod: source.pod } as const,
      to: { kind: 'pod', pod: target.pod } as const,
    };
    return points.some((point) => evaluate(world, { ...ends, ...point }, profile).allowed);
  };
  const known = new Set([start]);
  const byHop: number[][] = [];
  for (;;) {
    const fresh = [...pods.keys()].filter(
      (to) => !held.has(to) && [...held].some((from) => connects(from, to)),
    );
    if (fresh.length === 0) return byHop;
    for (const pod of fresh) held.add(pod);
    const owners = new Set(fresh.map((pod) => pods[pod]?.workload ?? -1).filter((own) => !known.has(own)));
    for (const own of owners) known.add(own);
    byHop.push([...owners].sort((a, b) => a - b));
  }
}
