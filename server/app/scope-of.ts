import type { Scope, TrainingWindow } from '#core/baseline/training-window.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { NamespaceName } from '#core/identity/names.ts';
import { parseWorkloadId, type WorkloadId } from '#core/identity/peer.ts';
import type { SeenWorld } from '#core/identity/seen-pod.ts';
import { compareText, sortedText } from '#core/order.ts';

/** The clusters of a world with their numbers of pods, the largest first. */
export function clustersOf(world: SeenWorld): readonly { readonly name: string; readonly pods: number }[] {
  const pods = new Map<string, number>();
  for (const { cluster } of world.pods) pods.set(cluster, (pods.get(cluster) ?? 0) + 1);
  return [...pods]
    .map(([name, count]) => ({ name, pods: count }))
    .sort((a, b) => b.pods - a.pods || compareText(a.name, b.name));
}

/** A workload as a person names it; the kind is found out. */
export interface NamedWorkload {
  readonly namespace: string;
  readonly name: string;
}

/** The workloads of a cluster that go by these names, whatever their kind; sorted. */
export function workloadsNamed(
  world: SeenWorld,
  cluster: string,
  wanted: readonly NamedWorkload[],
): readonly WorkloadId[] {
  const ids = new Set(world.pods.map(({ workload }) => workload));
  const isWanted = (id: WorkloadId): boolean => {
    const ref = parseWorkloadId(id);
    return (
      ref.cluster === cluster &&
      wanted.some(({ namespace, name }) => ref.namespace === namespace && ref.name === name)
    );
  };
  return sortedText([...ids].filter(isWanted));
}

/** A baseline is about one cluster: the one asked for, else the one most was seen of. */
export const scopeOf = (
  world: SeenWorld,
  wanted: {
    readonly cluster?: string | undefined;
    readonly namespaces?: readonly NamespaceName[];
    readonly workloads?: readonly NamedWorkload[];
  },
): Scope => {
  const cluster = wanted.cluster ?? clustersOf(world)[0]?.name ?? 'default';
  const workloads = workloadsNamed(world, cluster, wanted.workloads ?? []);
  return { cluster, namespaces: wanted.namespaces ?? [], workloads };
};

type Span = { readonly from: EpochMs; readonly until: EpochMs } | undefined;

/** The whole span as a window; its last flow is inside. An input without a single time trains on the epoch's minute. */
export const wholeWindow = (span: Span): TrainingWindow => ({
  from: span?.from ?? 0,
  until: (span?.until ?? 0) + 1,
});

/** The share of a recording that is learnt unless told otherwise; what follows is watched for drift. */
export const TRAINING_SHARE = 0.8;

/** The first part of a span as a window. */
export function firstPart(span: Span, share: number = TRAINING_SHARE): TrainingWindow {
  const { from, until } = wholeWindow(span);
  return { from, until: Math.max(from + 1, Math.ceil(from + (until - from) * share)) };
}
