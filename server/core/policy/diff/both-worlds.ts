import { sortedBy } from '#core/order.ts';
import { type ClusterModel, type ClusterWorkload, describeWorkload } from '../cluster/cluster-model.ts';
import { mergedModels } from '../cluster/model-of-flows.ts';

/** Names of workloads as every list writes them: `shop/cart[Deployment]`. */
export type WorkloadNames = ReadonlySet<string>;

/** One of the two worlds that are compared. */
export interface DiffSide {
  /** Its own policies over everybody whom either world knows. */
  readonly model: ClusterModel;
  /** Those of the model's workloads that are in this world. */
  readonly present: WorkloadNames;
}

export interface BothWorlds {
  readonly old: DiffSide;
  readonly new: DiffSide;
}

const namesOf = ({ workloads }: ClusterModel): WorkloadNames => new Set(workloads.map(describeWorkload));

const withoutPolicies = (model: ClusterModel): ClusterModel => ({ ...model, policies: [] });

/** The workloads that are wanted, with their pods; everything else stays. */
function selected(model: ClusterModel, isWanted: (workload: ClusterWorkload) => boolean): ClusterModel {
  const places = new Map<number, number>();
  const workloads: ClusterWorkload[] = [];
  for (const [place, workload] of model.workloads.entries()) {
    if (!isWanted(workload)) continue;
    places.set(place, workloads.length);
    workloads.push(workload);
  }
  const pods = model.pods.flatMap((each) => {
    const workload = places.get(each.workload);
    return workload === undefined ? [] : [{ ...each, workload }];
  });
  return { ...model, workloads, pods };
}

/** The model with the workloads of another that it does not have, their pods and their namespaces; policies stay. */
function withMissing(model: ClusterModel, other: ClusterModel): ClusterModel {
  const known = namesOf(model);
  const spaces = new Set<string>(model.namespaces.map(({ name }) => name));
  const missing = selected(other, (workload) => !known.has(describeWorkload(workload)));
  const offset = model.workloads.length;
  const pods = missing.pods.map((each) => ({ ...each, workload: each.workload + offset }));
  const namespaces = other.namespaces.filter(({ name }) => !spaces.has(name));
  return {
    ...model,
    namespaces: sortedBy([...model.namespaces, ...namespaces], ({ name }) => name),
    workloads: [...model.workloads, ...missing.workloads],
    pods: [...model.pods, ...pods],
  };
}

export interface WorldsAsked {
  readonly old: ClusterModel;
  readonly new: ClusterModel;
  /** Workloads that are in both worlds; a world's own manifests speak first. Its policies do not count. */
  readonly common: ClusterModel | undefined;
  /** Everybody who was seen: those of whom no manifest of either world speaks are in both. */
  readonly seen: ClusterModel | undefined;
}

/** Flows do not always know the kind of an owner, so that a name in a namespace is one workload. */
const shortName = ({ namespace, name }: ClusterWorkload): string => `${namespace}/${name}`;

/**
 * Puts everybody whom either world knows into both, so that a connection that comes or goes with a workload can be told
 * from one that comes or goes with a policy. A world whose manifests hold no workload says nothing about who is there:
 * it has those of the other.
 */
export function bothWorlds({ old, new: later, common, seen }: WorldsAsked): BothWorlds {
  const more = common && withoutPolicies(common);
  const whole = (own: ClusterModel, other: ClusterModel): ClusterModel => {
    const borrowed = own.workloads.length > 0 ? own : withMissing(own, other);
    return more === undefined ? borrowed : mergedModels(borrowed, more);
  };
  const declared = [whole(old, later), whole(later, old)] as const;
  const names = new Set(declared.flatMap(({ workloads }) => workloads.map(shortName)));
  const others = seen && selected(seen, (workload) => !names.has(shortName(workload)));
  const met = (model: ClusterModel): ClusterModel =>
    others === undefined ? model : mergedModels(model, withoutPolicies(others));
  const [before, after] = [met(declared[0]), met(declared[1])];
  return {
    old: { model: withMissing(before, after), present: namesOf(before) },
    new: { model: withMissing(after, before), present: namesOf(after) },
  };
}
