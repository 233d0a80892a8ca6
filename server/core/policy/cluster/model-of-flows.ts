import { parseNamespaceName } from '#core/identity/names.ts';
import type { SeenWorld } from '#core/identity/seen-pod.ts';
import { sortedBy } from '#core/order.ts';
import { populationOfSeen, type Resident } from '../explain/population.ts';
import { KUBERNETES_PROFILE } from '../literal/profiles.ts';
import type { ClusterModel, ClusterPod, ClusterWorkload } from './cluster-model.ts';
import { workloadKey } from './owner-chain.ts';

const workloadOf = ({ namespace, kind, name }: Resident): ClusterWorkload => ({
  namespace,
  kind,
  name,
  replicas: undefined,
  ports: [],
  source: undefined,
});

/**
 * One cluster as flows alone show it: its pods with labels and addresses, by owner. Flows tell of no ports that nobody
 * used, of no Services, no policies and no host network, so the model has none. A pod that was seen with several sets
 * of labels stands in it once for each, under one name.
 */
export function modelOfSeen(seen: SeenWorld, cluster: string): ClusterModel {
  // Any profile will do: it only decides which addresses a certificate keeps.
  const { namespaces, residents } = populationOfSeen(seen, cluster, KUBERNETES_PROFILE);
  const own = residents.filter(({ isForeign }) => !isForeign);
  const inhabited = new Set<string>(own.map(({ namespace }) => namespace));
  const declared = new Set<string>(
    seen.namespaces.filter((each) => each.cluster === cluster).map(({ name }) => name),
  );
  const owners = sortedBy(new Map(own.map((each) => [each.owner, each])).values(), workloadKey);
  const places = new Map(owners.map(({ owner }, place) => [owner, place]));
  const pods = own.map(
    ({ pod, owner }): ClusterPod => ({ pod, workload: places.get(owner) ?? 0, origin: 'seen' }),
  );
  return {
    namespaces: namespaces.flatMap(({ name, labels }) => {
      const parsed = parseNamespaceName(name);
      const isOwn = inhabited.has(name) || declared.has(name);
      return parsed === undefined || !isOwn ? [] : [{ name: parsed, labels, source: undefined }];
    }),
    workloads: owners.map(workloadOf),
    pods: pods.sort((a, b) => a.workload - b.workload),
    services: [],
    ingresses: [],
    policies: [],
    otherKinds: [],
  };
}

/** Flows do not always know the kind of an owner, so that a name in a namespace is one workload. */
const nameOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  `${namespace}/${name}`;

/** What `second` knows besides: namespaces and workloads, with their pods, that `first` does not have. */
export function mergedModels(first: ClusterModel, second: ClusterModel): ClusterModel {
  const known = new Set(first.workloads.map(nameOf));
  const spaces = new Set<string>(first.namespaces.map(({ name }) => name));
  const added = new Map<number, number>();
  const workloads = [...first.workloads];
  for (const [place, workload] of second.workloads.entries()) {
    if (known.has(nameOf(workload))) continue;
    added.set(place, workloads.length);
    workloads.push(workload);
  }
  const pods = second.pods.flatMap((each) => {
    const workload = added.get(each.workload);
    return workload === undefined ? [] : [{ ...each, workload }];
  });
  return {
    ...first,
    namespaces: sortedBy(
      [...first.namespaces, ...second.namespaces.filter(({ name }) => !spaces.has(name))],
      ({ name }) => name,
    ),
    workloads,
    pods: [...first.pods, ...pods],
    services: [...first.services, ...second.services],
    ingresses: [...first.ingresses, ...second.ingresses],
    policies: [...first.policies, ...second.policies],
    otherKinds: [...first.otherKinds, ...second.otherKinds],
  };
}
