import type { FlowEndpoint } from '#core/flow/flow.ts';
import type { EpochMs } from '#core/flow/time.ts';
import { compareText, sortedBy, sortedText } from '#core/order.ts';
import { LatestReports, type Span, widen } from './latest-reports.ts';
import { type NamespaceName, type ObjectName, parseNamespaceName, parseObjectName } from './names.ts';
import { inferOwner, type Owner, rootOwner } from './owner.ts';
import { type WorkloadId, workloadId } from './peer.ts';
import type { SeenNamespace, SeenPod, SeenWorld } from './seen-pod.ts';

/** What the flows said of one pod; every field is a union, a minimum or a maximum. */
interface PodFacts {
  readonly namespace: NamespaceName;
  readonly name: ObjectName;
  cluster: string | undefined;
  owner: Owner;
  readonly labelSets: Map<string, { readonly labels: ReadonlyMap<string, string> } & Span>;
  readonly ips: Map<string, Span>;
}

export interface DirectoryOptions {
  /** The cluster of flows that name none. */
  readonly cluster: string;
  /** Pods kept at most; those beyond are counted in `shedPods`. */
  readonly maxPods: number;
}

export const DIRECTORY_DEFAULTS: DirectoryOptions = { cluster: 'default', maxPods: 200_000 };

/** Labels that name the application of a pod, the most deliberate first. */
const NAMING_LABELS = ['app.kubernetes.io/name', 'app', 'k8s-app', 'name'] as const;

const labelTexts = new WeakMap<ReadonlyMap<string, string>, string>();

/** One text per set of labels, the same for equal sets. */
function labelText(labels: ReadonlyMap<string, string>): string {
  const known = labelTexts.get(labels);
  if (known !== undefined) return known;
  const text = JSON.stringify(sortedBy(labels, ([key]) => key));
  labelTexts.set(labels, text);
  return text;
}

/** A reported owner beats an inferred one; of two alike the one that sorts first. */
function betterOwner(a: Owner, b: Owner): Owner {
  if (a.isReported !== b.isReported) return a.isReported ? a : b;
  return compareText(`${a.kind}/${a.name}`, `${b.kind}/${b.name}`) <= 0 ? a : b;
}

function reportedOwner(endpoint: FlowEndpoint): Owner | undefined {
  const [first] = sortedBy(endpoint.workloads, (workload) => `${workload.kind}/${workload.name}`);
  const name = first === undefined ? undefined : parseObjectName(first.name);
  return first === undefined || name === undefined || !/^[A-Za-z]{1,63}$/.test(first.kind)
    ? undefined
    : rootOwner(first.kind, name);
}

const podKey = (pod: { readonly namespace: NamespaceName; readonly name: ObjectName }): string =>
  `${pod.namespace}/${pod.name}`;

const labelKey = (endpoint: FlowEndpoint): string =>
  `${endpoint.namespace ?? ''} ${labelText(endpoint.labels)}`;

const smaller = (a: string | undefined, b: string | undefined): string | undefined =>
  a === undefined || (b !== undefined && b < a) ? b : a;

/** A workload whose kind or name a later report corrected. */
export interface WorkloadRename {
  readonly from: WorkloadId;
  readonly to: WorkloadId;
}

/** Who is who, learnt from the endpoints of flows alone. */
export interface Directory {
  observe(endpoint: FlowEndpoint, at: EpochMs): void;
  /** The workload of a pod that was observed. */
  workloadOfPod(namespace: NamespaceName, pod: ObjectName): WorkloadId | undefined;
  /** The only workload whose pods carry exactly these labels, else the one its naming label suggests. */
  workloadOfLabels(endpoint: FlowEndpoint): WorkloadId | undefined;
  /** `namespace/pod` and workload that had this address, when only one pod had it at the time. */
  podOfAddress(ip: string, at: EpochMs): { readonly pod: string; readonly workload: WorkloadId } | undefined;
  isNodeAddress(ip: string): boolean;
  /** Workloads that were already answered for and are known better since the last call. */
  takeRenames(): readonly WorkloadRename[];
  world(): SeenWorld;
}

/** The one label every namespace carries (KEP-2161), whether a flow showed it or not. */
const withNameLabel = (labels: ReadonlyMap<string, string>, name: NamespaceName): Map<string, string> =>
  new Map<string, string>([...labels, ['kubernetes.io/metadata.name', name]]);

/** Unique values by key. */
class MultiIndex {
  private readonly values = new Map<string, Set<string>>();

  add(key: string, value: string): void {
    const known = this.values.get(key);
    if (known === undefined) this.values.set(key, new Set([value]));
    else known.add(value);
  }

  get(key: string): readonly string[] {
    return [...(this.values.get(key) ?? [])];
  }
}

/** An empty directory. Memory grows with pods, label sets and addresses, and is bounded by `maxPods`. */
export const createDirectory = (options: DirectoryOptions = DIRECTORY_DEFAULTS): Directory =>
  new FlowDirectory(options);

class FlowDirectory implements Directory {
  private readonly options: DirectoryOptions;
  private readonly pods = new Map<string, PodFacts>();
  private readonly podsByAddress = new MultiIndex();
  private readonly podsByLabels = new MultiIndex();
  private readonly podsByOwner = new MultiIndex();
  private readonly reportedKinds = new MultiIndex();
  private readonly namespaces = new Map<
    NamespaceName,
    { cluster: string | undefined; labels: Map<string, string> }
  >();
  private readonly nodeAddresses = new Set<string>();
  private readonly labelOnly = new Map<string, { readonly endpoint: FlowEndpoint } & Span>();
  /** The workload last answered for each pod, to tell what a later report corrects. */
  private readonly answered = new Map<string, WorkloadId>();
  private readonly corrected = new Set<string>();
  private readonly latest = new LatestReports();
  private shedPods = 0;

  constructor(options: DirectoryOptions) {
    this.options = options;
  }

  observe(endpoint: FlowEndpoint, at: EpochMs): void {
    if (this.latest.repeats(endpoint, at)) return;
    if (endpoint.namespace === undefined) this.observeNode(endpoint);
    else this.observeNamespaced(endpoint, parseNamespaceName(endpoint.namespace), at);
  }

  workloadOfPod(namespace: NamespaceName, pod: ObjectName): WorkloadId | undefined {
    const facts = this.pods.get(`${namespace}/${pod}`);
    if (facts === undefined) return undefined;
    const workload = this.workloadOf(facts);
    this.answered.set(podKey(facts), workload);
    return workload;
  }

  takeRenames(): readonly WorkloadRename[] {
    const renames = new Map<WorkloadId, WorkloadId>();
    for (const facts of this.factsOf([...this.corrected])) {
      const from = this.answered.get(podKey(facts));
      const to = this.workloadOf(facts);
      if (from === undefined || from === to) continue;
      renames.set(from, to);
      this.answered.set(podKey(facts), to);
    }
    this.corrected.clear();
    return [...renames].map(([from, to]) => ({ from, to }));
  }

  workloadOfLabels(endpoint: FlowEndpoint): WorkloadId | undefined {
    const workloads = new Set(
      this.factsOf(this.podsByLabels.get(labelKey(endpoint))).map((pod) => this.workloadOf(pod)),
    );
    if (workloads.size > 1) return undefined;
    return workloads.values().next().value ?? this.workloadByNamingLabel(endpoint);
  }

  podOfAddress(ip: string, at: EpochMs): { readonly pod: string; readonly workload: WorkloadId } | undefined {
    const known = this.factsOf(this.podsByAddress.get(ip));
    const atTheTime = known.filter((pod) => {
      const span = pod.ips.get(ip);
      return span !== undefined && span.firstAt <= at && at <= span.lastAt;
    });
    const [only] = known.length === 1 ? known : atTheTime.length === 1 ? atTheTime : [];
    return only === undefined ? undefined : { pod: podKey(only), workload: this.workloadOf(only) };
  }

  isNodeAddress(ip: string): boolean {
    return this.nodeAddresses.has(ip);
  }

  world(): SeenWorld {
    const rows = [...[...this.pods.values()].flatMap((pod) => this.podRows(pod)), ...this.labelOnlyRows()];
    const order = (row: SeenPod): string =>
      `${row.cluster}/${row.namespace}/${row.name} ${labelText(row.labels)}`;
    return { pods: sortedBy(rows, order), namespaces: this.namespaceRows(), shedPods: this.shedPods };
  }

  private observeNode(endpoint: FlowEndpoint): void {
    const isNode = endpoint.entities.includes('host') || endpoint.entities.includes('remote-node');
    if (!isNode || endpoint.ip === undefined || this.nodeAddresses.size >= this.options.maxPods) return;
    this.nodeAddresses.add(endpoint.ip);
  }

  private observeNamespaced(endpoint: FlowEndpoint, namespace: NamespaceName | undefined, at: EpochMs): void {
    if (namespace === undefined) return;
    this.observeNamespace(namespace, endpoint);
    const pod = parseObjectName(endpoint.pod ?? '');
    if (pod !== undefined) this.observePod(endpoint, { namespace, name: pod }, at);
    else if (endpoint.pod === undefined && endpoint.labels.size > 0) this.observeLabelOnly(endpoint, at);
  }

  private observeNamespace(name: NamespaceName, endpoint: FlowEndpoint): void {
    const known = this.namespaces.get(name) ?? { cluster: undefined, labels: new Map<string, string>() };
    known.cluster = smaller(known.cluster, endpoint.cluster);
    for (const [key, value] of endpoint.namespaceLabels) {
      const before = known.labels.get(key);
      if (before === undefined || value < before) known.labels.set(key, value);
    }
    this.namespaces.set(name, known);
  }

  private newPod(names: { namespace: NamespaceName; name: ObjectName }): PodFacts | undefined {
    if (this.pods.size >= this.options.maxPods) {
      this.shedPods += 1;
      return undefined;
    }
    const owner = inferOwner(names.name);
    const facts: PodFacts = { ...names, cluster: undefined, owner, labelSets: new Map(), ips: new Map() };
    this.pods.set(podKey(facts), facts);
    this.podsByOwner.add(`${names.namespace}/${owner.name}`, podKey(facts));
    return facts;
  }

  private observePod(
    endpoint: FlowEndpoint,
    names: { namespace: NamespaceName; name: ObjectName },
    at: EpochMs,
  ): void {
    const facts = this.pods.get(podKey(names)) ?? this.newPod(names);
    if (facts === undefined) return;
    facts.cluster = smaller(facts.cluster, endpoint.cluster);
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
    this.podsByLabels.add(`${facts.namespace} ${text}`, podKey(facts));
    return span;
  }

  private observeOwner(facts: PodFacts, reported: Owner | undefined): void {
    if (reported === undefined) return;
    const isNews = facts.owner.kind !== reported.kind || !facts.owner.isReported;
    facts.owner = betterOwner(facts.owner, reported);
    this.podsByOwner.add(`${facts.namespace}/${reported.name}`, podKey(facts));
    this.reportedKinds.add(`${facts.namespace}/${reported.name}`, reported.kind);
    if (!isNews) return;
    this.corrected.add(podKey(facts));
    for (const pod of this.podsByOwner.get(`${facts.namespace}/${reported.name}`)) this.corrected.add(pod);
  }

  private observeAddress(facts: PodFacts, ip: string, at: EpochMs): Span {
    const known = facts.ips.get(ip);
    if (known !== undefined) {
      widen(known, at);
      return known;
    }
    const span = { firstAt: at, lastAt: at };
    facts.ips.set(ip, span);
    this.podsByAddress.add(ip, podKey(facts));
    return span;
  }

  private observeLabelOnly(endpoint: FlowEndpoint, at: EpochMs): void {
    const known = this.labelOnly.get(labelKey(endpoint));
    if (known !== undefined) widen(known, at);
    else if (this.labelOnly.size >= this.options.maxPods) this.shedPods += 1;
    else this.labelOnly.set(labelKey(endpoint), { endpoint, firstAt: at, lastAt: at });
  }

  private factsOf(keys: readonly string[]): PodFacts[] {
    return keys.map((key) => this.pods.get(key)).filter((facts): facts is PodFacts => facts !== undefined);
  }

  private clusterOf(cluster: string | undefined): string {
    return cluster ?? this.options.cluster;
  }

  private kindOf(namespace: string, owner: Owner): string {
    if (owner.isReported) return owner.kind;
    const kinds = this.reportedKinds.get(`${namespace}/${owner.name}`);
    return kinds.length === 1 ? (kinds[0] ?? owner.kind) : owner.kind;
  }

  private workloadOf({ namespace, owner, cluster }: PodFacts): WorkloadId {
    const kind = this.kindOf(namespace, owner);
    return workloadId({ cluster: this.clusterOf(cluster), namespace, kind, name: owner.name });
  }

  /** A workload known by its naming label alone; its kind is what pods of that owner say, when they agree. */
  private workloadByNamingLabel(endpoint: FlowEndpoint): WorkloadId | undefined {
    const namespace = parseNamespaceName(endpoint.namespace ?? '');
    const name = NAMING_LABELS.map((label) => parseObjectName(endpoint.labels.get(label) ?? '')).find(
      (each) => each !== undefined,
    );
    if (namespace === undefined || name === undefined) return undefined;
    const owned = this.factsOf(this.podsByOwner.get(`${namespace}/${name}`)).filter(
      (pod) => pod.owner.name === name,
    );
    const kinds = new Set(owned.map((pod) => this.kindOf(namespace, pod.owner)));
    const kind = kinds.size === 1 ? (kinds.values().next().value ?? 'unknown') : 'unknown';
    return workloadId({ cluster: this.clusterOf(endpoint.cluster), namespace, kind, name });
  }

  /** A report that left the labels out says nothing about them: its empty set counts only while there is no other. */
  private podRows(facts: PodFacts): SeenPod[] {
    const told = [...facts.labelSets.values()].filter(({ labels }) => labels.size > 0);
    const sets = told.length > 0 ? told : [...facts.labelSets.values()];
    return sets.map((set) => ({
      cluster: this.clusterOf(facts.cluster),
      namespace: facts.namespace,
      name: facts.name,
      workload: this.workloadOf(facts),
      labels: set.labels,
      ips: sortedText(facts.ips.keys()),
      firstSeenAt: set.firstAt,
      lastSeenAt: set.lastAt,
    }));
  }

  /** Endpoints that never had a pod name stand for one pod each, named after their workload. */
  private labelOnlyRows(): SeenPod[] {
    return [...this.labelOnly.values()].flatMap(({ endpoint, firstAt, lastAt }) => {
      const namespace = parseNamespaceName(endpoint.namespace ?? '');
      const workload = this.workloadOfLabels(endpoint);
      const name = parseObjectName(workload?.split('/').at(-1) ?? '');
      const hasPods = this.podsByLabels.get(labelKey(endpoint)).length > 0;
      if (namespace === undefined || workload === undefined || name === undefined || hasPods) return [];
      const cluster = this.clusterOf(endpoint.cluster);
      const ips = endpoint.ip === undefined ? [] : [endpoint.ip];
      const { labels } = endpoint;
      return [{ cluster, namespace, name, workload, labels, ips, firstSeenAt: firstAt, lastSeenAt: lastAt }];
    });
  }

  private namespaceRows(): SeenNamespace[] {
    return sortedBy([...this.namespaces], ([name]) => name).map(([name, facts]) => ({
      cluster: this.clusterOf(facts.cluster),
      name,
      labels: new Map(sortedBy(withNameLabel(facts.labels, name), ([key]) => key)),
    }));
  }
}
