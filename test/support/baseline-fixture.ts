import { createHash } from 'node:crypto';
import type { Baseline, BaselineEdge, EdgeDecision } from '#core/baseline/baseline.ts';
import { learnBaseline } from '#core/baseline/learn.ts';
import type { Scope, TrainingWindow } from '#core/baseline/training-window.ts';
import type { Protocol } from '#core/flow/flow.ts';
import { MINUTE_MS } from '#core/flow/time.ts';
import { type Edge, type EdgeKey, type EdgePort, edgeKey } from '#core/graph/edge.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import { type DnsName, parseNamespaceName, parseObjectName } from '#core/identity/names.ts';
import { type Entity, type Peer, type WorkloadId, workloadId } from '#core/identity/peer.ts';
import type { SeenPod, SeenWorld } from '#core/identity/seen-pod.ts';
import { sortedBy } from '#core/order.ts';
import { flow, run, START, world } from './flows.ts';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** An hour from {@link START}. */
export const WINDOW: TrainingWindow = { from: START, until: START + 60 * MINUTE_MS };

/** A workload with its pods, one row for each set of labels. */
export interface FixtureWorkload {
  readonly id: WorkloadId;
  readonly peer: Peer;
  readonly pods: readonly SeenPod[];
}

export interface WorkloadParts {
  readonly kind?: string;
  readonly cluster?: string;
  /** One set for each pod; one pod labelled `app: <name>` unless told otherwise. */
  readonly labels?: readonly Readonly<Record<string, string>>[];
}

/** `workload('shop/cart')`: a Deployment with one pod. */
export function workload(name: string, parts: WorkloadParts = {}): FixtureWorkload {
  const [namespaceText = '', nameText = ''] = name.split('/');
  const namespace = parseNamespaceName(namespaceText);
  const objectName = parseObjectName(nameText);
  if (namespace === undefined || objectName === undefined) throw new Error(`no workload name: ${name}`);
  const { kind = 'Deployment', cluster = 'default', labels = [{ app: nameText }] } = parts;
  const id = workloadId({ cluster, namespace, kind, name: objectName });
  const pods = labels.map((set, index): SeenPod => {
    const podName = parseObjectName(`${nameText}-${index}`);
    if (podName === undefined) throw new Error(`no pod name: ${nameText}-${index}`);
    return {
      cluster,
      namespace,
      name: podName,
      workload: id,
      labels: new Map(Object.entries(set)),
      ips: [],
      firstSeenAt: WINDOW.from,
      lastSeenAt: WINDOW.until - 1,
    };
  });
  return { id, peer: { kind: 'workload', id }, pods };
}

export const entity = (name: Entity): Peer => ({ kind: 'entity', entity: name });
export const cidr = (text: string): Peer => ({ kind: 'cidr', cidr: text });
export const fqdn = (name: string): Peer => ({ kind: 'fqdn', name: name as DnsName });

type End = FixtureWorkload | Peer;

export interface EdgeParts {
  readonly protocol?: Protocol;
  readonly port?: EdgePort;
  readonly conversations?: number;
  readonly minutes?: number;
  readonly outcomes?: Partial<Edge['outcomes']>;
  readonly counts?: Partial<Edge['conversations']>;
  readonly proofs?: Partial<Edge['proofs']>;
  /** Addresses of the end outside; seen from the start of the window on unless a time is given. */
  readonly addresses?: readonly (string | readonly [ip: string, firstSeenAt: number])[];
  readonly dnsNames?: readonly string[];
  readonly truncated?: Edge['truncated'];
}

const peerOf = (end: End): Peer => ('peer' in end ? end.peer : end);

const SAMPLE = flow(world('192.0.2.1', 40_000), world('192.0.2.2', 80));

/** An edge over TCP 8080, twenty conversations in twenty minutes, seen at both ends and proven by handshakes. */
export function edge(from: End, to: End, parts: EdgeParts = {}): Edge {
  const { protocol = 'TCP', port = 8080, conversations: total = 20, minutes = 20 } = parts;
  const ends = { from: peerOf(from), to: peerOf(to), protocol, port };
  const times = Array.from({ length: minutes }, (_, index) => WINDOW.from + index * MINUTE_MS);
  const addresses = (parts.addresses ?? []).map((each) => {
    const [ip, firstSeenAt] = typeof each === 'string' ? [each, WINDOW.from] : each;
    return [ip, { ip, firstSeenAt, lastSeenAt: WINDOW.until - 1 }] as const;
  });
  return {
    ...ends,
    key: edgeKey(ends),
    conversations: {
      total,
      opened: total,
      answered: total,
      refused: 0,
      proxyLegs: 0,
      atSource: total,
      atDestination: total,
      ...parts.counts,
    },
    outcomes: { forwarded: total, redirected: 0, audited: 0, denied: 0, failed: 0, ...parts.outcomes },
    proofs: {
      handshake: total,
      'reply-mark': 0,
      l7: 0,
      'first-packet': 0,
      listener: 0,
      'stable-port': 0,
      ...parts.proofs,
    },
    firstSeenAt: WINDOW.from,
    lastSeenAt: WINDOW.until - 1,
    minutes: new Map(times.map((at) => [at, { conversations: 1, denied: 0 }])),
    fromPods: new Set(),
    toPods: new Set(),
    addresses: new Map(addresses),
    names: new Set(),
    l7: {
      methods: new Map(),
      paths: new Map(),
      dnsNames: new Map((parts.dnsNames ?? []).map((name) => [name, 1])),
    },
    allowedBy: new Map(),
    deniedBy: new Map(),
    services: new Set(),
    sample: SAMPLE,
    aggregated: 0,
    truncated: parts.truncated ?? new Set(),
  };
}

/** An edge as a person or a rule decided about it. */
export const decided = (
  of: Edge,
  decision: EdgeDecision,
  { actor = 'bulkhead', reason = 'A test says so.' } = {},
): BaselineEdge => ({ edge: of, decision, reason, actor });

export interface BaselineParts {
  readonly workloads: readonly FixtureWorkload[];
  /** An edge alone is accepted by rule. */
  readonly edges: readonly (Edge | BaselineEdge)[];
  readonly scope?: Partial<Scope>;
}

/** A baseline made by hand, whose coverage and readiness are those of nothing. */
export function baselineOf({ workloads, edges, scope }: BaselineParts): Baseline {
  const whole: Scope = { cluster: 'default', namespaces: [], workloads: [], ...scope };
  const world = worldOf(workloads);
  const nothing = learnBaseline({
    graph: new GraphBuilder().snapshot(),
    world,
    coverage: run([]).coverage,
    scope: whole,
    window: WINDOW,
    hash: sha256,
    version: 1,
  });
  const rows = edges.map((each) => ('edge' in each ? each : decided(each, 'accepted')));
  const byKey = new Map(rows.map((row): [EdgeKey, BaselineEdge] => [row.edge.key, row]));
  return { ...nothing, edges: byKey };
}

/** Everybody seen, as a directory would list them. */
export function worldOf(workloads: readonly FixtureWorkload[]): SeenWorld {
  const pods = sortedBy(
    workloads.flatMap((each) => each.pods),
    (pod) => `${pod.namespace}/${pod.name}/${pod.workload}`,
  );
  const names = [...new Set(pods.map((pod) => pod.namespace))].sort();
  const namespaces = names.map((name) => ({
    cluster: 'default',
    name,
    labels: new Map([['kubernetes.io/metadata.name', name as string]]),
  }));
  return { pods, namespaces, shedPods: 0 };
}
