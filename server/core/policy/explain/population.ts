import { type NamespaceName, type ObjectName, parseObjectName } from '#core/identity/names.ts';
import { parseWorkloadId, workloadId } from '#core/identity/peer.ts';
import type { SeenPod, SeenWorld } from '#core/identity/seen-pod.ts';
import { sortedBy } from '#core/order.ts';
import { certifiedWorldOf } from '../certify/certified-world.ts';
import { type ClusterModel, describeWorkload } from '../cluster/cluster-model.ts';
import { chooseSelector, type SelectorChoice } from '../generate/choose-selector.ts';
import type { CniProfile, WorldNamespace, WorldPod } from '../world.ts';

/** One pod and the workload it belongs to. A pod that was seen with several sets of labels stands here once for each. */
export interface Resident {
  readonly pod: WorldPod;
  /** Key of the workload, unique in the population. */
  readonly owner: string;
  readonly namespace: NamespaceName;
  /** Name of the workload, which its pods need not share. */
  readonly name: ObjectName;
  readonly kind: string;
  /** `shop/cart[Deployment]`. */
  readonly text: string;
  /** Of another cluster, where the policies are not applied. */
  readonly isForeign: boolean;
}

/** Everybody who is known, whatever the source. */
export interface Population {
  readonly namespaces: readonly WorldNamespace[];
  readonly residents: readonly Resident[];
}

const nameOf = (pod: SeenPod): string => `${pod.cluster}/${pod.namespace}/${pod.name}`;

function residentOf(pod: SeenPod, cluster: string): Resident {
  const { namespace, name, kind } = parseWorkloadId(pod.workload);
  const labels = sortedBy(pod.labels, ([key]) => key);
  return {
    pod: {
      namespace: pod.namespace,
      name: pod.name,
      labels,
      ips: pod.ips,
      namedPorts: [],
      hostNetwork: false,
      ...(kind === 'Pod' ? { bare: true } : {}),
    },
    owner: pod.workload,
    namespace,
    name,
    kind,
    text: describeWorkload({ namespace, name, kind }),
    isForeign: pod.cluster !== cluster,
  };
}

/**
 * Everybody the flows showed, as seen from one cluster. Some flows leave labels out: a pod that others show with
 * labels does not stand here without.
 */
export function populationOfSeen(seen: SeenWorld, cluster: string, profile: CniProfile): Population {
  const labelled = new Set(seen.pods.filter(({ labels }) => labels.size > 0).map(nameOf));
  const pods = seen.pods.filter((pod) => pod.labels.size > 0 || !labelled.has(nameOf(pod)));
  const own = seen.pods.filter((pod) => pod.cluster === cluster).map(({ namespace }) => namespace);
  // A namespace that two clusters have is meant as this one has it.
  const named = new Set([
    ...own,
    ...seen.namespaces.filter((each) => each.cluster === cluster).map(({ name }) => name),
  ]);
  const namespaces = seen.namespaces.filter((each) => each.cluster === cluster || !named.has(each.name));
  return {
    namespaces: certifiedWorldOf({ ...seen, namespaces }, profile).namespaces,
    residents: pods.map((pod) => residentOf(pod, cluster)),
  };
}

/** Everybody a cluster's manifests declare. */
export function populationOfModel(model: ClusterModel): Population {
  const residents = model.pods.flatMap(({ pod, workload }): readonly Resident[] => {
    const owner = model.workloads[workload];
    if (owner === undefined) return [];
    const text = describeWorkload(owner);
    const { namespace, name, kind } = owner;
    return [{ pod, owner: text, namespace, name, kind, text, isForeign: false }];
  });
  return { namespaces: model.namespaces.map(({ name, labels }) => ({ name, labels })), residents };
}

const rowOf = ({ pod, owner, namespace, name }: Resident): SeenPod => ({
  cluster: '',
  namespace,
  name: parseObjectName(pod.name) ?? name,
  // Only told from others by it: the kind has no say in a selector.
  workload: workloadId({ cluster: owner, namespace, kind: '', name }),
  labels: new Map(pod.labels),
  ips: pod.ips,
  firstSeenAt: 0,
  lastSeenAt: 0,
});

/** How each workload can be selected within its namespace; every answer is worked out once. */
export class SelectorBook {
  private readonly rows = new Map<string, { readonly owner: string; readonly row: SeenPod }[]>();
  private readonly choices = new Map<string, SelectorChoice>();

  constructor({ residents }: Population) {
    for (const resident of residents) {
      if (resident.pod.hostNetwork) continue; // no selector sees it
      const rows = this.rows.get(resident.namespace) ?? [];
      this.rows.set(resident.namespace, rows);
      rows.push({ owner: resident.owner, row: rowOf(resident) });
    }
  }

  /** The smallest set of lasting labels that tells the workload's pods from all others of the namespace. */
  choiceFor({ namespace, owner }: Pick<Resident, 'namespace' | 'owner'>): SelectorChoice {
    const known = this.choices.get(owner);
    if (known !== undefined) return known;
    const rows = this.rows.get(namespace) ?? [];
    const own = rows.filter((each) => each.owner === owner).map(({ row }) => row);
    const others = rows.filter((each) => each.owner !== owner).map(({ row }) => row);
    const choice = chooseSelector(own, others);
    this.choices.set(owner, choice);
    return choice;
  }
}
