import type { FlowEndpoint } from '#core/flow/flow.ts';
import { type EpochMs, MINUTE_MS } from '#core/flow/time.ts';
import { sortedBy, sortedText } from '#core/order.ts';
import { AddressNames } from './address-names.ts';
import { AnsweredWorkloads, type WorkloadRename } from './answered-workloads.ts';
import { LatestReports, type Span, widen } from './latest-reports.ts';
import { groupedBy, MultiIndex } from './multi-index.ts';
import { parseNamespaceName, parseObjectName } from './names.ts';
import { NamespaceBook } from './namespace-book.ts';
import { inferOwner, type Owner } from './owner.ts';
import { type PeerKey, parseWorkloadId, peerKey, type WorkloadId, workloadId } from './peer.ts';
import {
  applicationName,
  betterOwner,
  joinedFacts,
  keyIn,
  labelKey,
  labelText,
  type PodFacts,
  type PodNames,
  podText,
  reportedOwner,
} from './pod-facts.ts';
import type { SeenPod, SeenWorld } from './seen-pod.ts';

export interface DirectoryOptions {
  /** The cluster of flows that name none. */
  readonly cluster: string;
  /** Pods kept at most; those beyond are counted in `shedPods`. */
  readonly maxPods: number;
}

export const DIRECTORY_DEFAULTS: DirectoryOptions = { cluster: 'default', maxPods: 200_000 };

/**
 * How long before its first and after its last report a pod is taken to have had its address. The data path reports a pod
 * whenever it talks, so that a longer silence may mean that the address went to another pod that was not seen yet.
 */
export const ADDRESS_GRACE_MS = 5 * MINUTE_MS;

/** Who is who, learnt from the endpoints of flows alone. */
export interface Directory {
  observe(endpoint: FlowEndpoint, at: EpochMs): void;
  /** The workload of a pod that was observed; without a cluster the pod is in the only one known to have it. */
  workloadOfPod(pod: PodNames): WorkloadId | undefined;
  /** The only workload whose pods carry exactly these labels, else the one its naming label suggests. */
  workloadOfLabels(endpoint: FlowEndpoint): WorkloadId | undefined;
  /** `namespace/pod` and workload that had this address, when only one pod had it at the time or minutes from it. */
  podOfAddress(ip: string, at: EpochMs): { readonly pod: string; readonly workload: WorkloadId } | undefined;
  isNodeAddress(ip: string): boolean;
  /**
   * Workloads that were already answered for and are known better since the last call: only those all of whose pods moved,
   * and moved to the same workload. What one pod alone was wrongly counted under stays where it is.
   */
  takeRenames(): readonly WorkloadRename[];
  readonly addressNames: AddressNames;
  world(): SeenWorld;
}

const clientKey = (id: WorkloadId): PeerKey => peerKey({ kind: 'workload', id });

/** An empty directory. Memory grows with pods, label sets and addresses, and is bounded by `maxPods`. */
export const createDirectory = (options: DirectoryOptions = DIRECTORY_DEFAULTS): Directory =>
  new FlowDirectory(options);

class FlowDirectory implements Directory {
  readonly addressNames = new AddressNames();
  private readonly options: DirectoryOptions;
  /** By cluster, namespace and name; a pod reported with and without its cluster's name has two entries. */
  private readonly pods = new Map<string, PodFacts>();
  /** Clusters that were named for a pod or for the label set of an end without a pod. */
  private readonly clusters = new MultiIndex();
  private readonly podsByAddress = new MultiIndex();
  private readonly podsByLabels = new MultiIndex();
  private readonly podsByOwner = new MultiIndex();
  private readonly reportedKinds = new MultiIndex();
  private readonly namespaces = new NamespaceBook();
  private readonly nodeAddresses = new Set<string>();
  private readonly labelOnly = new Map<string, { endpoint: FlowEndpoint } & Span>();
  private readonly answered = new AnsweredWorkloads();
  private readonly latest = new LatestReports();
  private shedPods = 0;

  constructor(options: DirectoryOptions) {
    this.options = options;
  }

  observe(endpoint: FlowEndpoint, at: EpochMs): void {
    if (this.latest.repeats(endpoint, at)) return;
    if (endpoint.namespace === undefined) this.observeNode(endpoint);
    else this.observeNamespaced(endpoint, at);
  }

  workloadOfPod(pod: PodNames): WorkloadId | undefined {
    const records = this.recordsOf(pod);
    const [first] = records;
    return first === undefined ? undefined : this.answer(first, records);
  }

  takeRenames(): readonly WorkloadRename[] {
    const renames = this.answered.takeRenames((key) => {
      const [pod] = this.factsOf([key]);
      return pod && this.workloadOf(pod);
    });
    for (const { from, to } of renames) this.addressNames.rename(clientKey(from), clientKey(to));
    return renames;
  }

  workloadOfLabels(endpoint: FlowEndpoint): WorkloadId | undefined {
    const cluster = this.namedCluster(endpoint.cluster, labelKey(endpoint));
    const pods = this.factsOf(this.podsByLabels.get(labelKey(endpoint))).filter((pod) =>
      this.mayBeIn(pod, cluster),
    );
    const workloads = new Set(pods.map((pod) => this.workloadOf(pod)));
    if (workloads.size > 1) return undefined;
    return workloads.values().next().value ?? this.workloadByNamingLabel(endpoint, cluster);
  }

  podOfAddress(ip: string, at: EpochMs): { readonly pod: string; readonly workload: WorkloadId } | undefined {
    const known = this.byPod(this.factsOf(this.podsByAddress.get(ip)));
    const hadIt = (graceMs: number): PodFacts[][] =>
      known.filter((records) => {
        const span = joinedFacts(records).ips.get(ip);
        return span !== undefined && span.firstAt - graceMs <= at && at <= span.lastAt + graceMs;
      });
    const exactly = hadIt(0);
    const pods = exactly.length > 0 ? exactly : hadIt(ADDRESS_GRACE_MS);
    const [first] = pods[0] ?? [];
    if (first === undefined || pods.length > 1) return undefined;
    return { pod: podText(first), workload: this.answer(first, this.recordsOf(first)) };
  }

  isNodeAddress(ip: string): boolean {
    return this.nodeAddresses.has(ip);
  }

  world(): SeenWorld {
    const pods = this.byPod([...this.pods.values()]).flatMap((records) => this.podRows(records));
    const order = (row: SeenPod): string =>
      `${row.cluster}/${row.namespace}/${row.name} ${labelText(row.labels)}`;
    return {
      pods: sortedBy([...pods, ...this.labelOnlyRows()], order),
      namespaces: this.namespaces.rows(this.options.cluster),
      shedPods: this.shedPods,
    };
  }

  private observeNode(endpoint: FlowEndpoint): void {
    const isNode = endpoint.entities.includes('host') || endpoint.entities.includes('remote-node');
    if (!isNode || endpoint.ip === undefined || this.nodeAddresses.size >= this.options.maxPods) return;
    this.nodeAddresses.add(endpoint.ip);
  }

  private observeNamespaced(endpoint: FlowEndpoint, at: EpochMs): void {
    const namespace = parseNamespaceName(endpoint.namespace ?? '');
    if (namespace === undefined) return;
    const { cluster } = endpoint;
    this.namespaces.observe(namespace, endpoint);
    const name = parseObjectName(endpoint.pod ?? '');
    if (name !== undefined) this.observePod(endpoint, { cluster, namespace, name }, at);
    else if (endpoint.pod === undefined && endpoint.labels.size > 0) this.observeLabelOnly(endpoint, at);
  }

  private newPod(names: PodNames): PodFacts | undefined {
    if (this.pods.size >= this.options.maxPods) {
      this.shedPods += 1;
      return undefined;
    }
    const owner = inferOwner(names.name);
    const facts: PodFacts = { ...names, owner, labelSets: new Map(), ips: new Map() };
    const key = keyIn(names.cluster, podText(names));
    this.pods.set(key, facts);
    this.podsByOwner.add(`${names.namespace}/${owner.name}`, key);
    if (names.cluster !== undefined) this.clusters.add(podText(names), names.cluster);
    this.correct(facts); // a cluster's first name for a pod may move what was said without one
    return facts;
  }

  private observePod(endpoint: FlowEndpoint, names: PodNames, at: EpochMs): void {
    const facts = this.pods.get(keyIn(names.cluster, podText(names))) ?? this.newPod(names);
    if (facts === undefined) return;
    this.observeOwner(facts, reportedOwner(endpoint));
    const spans: Span[] = [this.observeLabels(facts, endpoint.labels, at)];
    if (endpoint.ip !== undefined) spans.push(this.observeAddress(facts, endpoint.ip, at));
    this.latest.remember(endpoint, spans);
  }

  private observeLabels(facts: PodFacts, labels: ReadonlyMap<string, string>, at: EpochMs): Span {
    const text = labelText(labels);
    const known = facts.labelSets.get(text);
    if (known !== undefined) {
      widen(known, at);
      return known;
    }
    const span = { labels, firstAt: at, lastAt: at };
    facts.labelSets.set(text, span);
    this.podsByLabels.add(`${facts.namespace} ${text}`, keyIn(facts.cluster, podText(facts)));
    return span;
  }

  private observeOwner(facts: PodFacts, reported: Owner | undefined): void {
    if (reported === undefined) return;
    const isNews = facts.owner.kind !== reported.kind || !facts.owner.isReported;
    facts.owner = betterOwner(facts.owner, reported);
    const owner = `${facts.namespace}/${reported.name}`;
    this.podsByOwner.add(owner, keyIn(facts.cluster, podText(facts)));
    this.reportedKinds.add(keyIn(facts.cluster, owner), reported.kind);
    if (!isNews) return;
    this.correct(facts);
    for (const pod of this.podsByOwner.get(owner)) this.answered.correct(pod);
  }

  /** Marks a pod for a second look, under its cluster's name and under none. */
  private correct(facts: PodFacts): void {
    const text = podText(facts);
    for (const cluster of [undefined, this.homeOf(facts)]) this.answered.correct(keyIn(cluster, text));
  }

  private observeAddress(facts: PodFacts, ip: string, at: EpochMs): Span {
    const known = facts.ips.get(ip);
    if (known !== undefined) {
      widen(known, at);
      return known;
    }
    const span = { firstAt: at, lastAt: at };
    facts.ips.set(ip, span);
    this.podsByAddress.add(ip, keyIn(facts.cluster, podText(facts)));
    return span;
  }

  private observeLabelOnly(endpoint: FlowEndpoint, at: EpochMs): void {
    const key = keyIn(endpoint.cluster, labelKey(endpoint));
    const known = this.labelOnly.get(key);
    if (known !== undefined) {
      widen(known, at);
      if ((endpoint.ip ?? '') < (known.endpoint.ip ?? '')) known.endpoint = endpoint;
    } else if (this.labelOnly.size >= this.options.maxPods) this.shedPods += 1;
    else {
      this.labelOnly.set(key, { endpoint, firstAt: at, lastAt: at });
      if (endpoint.cluster !== undefined) this.clusters.add(labelKey(endpoint), endpoint.cluster);
    }
  }

  private factsOf(keys: readonly string[]): PodFacts[] {
    return keys.map((key) => this.pods.get(key)).filter((facts): facts is PodFacts => facts !== undefined);
  }

  /** The cluster that was named, else the only one named elsewhere for the same thing. */
  private namedCluster(cluster: string | undefined, text: string): string | undefined {
    return cluster ?? this.clusters.only(text);
  }

  private homeOf(pod: PodNames): string {
    return this.namedCluster(pod.cluster, podText(pod)) ?? this.options.cluster;
  }

  /** All that was said of one pod: under its cluster's name, and under none where only that cluster can be meant. */
  private recordsOf(pod: PodNames): PodFacts[] {
    const home = this.homeOf(pod);
    const text = podText(pod);
    const isUnnamedHere = this.homeOf({ ...pod, cluster: undefined }) === home;
    const named = this.pods.get(keyIn(home, text));
    const unnamed = isUnnamedHere ? this.pods.get(keyIn(undefined, text)) : undefined;
    return [named, unnamed].filter((facts) => facts !== undefined);
  }

  /** Groups what was said by the pod it was said of. */
  private byPod(facts: readonly PodFacts[]): PodFacts[][] {
    return groupedBy(facts, (pod) => keyIn(this.homeOf(pod), podText(pod)));
  }

  private mayBeIn(pod: PodFacts, cluster: string | undefined): boolean {
    const named = this.namedCluster(pod.cluster, podText(pod));
    return cluster === undefined || named === undefined || named === cluster;
  }

  private kindOf(cluster: string, namespace: string, owner: Owner): string {
    if (owner.isReported) return owner.kind;
    const text = `${namespace}/${owner.name}`;
    const inCluster = this.reportedKinds.get(keyIn(cluster, text));
    const kinds = inCluster.length > 0 ? inCluster : this.reportedKinds.get(keyIn(undefined, text));
    return kinds.length === 1 ? (kinds[0] ?? owner.kind) : owner.kind;
  }

  private workloadOf(pod: PodFacts): WorkloadId {
    return this.workloadOfRecords(pod, this.recordsOf(pod));
  }

  private workloadOfRecords(pod: PodFacts, records: readonly PodFacts[]): WorkloadId {
    const cluster = this.homeOf(pod);
    const { namespace } = pod;
    const owner = records.map((record) => record.owner).reduce(betterOwner, pod.owner);
    return workloadId({ cluster, namespace, kind: this.kindOf(cluster, namespace, owner), name: owner.name });
  }

  private answer(pod: PodFacts, records: readonly PodFacts[]): WorkloadId {
    const workload = this.workloadOfRecords(pod, records);
    for (const record of records) this.answered.note(keyIn(record.cluster, podText(record)), workload);
    return workload;
  }

  /** A workload known by its naming label alone; its kind is what pods of that owner say, when they agree. */
  private workloadByNamingLabel(endpoint: FlowEndpoint, named: string | undefined): WorkloadId | undefined {
    const namespace = parseNamespaceName(endpoint.namespace ?? '');
    const name = applicationName(endpoint);
    if (namespace === undefined || name === undefined) return undefined;
    const owned = this.factsOf(this.podsByOwner.get(`${namespace}/${name}`)).filter(
      (pod) => pod.owner.name === name && this.mayBeIn(pod, named),
    );
    const homes = new Set(owned.map((pod) => this.homeOf(pod)));
    const [home] = homes;
    const cluster = named ?? (homes.size === 1 ? home : undefined) ?? this.options.cluster;
    const kinds = new Set(owned.map((pod) => this.kindOf(cluster, namespace, pod.owner)));
    const kind = kinds.size === 1 ? (kinds.values().next().value ?? 'unknown') : 'unknown';
    return workloadId({ cluster, namespace, kind, name });
  }

  /** A report that left the labels out says nothing about them: its empty set counts only while there is no other. */
  private podRows(records: readonly PodFacts[]): SeenPod[] {
    const [pod] = records;
    if (pod === undefined) return [];
    const { labelSets, ips } = joinedFacts(records);
    const told = [...labelSets.values()].filter(({ labels }) => labels.size > 0);
    const sets = told.length > 0 ? told : [...labelSets.values()];
    return sets.map((set) => ({
      cluster: this.homeOf(pod),
      namespace: pod.namespace,
      name: pod.name,
      workload: this.workloadOfRecords(pod, records),
      labels: set.labels,
      ips: sortedText(ips.keys()),
      firstSeenAt: set.firstAt,
      lastSeenAt: set.lastAt,
    }));
  }

  /** Endpoints that never had a pod name stand for one pod each, named after their workload. */
  private labelOnlyRows(): SeenPod[] {
    const byPlace = groupedBy(this.labelOnly.values(), ({ endpoint }) =>
      keyIn(this.namedCluster(endpoint.cluster, labelKey(endpoint)), labelKey(endpoint)),
    );
    return byPlace.flatMap((reports) => this.labelOnlyRow(reports));
  }

  private labelOnlyRow(reports: readonly ({ readonly endpoint: FlowEndpoint } & Span)[]): SeenPod[] {
    const [first] = reports;
    if (first === undefined) return [];
    const { endpoint } = first;
    const workload = this.workloadOfLabels(endpoint);
    const ref = workload === undefined ? undefined : parseWorkloadId(workload);
    const named = this.namedCluster(endpoint.cluster, labelKey(endpoint));
    const pods = this.factsOf(this.podsByLabels.get(labelKey(endpoint)));
    if (workload === undefined || ref === undefined || pods.some((pod) => this.mayBeIn(pod, named)))
      return [];
    const { cluster, namespace, name } = ref;
    const ips = sortedText(new Set(reports.flatMap((each) => each.endpoint.ip ?? [])));
    const firstSeenAt = Math.min(...reports.map(({ firstAt }) => firstAt));
    const lastSeenAt = Math.max(...reports.map(({ lastAt }) => lastAt));
    return [{ cluster, namespace, name, workload, labels: endpoint.labels, ips, firstSeenAt, lastSeenAt }];
  }
}
