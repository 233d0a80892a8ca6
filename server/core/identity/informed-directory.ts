import type { FlowEndpoint, Protocol } from '#core/flow/flow.ts';
import type { EpochMs } from '#core/flow/time.ts';
import { AddressBook } from '#core/inventory/address-book.ts';
import type { LiveNode } from '#core/inventory/live-object.ts';
import { ServiceBook } from '#core/inventory/service-book.ts';
import type { PodNews, Told } from '#core/inventory/told.ts';
import { formatIp, isPublicIp, parseIp, prefixOf } from '#core/net/ip.ts';
import { sortedText } from '#core/order.ts';
import { createDirectory, type Directory, type DirectoryOptions } from './directory.ts';
import { parseNamespaceName, parseObjectName } from './names.ts';
import { type WorkloadId, workloadId } from './peer.ts';
import type { PodNames } from './pod-facts.ts';
import type { ServiceLookup } from './resolve.ts';
import type { SeenPod, SeenWorld } from './seen-pod.ts';

/** Who was behind an address, by pods and not by workloads: what those are called may become known better. */
export interface AddressAnswer {
  /** `namespace/name`. */
  readonly pod: string | undefined;
  readonly isNode: boolean;
  /** Of a Service: one of the pods behind it, and their port. */
  readonly service: { readonly pod: string; readonly port: number } | undefined;
}

/** What an answer about an address depends on. */
export interface AddressQuestion {
  readonly at: EpochMs;
  readonly protocol: Protocol;
  readonly port: number | undefined;
}

/** A directory that an inventory tells what flows can not know, or not know for sure. */
export interface InformedDirectory extends Directory, ServiceLookup {
  /** Takes in what became known, and says for which addresses the answer may be another one now. */
  learn(told: Told): ReadonlySet<string>;
  /** True for an address that a pod may turn out to have had: none that hosts on the internet have, or a node's range. */
  mayBeOurs(ip: string): boolean;
  /** What is answered now about an address, to be compared with what is answered later. */
  answerAbout(ip: string, question: AddressQuestion): AddressAnswer;
  /** The same directory with these answers about these addresses, as they once were. */
  withAnswers(answers: ReadonlyMap<string, AddressAnswer>): Directory & ServiceLookup;
  /** True once an inventory told anything. */
  isInformed(): boolean;
  /** Tenures, Services and slices that were not kept. */
  shedFacts(): number;
}

/** The one text of an address, whatever way a flow wrote it. */
function canonical(ip: string): string {
  const parsed = parseIp(ip);
  return parsed === undefined ? ip : formatIp(parsed);
}

/**
 * A directory of flows and of one cluster's inventory. Where the inventory speaks about an address, nobody is answered
 * for it outside the time in which the API server says the pod had it; where it does not, flows alone decide, as without
 * one. `cluster` names the cluster the inventory is of; undefined where flows tell of one alone.
 */
export function createInformedDirectory(
  options: DirectoryOptions,
  cluster: string | undefined,
): InformedDirectory {
  return new ToldDirectory(options, cluster);
}

class ToldDirectory implements InformedDirectory {
  readonly #flows: Directory;
  readonly #options: DirectoryOptions;
  /** The cluster the inventory is of, by the name that flows give it; undefined until one does. */
  #home: string | undefined;
  readonly #addresses = new AddressBook();
  readonly #services = new ServiceBook();
  /** By `namespace/name`, the pod that had the name last. */
  readonly #told = new Map<string, PodNews>();
  readonly #namespaceLabels = new Map<string, ReadonlyMap<string, string>>();
  /** Of nodes, and of pods on their networks. */
  readonly #nodeAddresses = new Set<string>();
  /** Prefixes by their length, from which nodes hand out addresses to pods. */
  readonly #podRanges = new Map<number, Set<string>>();
  #isInformed = false;

  constructor(options: DirectoryOptions, cluster: string | undefined) {
    this.#flows = createDirectory(options);
    this.#options = options;
    this.#home = cluster;
  }

  get addressNames(): Directory['addressNames'] {
    return this.#flows.addressNames;
  }

  mayBeOurs(text: string): boolean {
    const ip = parseIp(text);
    if (ip === undefined) return false;
    if (!isPublicIp(ip)) return true;
    return [...this.#podRanges].some(([bits, prefixes]) => prefixes.has(prefixOf(ip, bits)));
  }

  isInformed(): boolean {
    return this.#isInformed;
  }

  shedFacts(): number {
    return this.#addresses.shed + this.#services.shed;
  }

  observe(endpoint: FlowEndpoint, at: EpochMs): void {
    this.#flows.observe(endpoint, at);
    if (this.#home === undefined && endpoint.cluster !== undefined) this.#settleHome(endpoint.cluster);
  }

  workloadOfPod(pod: PodNames): WorkloadId | undefined {
    return this.#flows.workloadOfPod(pod) ?? this.#workloadOfTold(pod);
  }

  workloadOfLabels(endpoint: FlowEndpoint): WorkloadId | undefined {
    return this.#flows.workloadOfLabels(endpoint);
  }

  takeRenames(): ReturnType<Directory['takeRenames']> {
    return this.#flows.takeRenames();
  }

  podOfAddress(ip: string, at: EpochMs): { readonly pod: string; readonly workload: WorkloadId } | undefined {
    const address = this.#isInformed ? canonical(ip) : ip;
    const pod = this.#addresses.ownerAt(address, at);
    if (pod !== undefined) {
      const workload = this.#workloadOf(pod);
      return workload === undefined ? undefined : { pod, workload };
    }
    const seen = this.#flows.podOfAddress(ip, at);
    // Flows show when a pod was heard of; the API server says when it was there.
    return seen !== undefined && this.#addresses.hasHeld(address, seen.pod) ? undefined : seen;
  }

  isNodeAddress(ip: string): boolean {
    return this.#nodeAddresses.has(this.#isInformed ? canonical(ip) : ip) || this.#flows.isNodeAddress(ip);
  }

  behindService(
    ip: string,
    protocol: Protocol,
    port: number | undefined,
  ): { readonly workload: WorkloadId; readonly port: number } | undefined {
    const behind = this.#behind(ip, protocol, port);
    const workload = behind && this.#workloadOf(behind.pod);
    return workload && behind && { workload, port: behind.port };
  }

  /** One pod of those behind a Service's address, if all belong to one workload. */
  #behind(ip: string, protocol: Protocol, port: number | undefined): AddressAnswer['service'] {
    if (!this.#isInformed) return undefined;
    const backend = this.#services.backendOf(canonical(ip), protocol, port);
    const [pod] = backend?.pods ?? [];
    if (backend === undefined || pod === undefined) return undefined;
    const workloads = new Set(backend.pods.map((each) => this.#workloadOf(each)));
    return workloads.size === 1 ? { pod, port: backend.port } : undefined;
  }

  answerAbout(ip: string, { at, protocol, port }: AddressQuestion): AddressAnswer {
    const pod = this.podOfAddress(ip, at)?.pod;
    return { pod, isNode: this.isNodeAddress(ip), service: this.#behind(ip, protocol, port) };
  }

  withAnswers(answers: ReadonlyMap<string, AddressAnswer>): Directory & ServiceLookup {
    const podOf = (pod: string | undefined): ReturnType<Directory['podOfAddress']> => {
      const workload = pod === undefined ? undefined : this.#workloadOf(pod);
      return pod === undefined || workload === undefined ? undefined : { pod, workload };
    };
    return {
      addressNames: this.addressNames,
      observe: (endpoint, at) => this.observe(endpoint, at),
      workloadOfPod: (pod) => this.workloadOfPod(pod),
      workloadOfLabels: (endpoint) => this.workloadOfLabels(endpoint),
      takeRenames: () => this.takeRenames(),
      world: () => this.world(),
      podOfAddress: (ip, at) => {
        const known = answers.get(ip);
        return known === undefined ? this.podOfAddress(ip, at) : podOf(known.pod);
      },
      isNodeAddress: (ip) => answers.get(ip)?.isNode ?? this.isNodeAddress(ip),
      behindService: (ip, protocol, port) => {
        const known = answers.get(ip);
        if (known === undefined) return this.behindService(ip, protocol, port);
        const workload = podOf(known.service?.pod)?.workload;
        return workload && known.service && { workload, port: known.service.port };
      },
    };
  }

  world(): SeenWorld {
    const world = this.#flows.world();
    return this.#isInformed ? { ...world, pods: world.pods.map((row) => this.#withAddresses(row)) } : world;
  }

  learn(told: Told): ReadonlySet<string> {
    this.#isInformed = true;
    const touched = new Set<string>();
    const touch = (ips: readonly string[]): void => {
      for (const ip of ips) touched.add(ip);
    };
    for (const { name, labels } of told.namespaces)
      this.#remember(this.#namespaceLabels, name, new Map(labels));
    for (const node of told.goneNodes) this.#dropNode(node);
    for (const node of told.nodes) {
      touch(this.#learnNode(node.addresses));
      this.#learnRanges(node.podCidrs);
    }
    for (const pod of told.pods) touch(this.#learnPod(pod));
    for (const { uid, until } of told.endedPods) touch(this.#addresses.end(uid, until));
    for (const service of told.services) touch(this.#services.tellService(service));
    for (const slice of told.slices) touch(this.#services.tellSlice(slice));
    for (const key of told.goneSlices) this.#services.dropSlice(key);
    return touched;
  }

  #workloadOf(pod: string): WorkloadId | undefined {
    const slash = pod.indexOf('/');
    const namespace = parseNamespaceName(pod.slice(0, slash));
    const name = parseObjectName(pod.slice(slash + 1));
    if (namespace === undefined || name === undefined) return undefined;
    return this.workloadOfPod({ cluster: this.#home, namespace, name });
  }

  /** What flows tell of is kept for a number of pods only; the inventory still knows the latest. */
  #workloadOfTold({ cluster, namespace, name }: PodNames): WorkloadId | undefined {
    const owner = this.#told.get(`${namespace}/${name}`)?.owner;
    const home = this.#home ?? this.#options.cluster;
    if (owner === undefined || (cluster !== undefined && cluster !== home)) return undefined;
    return workloadId({ cluster: home, namespace, kind: owner.kind, name: owner.name });
  }

  #learnNode(ips: readonly string[]): readonly string[] {
    const fresh = ips.filter((ip) => !this.#nodeAddresses.has(ip));
    for (const ip of fresh) if (this.#nodeAddresses.size < this.#options.maxPods) this.#nodeAddresses.add(ip);
    return fresh;
  }

  #learnRanges(cidrs: readonly string[]): void {
    for (const cidr of cidrs) {
      const slash = cidr.indexOf('/');
      const [ip, bits] = [parseIp(cidr.slice(0, slash)), Number(cidr.slice(slash + 1))];
      if (ip === undefined || !Number.isInteger(bits)) continue;
      const prefixes = this.#podRanges.get(bits) ?? new Set();
      if (prefixes.size >= this.#options.maxPods) continue;
      this.#podRanges.set(bits, prefixes.add(prefixOf(ip, bits)));
    }
  }

  #dropNode({ addresses }: LiveNode): void {
    for (const ip of addresses) this.#nodeAddresses.delete(ip);
  }

  #learnPod(news: PodNews): readonly string[] {
    const { namespace, name, uid } = news;
    this.#remember(this.#told, `${namespace}/${name}`, news);
    this.#observeTold(news);
    const { ips, from, isFromExact: isExact, until, at } = news;
    const touched = this.#addresses.claim({
      uid,
      pod: `${namespace}/${name}`,
      ips,
      from,
      isExact,
      until,
      at,
    });
    return [...touched, ...this.#learnNode(news.nodeIps)];
  }

  /** An inventory does not know what its cluster is called; the first flow that says tells it of all pods so far. */
  #settleHome(cluster: string): void {
    this.#home = cluster;
    for (const news of this.#told.values()) this.#observeTold(news);
  }

  /** A pod is observed as if the node it runs on had reported a flow of it, with all its names and no address. */
  #observeTold({ namespace, name, owner, labels, from }: PodNews): void {
    const endpoint: FlowEndpoint = {
      ip: undefined,
      port: undefined,
      identity: undefined,
      cluster: this.#home,
      namespace,
      pod: name,
      workloads: [{ name: owner.name, kind: owner.kind }],
      labels,
      namespaceLabels: this.#namespaceLabels.get(namespace) ?? new Map(),
      entities: [],
      names: [],
    };
    this.#flows.observe(endpoint, from);
  }

  /** Names that were told first go first: those of pods that are long gone. */
  #remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
    map.delete(key);
    map.set(key, value);
    if (map.size <= this.#options.maxPods) return;
    const [first] = map.keys();
    if (first !== undefined) map.delete(first);
  }

  #withAddresses(row: SeenPod): SeenPod {
    if (this.#home !== undefined && row.cluster !== this.#home) return row;
    const uid = this.#told.get(`${row.namespace}/${row.name}`)?.uid;
    const ips = uid === undefined ? [] : this.#addresses.addressesOf(uid);
    return ips.length === 0 ? row : { ...row, ips: sortedText(new Set([...row.ips, ...ips])) };
  }
}
