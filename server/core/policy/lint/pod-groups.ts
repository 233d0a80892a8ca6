import { podLabelKeys } from '../certify/policy-facts.ts';
import type { ClusterModel, ClusterPod } from '../cluster/cluster-model.ts';
import { type Bits, setBit, wordsFor } from '../fast/bits.ts';
import { mayMean, type Selector } from '../fast/selector.ts';
import type { Labels, WorldPod } from '../world.ts';

/** Living pods that no policy and no Service of the cluster can tell apart. */
export interface PodGroup {
  readonly id: number;
  readonly namespace: string;
  /** Any one of them. */
  readonly pod: WorldPod;
  /** Their owners: indexes in the model's workloads. */
  readonly workloads: ReadonlySet<number>;
  readonly hostNetwork: boolean;
  readonly size: number;
  /** Sets of labels among them that networks with identities number each for itself. */
  readonly identities: number;
}

interface Gathering {
  readonly pod: WorldPod;
  readonly workloads: Set<number>;
  readonly identities: Set<string>;
  size: number;
}

/** Labels by which resolvers and replicas are known, whether or not a policy asks for them. */
const ALWAYS_LOOKED_AT = ['k8s-app', 'app.kubernetes.io/name', 'dns.operator.openshift.io/daemonset-dns'];

/** Labels that networks leave out of an identity since every pod or rollout has its own. */
const NO_IDENTITY =
  /^(?:pod-template-hash|controller-revision-hash|statefulset\.kubernetes\.io\/pod-name|apps\.kubernetes\.io\/pod-index|.*controller-uid|.*job-name)$/;

const isAlive = ({ pod }: ClusterPod): boolean => pod.phase !== 'Succeeded' && pod.phase !== 'Failed';

function keysLookedAt({ policies, services }: ClusterModel): ReadonlySet<string> {
  const ofServices = services.flatMap(({ selector }) => (selector ?? []).map(([key]) => key));
  return new Set([...podLabelKeys(policies.map(({ policy }) => policy)), ...ofServices, ...ALWAYS_LOOKED_AT]);
}

/** The groups of a model's living pods, in the order of their first pods. Grows with pods, then only with groups. */
export function podGroups(model: ClusterModel): readonly PodGroup[] {
  const keys = keysLookedAt(model);
  const gathered = new Map<string, Gathering>();
  for (const { pod, workload } of model.pods.filter(isAlive)) {
    const labels = pod.labels.filter(([key]) => keys.has(key));
    const key = JSON.stringify([pod.namespace, pod.hostNetwork, labels, pod.namedPorts]);
    const group: Gathering = gathered.get(key) ?? {
      pod,
      workloads: new Set(),
      identities: new Set(),
      size: 0,
    };
    gathered.set(key, group);
    group.workloads.add(workload);
    group.identities.add(JSON.stringify(pod.labels.filter(([name]) => !NO_IDENTITY.test(name))));
    group.size += 1;
  }
  return [...gathered.values()].map(({ pod, workloads, identities, size }, id) => ({
    id,
    namespace: pod.namespace,
    pod,
    workloads,
    hostNetwork: pod.hostNetwork,
    size,
    identities: identities.size,
  }));
}

/** Finds groups by their labels without looking at all of them. */
export class GroupIndex {
  readonly groups: readonly PodGroup[];
  private readonly byNamespace = new Map<string, number[]>();
  private readonly byLabel = new Map<string, Map<string, number[]>>();

  constructor(groups: readonly PodGroup[]) {
    this.groups = groups;
    for (const { id, namespace, pod } of groups) {
      const own = this.byNamespace.get(namespace) ?? [];
      this.byNamespace.set(namespace, own);
      own.push(id);
      for (const [key, value] of pod.labels) this.listOf(key, value).push(id);
    }
  }

  private listOf(key: string, value: string): number[] {
    const values = this.byLabel.get(key) ?? new Map<string, number[]>();
    this.byLabel.set(key, values);
    const list = values.get(value) ?? [];
    values.set(value, list);
    return list;
  }

  inNamespace(namespace: string): readonly PodGroup[] {
    return (this.byNamespace.get(namespace) ?? []).flatMap((id) => this.groups[id] ?? []);
  }

  /** The fewest groups, by one of its requirements, among which all that the selector means are. */
  private candidates({ requirements }: Selector, among: readonly number[] | undefined): readonly number[] {
    let best = among;
    for (const { key, kind, values } of requirements) {
      if (kind !== 'in') continue;
      const lists = values.map((value) => this.byLabel.get(key)?.get(value) ?? []);
      const count = lists.reduce((sum, list) => sum + list.length, 0);
      if (best === undefined || count < best.length) best = lists.flat();
    }
    return best ?? this.groups.map(({ id }) => id);
  }

  /** Groups the selector means, those on the network of their node too. Without a namespace: in any. */
  meant(selector: Selector, namespace?: string): readonly PodGroup[] {
    if (!selector.isSound) return [];
    const among = namespace === undefined ? undefined : (this.byNamespace.get(namespace) ?? []);
    return this.candidates(selector, among)
      .flatMap((id) => this.groups[id] ?? [])
      .filter((group) => namespace === undefined || group.namespace === namespace)
      .filter(({ pod }) => mayMean(selector, pod.labels));
  }

  /** As a set. */
  all(groups: readonly PodGroup[]): Bits {
    const bits = new Uint32Array(wordsFor(this.groups.length));
    for (const { id } of groups) setBit(bits, id);
    return bits;
  }

  /** As a set, without those that policies can not see: pods on the network of their node. */
  selectable(groups: readonly PodGroup[]): Bits {
    return this.all(groups.filter(({ hostNetwork }) => !hostNetwork));
  }

  /** Values that pods of a namespace give to a label, sorted. */
  valuesOf(key: string, namespace: string): readonly string[] {
    const found = this.inNamespace(namespace).flatMap(({ pod }) => valuesUnder(pod.labels, key));
    return [...new Set(found)].sort();
  }
}

const valuesUnder = (labels: Labels, key: string): readonly string[] =>
  labels.filter(([name]) => name === key).map(([, value]) => value);
