import {
  type NamespaceName,
  type ObjectName,
  parseNamespaceName,
  parseObjectName,
} from '#core/identity/names.ts';
import { peerKey, type WorkloadId, workloadId } from '#core/identity/peer.ts';
import { nodeAt } from './nodes.ts';
import type { ObservedEnd } from './observation.ts';
import type { Random } from './random.ts';
import { macOf, type PolicyGate, type SimNode, type Site, site } from './site.ts';

/** The kinds of controller the simulator knows. */
export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'CronJob';

/** What a workload is before it has pods. */
export interface WorkloadPlan {
  readonly namespace: string;
  readonly kind: WorkloadKind;
  readonly name: string;
  /** Labels of the pod template that the data path exports. */
  readonly labels: ReadonlyMap<string, string>;
  readonly serviceAccount?: string;
  readonly listens: readonly number[];
  /** Name of its Service when it differs from the workload's. */
  readonly service?: string;
  readonly ingress?: PolicyGate;
  readonly egress?: PolicyGate;
}

/** A pod: a site with a name. */
export interface SimPod extends Site {
  readonly name: string;
  readonly workload: SimWorkload;
}

/** A workload and its pods that run right now. */
export interface SimWorkload {
  readonly plan: WorkloadPlan;
  readonly id: WorkloadId;
  /** The pods that run; the cluster keeps it current. */
  readonly sites: readonly SimPod[];
  readonly serviceIp: string;
}

/** One generation of a workload's pods: the template they were made from. */
export interface Generation {
  /** Hash of the ReplicaSet, or the number of the Job; empty where pod names carry none. */
  readonly hash: string;
  readonly labels: ReadonlyMap<string, string>;
}

interface OpenWorkload extends SimWorkload {
  readonly sites: SimPod[];
}

const asNamespace = (text: string): NamespaceName => {
  const name = parseNamespaceName(text);
  if (name === undefined) throw new Error(`not a namespace name: ${text}`);
  return name;
};

const asObject = (text: string): ObjectName => {
  const name = parseObjectName(text);
  if (name === undefined) throw new Error(`not an object name: ${text}`);
  return name;
};

/** Identities of pods begin above the reserved ones; the stride scatters them as a real allocator's are. */
const identityAt = (index: number): number =>
  1024 + ((index * 7919) % 64_000) + Math.floor(index / 64_000) * 65_536;

/** Nodes, workloads and pods while the story runs. */
export class SimCluster {
  readonly name: string;
  readonly nodes: readonly SimNode[];
  readonly #random: Random;
  readonly #workloads = new Map<WorkloadId, OpenWorkload>();
  readonly #identities = new Map<string, number>();
  readonly #serviceIps = new Map<string, string>();
  #placed = 0;

  constructor(facts: { readonly name: string; readonly nodeCount: number; readonly random: Random }) {
    this.name = facts.name;
    this.#random = facts.random;
    this.nodes = Array.from({ length: facts.nodeCount }, (_, index) => nodeAt(facts.name, index));
  }

  /** The workloads that exist right now. */
  get workloads(): ReadonlyMap<WorkloadId, SimWorkload> {
    return this.#workloads;
  }

  /** Adds a workload without pods. */
  addWorkload(plan: WorkloadPlan): SimWorkload {
    const id = workloadId({
      cluster: this.name,
      namespace: asNamespace(plan.namespace),
      kind: plan.kind,
      name: asObject(plan.name),
    });
    const workload: OpenWorkload = {
      plan,
      id,
      sites: [],
      serviceIp: this.#serviceIpOf(`${plan.namespace}/${plan.service ?? plan.name}`),
    };
    this.#workloads.set(id, workload);
    return workload;
  }

  /** A new pod template: a fresh hash, and labels laid over the plan's. */
  newGeneration(workload: SimWorkload, labels: Readonly<Record<string, string>> = {}): Generation {
    const hash = workload.plan.kind === 'Deployment' ? this.#random.nameSuffix(9) : '';
    return { hash, labels: new Map([...workload.plan.labels, ...Object.entries(labels)]) };
  }

  /** Starts a pod on the given node, or on the next one in turn. */
  startPod(workload: SimWorkload, generation: Generation, on?: SimNode): SimPod {
    const node = on ?? this.#nextNode();
    const name = this.#podName(workload, generation.hash);
    const pod: SimPod = { ...this.#podSite({ workload, generation, node, name }), name, workload };
    this.#open(workload).sites.push(pod);
    return pod;
  }

  /** Ends a pod; its address goes back to the node. */
  stopPod(pod: SimPod): void {
    const { sites } = this.#open(pod.workload);
    const index = sites.indexOf(pod);
    if (index >= 0) sites.splice(index, 1);
    pod.isGone = true;
    pod.node?.giveBackIp(pod.local.ip);
  }

  /** Workloads behind one Service share its address; DNS has the one every cluster of this range gives it. */
  #serviceIpOf(service: string): string {
    const known = this.#serviceIps.get(service);
    if (known !== undefined) return known;
    const number = this.#serviceIps.size + 20;
    const ip = service === 'kube-system/kube-dns' ? '10.96.0.10' : `10.96.${number >> 8}.${number & 255}`;
    this.#serviceIps.set(service, ip);
    return ip;
  }

  #open(workload: SimWorkload): OpenWorkload {
    const open = this.#workloads.get(workload.id);
    if (open === undefined) throw new Error(`no workload ${workload.id}`);
    return open;
  }

  #nextNode(): SimNode {
    const node = this.nodes[this.#placed % this.nodes.length];
    this.#placed += 1;
    if (node === undefined) throw new Error('a cluster needs a node');
    return node;
  }

  #podName(workload: SimWorkload, hash: string): string {
    const { kind, name } = workload.plan;
    if (kind === 'StatefulSet') return `${name}-${workload.sites.length}`;
    return [name, hash, this.#random.nameSuffix(5)].filter((part) => part !== '').join('-');
  }

  #identityOf(plan: WorkloadPlan, labels: ReadonlyMap<string, string>): number {
    const key = JSON.stringify([plan.namespace, plan.serviceAccount ?? plan.name, ...labels]);
    const known = this.#identities.get(key);
    if (known !== undefined) return known;
    const identity = identityAt(this.#identities.size);
    this.#identities.set(key, identity);
    return identity;
  }

  #podSite(facts: {
    readonly workload: SimWorkload;
    readonly generation: Generation;
    readonly node: SimNode;
    readonly name: string;
  }): Site {
    const { workload, generation, node, name } = facts;
    const { plan } = workload;
    const ip = node.takeIp();
    const remote: ObservedEnd = {
      ip,
      mac: macOf(ip),
      endpointId: undefined,
      identity: this.#identityOf(plan, generation.labels),
      cluster: this.name,
      namespace: plan.namespace,
      pod: name,
      serviceAccount: plan.serviceAccount ?? plan.name,
      workloads: [],
      labels: generation.labels,
      namespaceLabels: new Map([['kubernetes.io/metadata.name', plan.namespace]]),
      entities: [],
      fqdn: undefined,
    };
    const workloads = [{ name: plan.name, kind: plan.kind }];
    const peer = { kind: 'workload', id: workload.id } as const;
    return site({
      node,
      isEndpoint: true,
      truth: { peer, key: peerKey(peer), pod: `${plan.namespace}/${name}`, ip },
      local: { ...remote, endpointId: node.nextEndpointId(), workloads },
      remote,
      ingress: plan.ingress,
      egress: plan.egress,
      listens: new Set(plan.listens),
    });
  }
}
