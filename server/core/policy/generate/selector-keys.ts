import { workloadId } from '#core/identity/peer.ts';
import type { ClusterModel } from '../cluster/cluster-model.ts';
import type { SelectorKeys } from './inhabitants.ts';

/** The label keys by which each controller of a model selects its pods, for one cluster. */
export const selectorKeysOf = (
  { workloads }: Pick<ClusterModel, 'workloads'>,
  cluster: string,
): SelectorKeys =>
  new Map(
    workloads.flatMap(({ namespace, kind, name, selectorKeys }) =>
      selectorKeys === undefined
        ? []
        : [[workloadId({ cluster, namespace, kind, name }), new Set(selectorKeys)] as const],
    ),
  );
