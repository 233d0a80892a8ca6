import type { SimCluster, SimWorkload, WorkloadKind } from './cluster.ts';
import { type Demand, type Exchange, serviceOf, startDemand } from './demand.ts';
import { serviceLookups } from './dns-names.ts';
import { addressOutside, userAt } from './nodes.ts';
import type { Random } from './random.ts';
import { healthChecks } from './shop.ts';
import type { Actor } from './site.ts';
import { MINUTE_NS, SECOND_NS, type World } from './world.ts';

/** Sizes a generated cluster may have. */
export const MIN_WORKLOADS = 10;
export const MAX_WORKLOADS = 10_000;

const WORKLOADS_PER_NAMESPACE = 12;
const PODS_PER_NODE = 40;
const MAX_SCRAPED = 200;

/** Layers of the call graph: each calls only the layers below it, as in real service graphs. */
const LAYERS = 5;
const PORT_OF_LAYER = [8080, 8080, 9000, 8443, 5432] as const;

/** Nodes that a cluster of this size runs on, at about two pods a workload. */
export const nodesFor = (workloads: number): number =>
  Math.max(3, Math.ceil((workloads * 2) / PODS_PER_NODE));

/** Conversations a minute when nobody sets them. */
export const defaultPaceOf = (workloads: number): number => workloads * 2;

interface Tier {
  readonly layer: number;
  readonly workloads: SimWorkload[];
}

const portOf = (tier: Tier): number => PORT_OF_LAYER[tier.layer] ?? 8080;

/** Ranks are drawn by Zipf's law with exponent 1: the first is asked most. */
const zipfRank = (random: Random, count: number): number =>
  Math.min(count - 1, Math.floor((count + 1) ** random.unit()) - 1);

/** DaemonSets here are of the kind a node selector keeps to a few nodes: they have as many pods as the others. */
const kindOf = (random: Random, layer: number): WorkloadKind => {
  if (layer === LAYERS - 1) return 'StatefulSet';
  return random.chance(0.03) ? 'DaemonSet' : 'Deployment';
};

const NAME_PARTS = [
  'account',
  'order',
  'price',
  'stock',
  'search',
  'media',
  'mail',
  'risk',
  'route',
  'audit',
] as const;

function addWorkload(
  cluster: SimCluster,
  random: Random,
  facts: { readonly index: number; readonly layer: number },
): SimWorkload {
  const { index, layer } = facts;
  const name = `${NAME_PARTS[index % NAME_PARTS.length] ?? 'work'}-${index}`;
  const workload = cluster.addWorkload({
    namespace: `team-${Math.floor(index / WORKLOADS_PER_NAMESPACE)}`,
    kind: kindOf(random, layer),
    name,
    labels: new Map([
      ['app.kubernetes.io/name', name],
      ['tier', `layer-${layer}`],
    ]),
    listens: [PORT_OF_LAYER[layer] ?? 8080, 9090],
  });
  const generation = cluster.newGeneration(workload);
  for (let pods = random.between(1, 3); pods > 0; pods -= 1) cluster.startPod(workload, generation);
  return workload;
}

function addTiers(cluster: SimCluster, random: Random, count: number): readonly Tier[] {
  const tiers: readonly Tier[] = Array.from({ length: LAYERS }, (_, layer) => ({ layer, workloads: [] }));
  for (let index = 0; index < count; index += 1) {
    const layer = index % LAYERS;
    tiers[layer]?.workloads.push(addWorkload(cluster, random, { index, layer }));
  }
  return tiers;
}

/** Each workload calls one to six others below it; the popular ones are called by many. */
function callsOf(
  random: Random,
  tiers: readonly Tier[],
  layer: number,
): readonly (readonly [SimWorkload, number])[] {
  const below = tiers.slice(layer + 1);
  const servers = new Map<SimWorkload, number>();
  for (let calls = random.between(1, 6); calls > 0 && below.length > 0; calls -= 1) {
    const tier = random.pick(below);
    const server = tier.workloads[zipfRank(random, tier.workloads.length)];
    if (server !== undefined) servers.set(server, portOf(tier));
  }
  return [...servers];
}

const REQUEST: Exchange = { kind: 'request' };
const SESSION: Exchange = { kind: 'session', lastsNs: 4 * MINUTE_NS, beatNs: 60 * SECOND_NS };

/** A demand without its pace, and how it weighs against the others. */
interface Want {
  readonly demand: Omit<Demand, 'everyNs' | 'rhythm'>;
  readonly weight: number;
}

function serviceCalls(random: Random, tiers: readonly Tier[]): readonly Want[] {
  return tiers.flatMap((tier) =>
    tier.workloads.flatMap((client) =>
      callsOf(random, tiers, tier.layer).map(([server, port]): Want => {
        const how = port === 5432 ? SESSION : REQUEST;
        const demand = { client, server, port, how, service: serviceOf(server, port), refusedShare: 0.002 };
        return { demand, weight: 0.5 + random.exponential(1) };
      }),
    ),
  );
}

function dnsWants(tiers: readonly Tier[], coredns: SimWorkload): readonly Want[] {
  return tiers.flatMap((tier) =>
    tier.workloads.map((client): Want => {
      const how: Exchange = { kind: 'dns', calls: serviceLookups(client) };
      const demand = { client, server: coredns, port: 53, how, service: serviceOf(coredns, 53) };
      return { demand, weight: 0.7 };
    }),
  );
}

function probeWants(tiers: readonly Tier[]): readonly Want[] {
  return tiers.flatMap((tier) =>
    tier.workloads.map(
      (server): Want => ({
        demand: { client: 'own-node', server, port: portOf(tier), how: REQUEST },
        weight: 0.7,
      }),
    ),
  );
}

/** Users reach the top layer's first workloads; one workload in twenty has a host of its own outside. */
function outsideWants(random: Random, tiers: readonly Tier[]): readonly Want[] {
  const users: Actor = { sites: Array.from({ length: 200 }, (_, i) => userAt(`192.0.2.${i + 10}`)) };
  const [top] = tiers;
  const fronts = top?.workloads.slice(0, Math.max(1, Math.ceil(top.workloads.length / 20))) ?? [];
  const all = tiers.flatMap((tier) => tier.workloads);
  return [
    ...fronts.map(
      (server): Want => ({ demand: { client: users, server, port: 8080, how: REQUEST }, weight: 3 }),
    ),
    ...all
      .filter(() => random.chance(0.05))
      .map((client): Want => {
        const host = addressOutside(`203.0.113.${random.between(1, 254)}`, [443]);
        return { demand: { client, server: { sites: [host] }, port: 443, how: REQUEST }, weight: 0.5 };
      }),
  ];
}

function scrapeWants(tiers: readonly Tier[], prometheus: SimWorkload): readonly Want[] {
  const scraped = tiers.flatMap((tier) => tier.workloads).slice(0, MAX_SCRAPED);
  return scraped.map(
    (server): Want => ({ demand: { client: prometheus, server, port: 9090, how: SESSION }, weight: 0.3 }),
  );
}

function addSystem(cluster: SimCluster): { readonly coredns: SimWorkload; readonly prometheus: SimWorkload } {
  const coredns = cluster.addWorkload({
    namespace: 'kube-system',
    kind: 'Deployment',
    name: 'coredns',
    service: 'kube-dns',
    labels: new Map([['k8s-app', 'kube-dns']]),
    listens: [53],
  });
  const prometheus = cluster.addWorkload({
    namespace: 'monitoring',
    kind: 'StatefulSet',
    name: 'prometheus',
    labels: new Map([['app.kubernetes.io/name', 'prometheus']]),
    listens: [9090],
  });
  const generation = cluster.newGeneration(coredns);
  cluster.startPod(coredns, generation);
  cluster.startPod(coredns, generation);
  cluster.startPod(prometheus, cluster.newGeneration(prometheus));
  return { coredns, prometheus };
}

/**
 * Fills the world with a generated cluster: namespaces of a dozen workloads, a layered call graph, DNS, probes,
 * users, hosts outside and scrapes, at the given pace. CoreDNS and Prometheus count towards the workloads.
 */
export function buildSynthetic(
  world: World,
  random: Random,
  facts: { readonly workloads: number; readonly perMinute: number },
): void {
  const { workloads, perMinute } = facts;
  if (!Number.isInteger(workloads) || workloads < MIN_WORKLOADS || workloads > MAX_WORKLOADS) {
    throw new RangeError(`workloads must be a whole number from ${MIN_WORKLOADS} to ${MAX_WORKLOADS}`);
  }
  const { coredns, prometheus } = addSystem(world.cluster);
  const tiers = addTiers(world.cluster, random, workloads - 2);
  const wants = [
    ...serviceCalls(random, tiers),
    ...dnsWants(tiers, coredns),
    ...probeWants(tiers),
    ...outsideWants(random, tiers),
    ...scrapeWants(tiers, prometheus),
  ];
  const total = wants.reduce((sum, want) => sum + want.weight, 0);
  for (const { demand, weight } of wants) {
    startDemand(world, { ...demand, everyNs: (MINUTE_NS * total) / (weight * perMinute), rhythm: 'random' });
  }
  for (const check of healthChecks(world.cluster.nodes, 10 * SECOND_NS)) startDemand(world, check);
}
