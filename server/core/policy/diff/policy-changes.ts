import { sortedBy } from '#core/order.ts';
import { policyId, policyText } from '../certify/content-hash.ts';
import type { ClusterModel, PlacedPolicy } from '../cluster/cluster-model.ts';

/** A policy that is not in both worlds, or not the same in both. */
export interface PolicyChange {
  /** `namespace/name`. */
  readonly id: string;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly before: PlacedPolicy | undefined;
  readonly after: PlacedPolicy | undefined;
}

/** Policies by their names; neither the order of fields nor the file they stand in makes a difference. */
export function policyChanges(old: ClusterModel, later: ClusterModel): readonly PolicyChange[] {
  const [before, after] = [old, later].map(
    ({ policies }) => new Map(policies.map((placed) => [policyId(placed.policy), placed])),
  );
  const ids = new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])]);
  const changes = [...ids].flatMap((id): readonly PolicyChange[] => {
    const [was, is] = [before?.get(id), after?.get(id)];
    if (was !== undefined && is !== undefined) {
      const isSame = policyText(was.policy) === policyText(is.policy);
      return isSame ? [] : [{ id, kind: 'changed', before: was, after: is }];
    }
    return [{ id, kind: was === undefined ? 'added' : 'removed', before: was, after: is }];
  });
  return sortedBy(changes, ({ id }) => id);
}
