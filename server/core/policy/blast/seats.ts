import { groupedBy } from '#core/grouped-by.ts';
import { sortedText } from '#core/order.ts';
import type { ClusterPod } from '../cluster/cluster-model.ts';
import type { ClassId } from '../fast/end-class.ts';
import type { FastEngine, PortPoint } from '../fast/fast-engine.ts';
import type { CniProfile } from '../world.ts';
import type { ReachRequest } from './reach-graph.ts';

/** Pods that neither policies nor the ports they listen on tell apart: what reaches one of them reaches all. */
export interface Seat {
  readonly classId: ClassId;
  /** Where its pods listen; undefined when every port counts. */
  readonly points: readonly PortPoint[] | undefined;
  /** Indexes of the workloads its pods belong to, ascending. */
  readonly workloads: readonly number[];
  readonly pods: readonly ClusterPod[];
  readonly places: NodePlaces;
}

/** Indexes of {@link HostedNode}s. */
export interface NodePlaces {
  /** Whose network some of the pods use: who holds such a pod is the node. */
  readonly hosts: readonly number[];
  /** On which some of the pods run, where a pod may always connect to its own node; else empty. */
  readonly guests: readonly number[];
}

/** Pods that are reached together since they share a node. */
export interface NodeParty {
  readonly classes: readonly ClassId[];
  readonly workloads: readonly number[];
  readonly pods: readonly ClusterPod[];
}

/** A node with a pod on its own network: whoever holds that pod reaches every pod the node runs, whatever policies say. */
export interface HostedNode {
  readonly name: string;
  /** All its pods that listen anywhere. */
  readonly everybody: NodeParty;
  /** Those of them that use the node's network. */
  readonly hosts: NodeParty;
}

/** Where the pods of one workload are. */
export interface Start {
  readonly classes: readonly ClassId[];
  readonly places: NodePlaces;
  readonly pods: readonly ClusterPod[];
}

/** Where everybody sits. */
export interface Seating {
  readonly seats: readonly Seat[];
  readonly nodes: readonly HostedNode[];
  /** By index of the workload; without pods for one that has none alive. */
  readonly starts: readonly Start[];
}

const isAlive = ({ pod }: ClusterPod): boolean => pod.phase !== 'Succeeded' && pod.phase !== 'Failed';

const ascending = (numbers: Iterable<number>): readonly number[] =>
  [...new Set(numbers)].sort((a, b) => a - b);

interface Placed {
  readonly pod: ClusterPod;
  readonly classId: ClassId;
}

function partyOf(placed: readonly Placed[]): NodeParty {
  return {
    classes: ascending(placed.map(({ classId }) => classId)),
    workloads: ascending(placed.map(({ pod }) => pod.workload)),
    pods: placed.map(({ pod }) => pod),
  };
}

/** Hosted nodes, and the place of each by its name. */
function hostedNodes(
  placed: readonly Placed[],
  isListening: (pod: ClusterPod) => boolean,
): { readonly nodes: readonly HostedNode[]; readonly places: ReadonlyMap<string, number> } {
  const names = placed.flatMap(({ pod: { pod } }) =>
    pod.hostNetwork && pod.node !== undefined ? [pod.node] : [],
  );
  const byNode = groupedBy(placed, ({ pod }) => pod.pod.node);
  const nodes = sortedText(new Set(names)).map((name): HostedNode => {
    const here = (byNode.get(name) ?? []).filter(({ pod }) => isListening(pod));
    const hosts = here.filter(({ pod }) => pod.pod.hostNetwork);
    return { name, everybody: partyOf(here), hosts: partyOf(hosts) };
  });
  return { nodes, places: new Map(nodes.map(({ name }, index) => [name, index])) };
}

type PlacesOf = (pods: readonly ClusterPod[]) => NodePlaces;

function placesIn(places: ReadonlyMap<string, number>, { podsReachOwnNode }: CniProfile): PlacesOf {
  const nodesOf = (pods: readonly ClusterPod[]): readonly number[] =>
    ascending(pods.map(({ pod }) => places.get(pod.node ?? '')).filter((place) => place !== undefined));
  return (pods) => ({
    hosts: nodesOf(pods.filter(({ pod }) => pod.hostNetwork)),
    guests: podsReachOwnNode ? nodesOf(pods) : [],
  });
}

/** Seats every living pod. Seats grow with classes and with distinct sets of ports, at most one a pod. */
export function seatingOf(
  { model, listeners, profile }: Pick<ReachRequest, 'model' | 'listeners' | 'profile'>,
  engine: FastEngine,
): Seating {
  const placed = model.pods.filter(isAlive).flatMap((pod): readonly Placed[] => {
    const classId = engine.classOf({ kind: 'pod', pod: pod.pod });
    return classId === undefined ? [] : [{ pod, classId }];
  });
  const pointsOf = ({ workload }: ClusterPod): readonly PortPoint[] | undefined =>
    listeners && (listeners.points[workload] ?? []);
  const { nodes, places } = hostedNodes(placed, (pod) => pointsOf(pod)?.length !== 0);
  const placesOf = placesIn(places, profile);
  const portsKey = (pod: ClusterPod): string | undefined =>
    pointsOf(pod)
      ?.map(({ protocol, port }) => `${protocol}/${port}`)
      .join();
  const seated = groupedBy(placed, ({ pod, classId }) => `${classId}|${portsKey(pod) ?? ''}`);
  const seats = [...seated.values()].flatMap((here): readonly Seat[] => {
    const [first] = here;
    if (first === undefined) return [];
    const { pods, workloads } = partyOf(here);
    return [{ classId: first.classId, points: pointsOf(first.pod), workloads, pods, places: placesOf(pods) }];
  });
  const byWorkload = groupedBy(placed, ({ pod }) => pod.workload);
  const starts = [...model.workloads.keys()].map((workload): Start => {
    const { classes, pods } = partyOf(byWorkload.get(workload) ?? []);
    return { classes, pods, places: placesOf(pods) };
  });
  return { seats, nodes, starts };
}
