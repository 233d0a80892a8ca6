import { learnBaseline } from '#core/baseline/learn.ts';
import { MINUTE_MS } from '#core/flow/time.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import { SimCluster, type SimWorkload } from '#core/simulation/cluster.ts';
import { type Exchange, serviceOf, startDemand } from '#core/simulation/demand.ts';
import { serviceLookups } from '#core/simulation/dns-names.ts';
import { faultyView } from '#core/simulation/faults.ts';
import { Random } from '#core/simulation/random.ts';
import { SIMULATION_START } from '#core/simulation/simulate.ts';
import { TruthBook } from '#core/simulation/truth.ts';
import { MINUTE_NS, SECOND_NS, World } from '#core/simulation/world.ts';
import { collectLines } from '../../collector/main.ts';
import { createHubbleEncoder } from '../../collector/sources/hubble/encode.ts';
import { scopeOf } from '../../server/app/scope-of.ts';
import { sha256 } from './baseline-fixture.ts';

/** Who connects to whom on which port of the pods. */
export interface AppEdge {
  readonly from: string;
  readonly to: string;
  readonly port: number;
}

const CLUSTER = 'boutique';
const RECORDED_MS = 60 * MINUTE_MS;
const NO_FAULTS = { lostEventsRate: 0, unknownReplyRate: 0, missingNamesRate: 0 };
const SESSION: Exchange = { kind: 'session', lastsNs: 4 * MINUTE_NS, beatNs: 20 * SECOND_NS };
const REDIS_PORT = 6379;

function addPods(cluster: SimCluster, workload: SimWorkload, replicas: number): void {
  const generation = cluster.newGeneration(workload);
  for (let pods = 0; pods < replicas; pods += 1) cluster.startPod(workload, generation);
}

/** The Deployments of a model with the labels of their templates and the ports of their containers. */
function addWorkloads(cluster: SimCluster, model: ClusterModel): ReadonlyMap<string, SimWorkload> {
  const found = new Map<string, SimWorkload>();
  for (const { pod, workload: index } of model.pods) {
    const owner = model.workloads[index];
    if (owner === undefined || found.has(owner.name)) continue;
    const workload = cluster.addWorkload({
      namespace: owner.namespace,
      kind: 'Deployment',
      name: owner.name,
      labels: new Map(pod.labels),
      listens: owner.ports.map(({ port }) => port),
    });
    addPods(cluster, workload, 2);
    found.set(owner.name, workload);
  }
  return found;
}

function addResolver(cluster: SimCluster): SimWorkload {
  const coredns = cluster.addWorkload({
    namespace: 'kube-system',
    kind: 'Deployment',
    name: 'coredns',
    service: 'kube-dns',
    labels: new Map([['k8s-app', 'kube-dns']]),
    listens: [53],
  });
  addPods(cluster, coredns, 2);
  return coredns;
}

function startTraffic(
  world: World,
  workloads: ReadonlyMap<string, SimWorkload>,
  edges: readonly AppEdge[],
): void {
  const coredns = addResolver(world.cluster);
  const of = (name: string): SimWorkload => {
    const workload = workloads.get(name);
    if (workload === undefined) throw new Error(`the manifests have no ${name}`);
    return workload;
  };
  const common = { everyNs: 30 * SECOND_NS, rhythm: 'random' } as const;
  for (const { from, to, port } of edges) {
    const [client, server] = [of(from), of(to)];
    const how: Exchange = port === REDIS_PORT ? SESSION : { kind: 'request' };
    startDemand(world, { ...common, client, server, port, how, service: serviceOf(server, port) });
    startDemand(world, { ...common, client: 'own-node', server, port, how: { kind: 'request' } });
  }
  for (const name of new Set(edges.map(({ from }) => from))) {
    const calls = edges.filter(({ from }) => from === name).flatMap(({ to }) => serviceLookups(of(to)));
    const how: Exchange = { kind: 'dns', calls };
    const service = serviceOf(coredns, 53);
    startDemand(world, { ...common, client: of(name), server: coredns, port: 53, how, service });
  }
}

function worldFor(model: ClusterModel, edges: readonly AppEdge[]): World {
  const cluster = new SimCluster({ name: CLUSTER, nodeCount: 3, random: new Random(1, 1) });
  const world = new World({
    cluster,
    phases: [{ name: 'training', from: SIMULATION_START, until: Number.POSITIVE_INFINITY }],
    startAt: SIMULATION_START,
    traffic: new Random(1, 2),
    uuids: new Random(1, 3),
    truth: new TruthBook(),
  });
  startTraffic(world, addWorkloads(cluster, model), edges);
  return world;
}

/** An hour of traffic on these edges, with lookups and probes, as a Hubble export. */
function* linesOf(model: ClusterModel, edges: readonly AppEdge[]): Generator<string> {
  const world = worldFor(model, edges);
  const encode = createHubbleEncoder();
  const view = faultyView(new Random(1, 4), NO_FAULTS);
  const until = SIMULATION_START + RECORDED_MS;
  for (let next = world.nextObservation(); next !== undefined; next = world.nextObservation()) {
    if (next.at >= until) return;
    const event = view(next);
    if (event !== undefined) yield encode(event);
  }
}

/** What is learnt from an hour of traffic on these edges between the workloads of a model. */
export function learnFromTraffic(model: ClusterModel, edges: readonly AppEdge[]) {
  const builder = new GraphBuilder();
  const collector = collectLines((window) => builder.apply(window), { name: CLUSTER, cluster: CLUSTER });
  for (const line of linesOf(model, edges)) collector.line(line);
  collector.flush();
  const world = collector.world();
  return learnBaseline({
    graph: builder.snapshot(),
    world,
    coverage: collector.coverage(),
    scope: scopeOf(world, { cluster: CLUSTER }),
    window: { from: SIMULATION_START, until: SIMULATION_START + RECORDED_MS },
    hash: sha256,
    version: 1,
  });
}
