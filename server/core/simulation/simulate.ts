import { type EpochMs, MINUTE_MS } from '#core/flow/time.ts';
import { SimCluster } from './cluster.ts';
import { startDemand } from './demand.ts';
import { type FaultRates, faultyView } from './faults.ts';
import type { SimulationEvent } from './observation.ts';
import { Random } from './random.ts';
import { shopDemands, startShopPods } from './shop.ts';
import { tellShopStory } from './shop-story.ts';
import { addShopWorkloads } from './shop-workloads.ts';
import { buildSynthetic, defaultPaceOf, nodesFor } from './synthetic.ts';
import { type GroundTruth, PHASES, type PhaseName, TruthBook } from './truth.ts';
import { type Phase, World } from './world.ts';

/** 2026-03-02T08:00:00Z, when every simulation begins unless told otherwise. */
export const SIMULATION_START: EpochMs = 1_772_438_400_000;

/** What to simulate. Everything but the seed has a default. */
export interface SimulationOptions {
  /** A whole number; the same seed and options give the same events. */
  readonly seed: number;
  /** Absent: the demo shop with its rollout and attack. 10 to 10 000: a generated cluster of that many workloads. */
  readonly workloads?: number;
  readonly startAt?: EpochMs;
  /** No event at or after this instant; absent: the events never end. */
  readonly until?: EpochMs;
  /** Length of the training phase; 2 hours unless set. */
  readonly trainingMs?: number;
  /** Lengths of the phases after it; 20 minutes each unless set. A generated cluster only trains. */
  readonly rolloutMs?: number;
  readonly attackMs?: number;
  /** Conversations a minute of a generated cluster; two per workload unless set. */
  readonly conversationsPerMinute?: number;
  readonly faults?: Partial<FaultRates>;
}

/** A simulated cluster: what it reports, and what really happened. */
export interface Simulation {
  readonly clusterName: string;
  readonly startAt: EpochMs;
  /** `cluster/node` each. */
  readonly nodes: readonly string[];
  /** How many workloads the cluster has when the story begins. */
  readonly workloadCount: number;
  readonly phases: readonly Phase[];
  /** Grows as events are drawn: it covers what began up to the last one. */
  readonly truth: GroundTruth;
  /** The events in time order, made as they are drawn. A simulation tells its story once. */
  readonly events: Generator<SimulationEvent, void, undefined>;
}

const DEFAULT_FAULTS: FaultRates = {
  lostEventsRate: 0.00008,
  unknownReplyRate: 0.02,
  missingNamesRate: 0.1,
};

/** Streams of the seed; what one decides never shifts what another draws. */
const STREAM = { cluster: 1, traffic: 2, uuids: 3, faults: 4 } as const;

const CLUSTER_NAME = 'demo';
const SHOP_NODES = 3;

function phasesOf(options: SimulationOptions, startAt: EpochMs): readonly Phase[] {
  const isShop = options.workloads === undefined;
  const lengths: Record<PhaseName, number> = {
    training: options.trainingMs ?? 120 * MINUTE_MS,
    rollout: isShop ? (options.rolloutMs ?? 20 * MINUTE_MS) : 0,
    attack: isShop ? (options.attackMs ?? 20 * MINUTE_MS) : 0,
    normal: Number.POSITIVE_INFINITY,
  };
  let from = startAt;
  return PHASES.map((name) => {
    const phase = { name, from, until: from + lengths[name] };
    from = phase.until;
    return phase;
  });
}

function* eventsOf(
  world: World,
  options: SimulationOptions,
  nodes: readonly string[],
): Generator<SimulationEvent, void, undefined> {
  const until = options.until ?? Number.POSITIVE_INFINITY;
  if (world.startAt >= until) return;
  yield { kind: 'node-status', at: world.startAt, atNanos: 0, change: 'connected', nodes };
  const view = faultyView(new Random(options.seed, STREAM.faults), { ...DEFAULT_FAULTS, ...options.faults });
  for (let next = world.nextObservation(); next !== undefined; next = world.nextObservation()) {
    if (next.at >= until) return;
    const event = view(next);
    if (event !== undefined) yield event;
  }
}

/** Sets a simulated cluster up. Pure: the seed decides everything. Throws on a workload count out of range. */
export function simulate(options: SimulationOptions): Simulation {
  const { seed, workloads } = options;
  const startAt = options.startAt ?? SIMULATION_START;
  const phases = phasesOf(options, startAt);
  const cluster = new SimCluster({
    name: CLUSTER_NAME,
    nodeCount: workloads === undefined ? SHOP_NODES : nodesFor(workloads),
    random: new Random(seed, STREAM.cluster),
  });
  const truth = new TruthBook();
  const world = new World({
    cluster,
    phases,
    startAt,
    traffic: new Random(seed, STREAM.traffic),
    uuids: new Random(seed, STREAM.uuids),
    truth,
  });
  if (workloads === undefined) setUpShop(world, phases);
  else {
    const perMinute = options.conversationsPerMinute ?? defaultPaceOf(workloads);
    buildSynthetic(world, new Random(seed, STREAM.cluster + 16), { workloads, perMinute });
  }
  const nodes = cluster.nodes.map((node) => node.absoluteName);
  return {
    clusterName: cluster.name,
    startAt,
    nodes,
    workloadCount: cluster.workloads.size,
    phases,
    truth,
    events: eventsOf(world, options, nodes),
  };
}

function setUpShop(world: World, phases: readonly Phase[]): void {
  const shop = addShopWorkloads(world.cluster);
  startShopPods(world.cluster, shop);
  for (const demand of shopDemands(world.cluster, shop)) startDemand(world, demand);
  tellShopStory(world, shop, phases);
}
