import { parseWorkloadId, type WorkloadId } from '#core/identity/peer.ts';
import type { SeenPod, SeenWorld } from '#core/identity/seen-pod.ts';
import { sortedText } from '#core/order.ts';
import { chooseSelector, type SelectorChoice } from './choose-selector.ts';

/** A workload, the rows of its pods, and how they can be selected. */
export interface Inhabitant {
  readonly id: WorkloadId;
  readonly rows: readonly SeenPod[];
  readonly choice: SelectorChoice;
}

function groupedBy<Key, Item>(items: readonly Item[], key: (item: Item) => Key): ReadonlyMap<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const known = groups.get(key(item));
    if (known === undefined) groups.set(key(item), [item]);
    else known.push(item);
  }
  return groups;
}

/** Keys of the label selector of a workload's controller, for those whose manifest is known. */
export type SelectorKeys = ReadonlyMap<WorkloadId, ReadonlySet<string>>;

/** Everybody who was seen, by workload, each with the selector its namespace allows. */
export function inhabitantsOf(
  world: SeenWorld,
  selectorKeys?: SelectorKeys,
): ReadonlyMap<WorkloadId, Inhabitant> {
  const rowsByWorkload = groupedBy(world.pods, (pod) => pod.workload);
  const rowsByNamespace = groupedBy(world.pods, (pod) => pod.namespace);
  const inhabitants = sortedText(rowsByWorkload.keys()).map((id): readonly [WorkloadId, Inhabitant] => {
    const rows = rowsByWorkload.get(id) ?? [];
    const neighbours = (rowsByNamespace.get(parseWorkloadId(id).namespace) ?? []).filter(
      (pod) => pod.workload !== id,
    );
    return [id, { id, rows, choice: chooseSelector(rows, neighbours, selectorKeys?.get(id)) }];
  });
  return new Map(inhabitants);
}
