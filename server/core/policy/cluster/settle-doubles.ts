import type { DecodedObject, PlacedObject } from './decoded-object.ts';

/** The name of an object among all objects of a cluster; undefined for kinds that the model only counts. */
function identityOf(object: DecodedObject): string | undefined {
  switch (object.type) {
    case 'other':
      return undefined;
    case 'namespace':
      return `Namespace ${object.name}`;
    case 'service':
      return `Service ${object.service.namespace}/${object.service.name}`;
    case 'ingress':
      return `Ingress ${object.ingress.namespace}/${object.ingress.name}`;
    case 'workload':
      return `${object.kind} ${object.namespace}/${object.name}`;
    default:
      return `${object.type} ${object.namespace}/${object.name}`;
  }
}

/** An object that an earlier one of the same name says otherwise. */
export interface Doubled {
  readonly earlier: PlacedObject;
  readonly later: PlacedObject;
}

export interface Settled {
  /** Each object once. */
  readonly objects: readonly PlacedObject[];
  readonly doubled: readonly Doubled[];
}

/**
 * Keeps one object of each name: the last one, since `kubectl apply -f` goes through files in this order. Declaring the
 * same thing twice is common and harmless (a Namespace atop every file); differing is worth a word.
 */
export function settleDoubles(placed: readonly PlacedObject[]): Settled {
  const kept = new Map<string, PlacedObject>();
  const doubled: Doubled[] = [];
  const others: PlacedObject[] = [];
  for (const later of placed) {
    const identity = identityOf(later.object);
    if (identity === undefined) {
      others.push(later);
      continue;
    }
    const earlier = kept.get(identity);
    kept.set(identity, later);
    if (earlier !== undefined && JSON.stringify(earlier.object) !== JSON.stringify(later.object)) {
      doubled.push({ earlier, later });
    }
  }
  return { objects: [...kept.values(), ...others], doubled };
}
