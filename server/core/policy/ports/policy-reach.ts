import { sortedText } from '#core/order.ts';
import { cidrsOf } from '../certify/policy-facts.ts';
import { type ClusterModel, type ClusterPod, describeWorkload } from '../cluster/cluster-model.ts';
import { worldOf } from '../cluster/model-world.ts';
import {
  type AddressRange,
  addressText,
  elementaryRanges,
  joinedRanges,
  rangeOfAddress,
} from '../connections/address-range.ts';
import { type Allowed, literalJudge } from '../connections/literal-judge.ts';
import type { ClassId } from '../fast/end-class.ts';
import { createEngine, type FastEngine, type FollowingMatrix, type PortPoint } from '../fast/fast-engine.ts';
import type { CniProfile, Endpoint, WorldPod } from '../world.ts';
import type { Inside, PodPort, PolicyReach } from './door.ts';

/** Somebody whom no policy of the model knows: the next pod that is deployed somewhere. */
const STRANGER: Endpoint = {
  kind: 'pod',
  pod: {
    namespace: 'a-namespace-of-its-own',
    name: 'stranger',
    labels: [],
    ips: [],
    namedPorts: [],
    hostNetwork: false,
  },
};

const OTHER_NODE: Endpoint = { kind: 'entity', entity: 'remote-node' };

const isAlive = ({ pod }: ClusterPod): boolean => pod.phase !== 'Succeeded' && pod.phase !== 'Failed';

const endOf = (pod: WorldPod): Endpoint => ({ kind: 'pod', pod });

/** One kind of pods of a workload, for which one of them speaks. */
interface Kind {
  readonly pod: WorldPod;
  readonly id: ClassId | undefined;
}

/**
 * Answers from where ports can be reached. Who else in the cluster comes from the fast engine, port by port; addresses
 * outside, which a report claims to be dangerous, are put to the literal evaluator one range at a time.
 * Memory grows with the square of the classes of pods, for one port at a time.
 */
export class ReachFinder {
  private readonly model: ClusterModel;
  private readonly engine: FastEngine;
  private readonly judge: Allowed;
  private readonly kinds = new Map<number, Kind[]>();
  /** Workloads of a class, and how many pods of each. */
  private readonly members = new Map<ClassId, Map<number, number>>();
  private readonly ranges = new Map<string, readonly AddressRange[]>();
  private readonly families = new Map<number, ReadonlySet<string>>();
  /** Workloads that can be told from nodes. */
  private readonly ordinary = new Set<number>();
  private at: { readonly key: string; readonly matrix: FollowingMatrix } | undefined;

  constructor(model: ClusterModel, profile: CniProfile) {
    this.model = model;
    const world = worldOf(model);
    this.engine = createEngine(world, profile);
    this.judge = literalJudge(world, profile);
    for (const each of model.pods.filter(isAlive)) this.enrol(each);
  }

  private enrol({ pod, workload }: ClusterPod): void {
    const id = this.engine.classOf(endOf(pod));
    const kinds = this.kinds.get(workload) ?? [];
    this.kinds.set(workload, kinds);
    if (id === undefined || !kinds.some((kind) => kind.id === id)) kinds.push({ pod, id });
    const families = new Set(pod.ips.flatMap((ip) => rangeOfAddress(ip)?.family ?? []));
    this.families.set(workload, new Set([...(this.families.get(workload) ?? []), ...families]));
    if (!pod.hostNetwork) this.ordinary.add(workload);
    if (id === undefined || pod.hostNetwork) return;
    const counts = this.members.get(id) ?? new Map<number, number>();
    this.members.set(id, counts);
    counts.set(workload, (counts.get(workload) ?? 0) + 1);
  }

  reachOf(port: Pick<PodPort, 'place' | 'protocol' | 'port'>): PolicyReach {
    const kinds = this.kinds.get(port.place) ?? [];
    const reaches = kinds.map((kind) => this.reachOfKind(kind, port));
    const [first] = reaches;
    const everybody = new Set(reaches.flatMap(({ clients }) => [...clients]));
    const outside = reaches.map((each) => each.outside);
    const widest = joinedRanges(outside.flat());
    const isSame = reaches.every((each) => each.key === first?.key);
    return {
      inside: this.insideOf(everybody, port.place),
      strangers: reaches.some((each) => each.strangers),
      outside: widest,
      otherNodes: reaches.some((each) => each.otherNodes),
      isUngoverned: kinds.some(({ pod }) => pod.hostNetwork),
      onlySomePods: !isSame,
    };
  }

  private reachOfKind(kind: Kind, port: Pick<PodPort, 'place' | 'protocol' | 'port'>) {
    const { protocol, port: number } = port;
    const to = endOf(kind.pod);
    const clients = this.clientsOf(kind, port);
    const outside = this.outsideOf(kind, port);
    const ask = (from: Endpoint): boolean => this.judge({ from, to, protocol, port: number });
    const [strangers, otherNodes] = [ask(STRANGER), ask(OTHER_NODE)];
    const key = JSON.stringify([
      [...clients].sort((a, b) => a - b),
      outside.map(({ family, first, last }) => `${family} ${first} ${last}`),
      strangers,
      otherNodes,
    ]);
    return { clients, outside, strangers, otherNodes, key };
  }

  /** Workloads some pod of which gets to this kind of pod; its own workload only where there are two pods of it. */
  private clientsOf(
    kind: Kind,
    { place, protocol, port }: Pick<PodPort, 'place' | 'protocol' | 'port'>,
  ): ReadonlySet<number> {
    const clients = new Set<number>();
    if (kind.id === undefined) return clients;
    const matrix = this.matrixAt({ protocol, port });
    for (const [id, counts] of this.members) {
      if (!matrix.isAdmitted(0, id, kind.id)) continue;
      for (const [workload, pods] of counts) {
        if (workload !== place || id !== kind.id || pods > 1) clients.add(workload);
      }
    }
    return clients;
  }

  /** The matrix of the port asked for last; ask port by port. */
  private matrixAt(point: PortPoint): FollowingMatrix {
    const key = `${point.protocol}|${point.port}`;
    if (this.at?.key !== key) this.at = { key, matrix: this.engine.matrix([point]) };
    return this.at.matrix;
  }

  private outsideOf({ pod }: Kind, { place, protocol, port }: Pick<PodPort, 'place' | 'protocol' | 'port'>) {
    const families = this.families.get(place);
    const to = endOf(pod);
    const spoken = this.rangesOf(pod.namespace).filter(
      ({ family }) => families === undefined || families.size === 0 || families.has(family),
    );
    return joinedRanges(
      spoken.filter(({ family, first }) => {
        const from: Endpoint = { kind: 'address', ip: addressText(family, first) };
        if (!this.engine.allowed(from, to, { protocol, port })) return false;
        return this.judge({ from, to, protocol, port });
      }),
    );
  }

  /** The addresses that policies of a namespace tell apart. */
  private rangesOf(namespace: string): readonly AddressRange[] {
    const known = this.ranges.get(namespace);
    if (known !== undefined) return known;
    const own = this.model.policies.filter(({ policy }) => policy.metadata.namespace === namespace);
    const made = elementaryRanges(own.flatMap(({ policy }) => cidrsOf(policy, 'ingress')));
    this.ranges.set(namespace, made);
    return made;
  }

  private insideOf(clients: ReadonlySet<number>, place: number): Inside {
    const namespace = this.model.workloads[place]?.namespace;
    const named = [...clients]
      .map((index) => this.model.workloads[index])
      .filter((each) => each !== undefined);
    if (named.length === 0) return { kind: 'nobody' };
    const others = [...this.ordinary].filter((index) => index !== place);
    // One other workload is named: that it is all there is says little about who else may come.
    if (others.length > 1 && others.every((index) => clients.has(index))) return { kind: 'cluster' };
    const workloads = sortedText(named.map(describeWorkload));
    const isOwn = named.every((each) => each.namespace === namespace);
    return { kind: isOwn ? 'namespace' : 'workloads', workloads };
  }
}
