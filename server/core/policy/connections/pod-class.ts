import { cidrsOf, podLabelKeys } from '../certify/policy-facts.ts';
import type { ClusterModel, ClusterPod } from '../cluster/cluster-model.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { CniProfile, IpFamily, WorldPod } from '../world.ts';
import { type AddressRange, elementaryRanges, rangeOfAddress } from './address-range.ts';
import { namesThatMatter, portNamesIn } from './port-names.ts';

/** Pods that no policy of the cluster can tell apart, one of which can speak for all. */
export interface PodClass {
  readonly namespace: string;
  readonly pod: WorldPod;
  /** Another one of the same class: what a pod may do to its like, which is not what it may do to itself. */
  readonly twin: WorldPod | undefined;
  /** Pods of this class by index of their workload. */
  readonly counts: ReadonlyMap<number, number>;
  /** Families its pods can speak; both when their addresses are unknown. */
  readonly families: readonly IpFamily[];
}

const BOTH: readonly IpFamily[] = ['IPv4', 'IPv6'];

const isAlive = ({ pod }: ClusterPod): boolean => pod.phase !== 'Succeeded' && pod.phase !== 'Failed';

function familiesOf({ ips }: WorldPod): readonly IpFamily[] {
  const families = new Set(ips.map((ip) => rangeOfAddress(ip)?.family));
  return families.size === 0 ? BOTH : BOTH.filter((family) => families.has(family));
}

/** What about a pod any policy of the cluster could look at, under a profile. */
class PodFacts {
  private readonly labelKeys: ReadonlySet<string>;
  private readonly portNames: ReadonlySet<string>;
  private readonly ranges: readonly AddressRange[];
  private readonly seesAddresses: boolean;
  private readonly seesNodes: boolean;

  constructor(model: ClusterModel, profile: CniProfile) {
    const policies = model.policies.map(({ policy }) => policy);
    const cidrs = policies.flatMap(cidrsOfBoth);
    this.labelKeys = podLabelKeys(policies);
    this.portNames = portNamesIn(policies);
    this.ranges = elementaryRanges(cidrs);
    this.seesAddresses = cidrs.length > 0 && (profile.ipBlockMatchesPods || profile.ipBlockMatchesNodes);
    this.seesNodes = model.pods.some(({ pod }) => pod.hostNetwork);
  }

  keyOf(pod: WorldPod): string {
    const labels = pod.labels.filter(([key]) => this.labelKeys.has(key));
    const places = this.seesAddresses ? pod.ips.map((ip) => this.placeOf(ip)) : [];
    const node = this.seesNodes ? pod.node : undefined;
    const { namespace, hostNetwork } = pod;
    const namedPorts = namesThatMatter(pod.namedPorts, this.portNames);
    const isBare = pod.bare === true;
    return JSON.stringify([
      namespace,
      labels,
      namedPorts,
      hostNetwork,
      isBare,
      familiesOf(pod),
      places,
      node,
    ]);
  }

  /** Which of the elementary ranges an address lies in: all a block can know of it. */
  private placeOf(ip: string): number {
    const at = rangeOfAddress(ip);
    if (at === undefined) return -1;
    return this.ranges.findIndex(
      ({ family, first, last }) => family === at.family && first <= at.first && at.first <= last,
    );
  }
}

const cidrsOfBoth = (policy: NetworkPolicy): readonly string[] => [
  ...cidrsOf(policy, 'ingress'),
  ...cidrsOf(policy, 'egress'),
];

/** The classes of a model's living pods, in the order of their first pods. */
export function podClasses(model: ClusterModel, profile: CniProfile): readonly PodClass[] {
  const facts = new PodFacts(model, profile);
  const grouped = new Map<string, ClusterPod[]>();
  for (const pod of model.pods.filter(isAlive)) {
    const key = facts.keyOf(pod.pod);
    const group = grouped.get(key);
    if (group === undefined) grouped.set(key, [pod]);
    else group.push(pod);
  }
  return [...grouped.values()].flatMap(classOf);
}

function classOf(pods: readonly ClusterPod[]): readonly PodClass[] {
  const [first, second] = pods;
  if (first === undefined) return [];
  const counts = new Map<number, number>();
  for (const { workload } of pods) counts.set(workload, (counts.get(workload) ?? 0) + 1);
  const { pod } = first;
  return [{ namespace: pod.namespace, pod, twin: second?.pod, counts, families: familiesOf(pod) }];
}
