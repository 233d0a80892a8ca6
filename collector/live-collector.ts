import type { Coverage } from '#core/flow/coverage.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { EdgeWindow } from '#core/graph/edge-window.ts';
import type { SeenWorld } from '#core/identity/seen-pod.ts';
import { feedRecord } from './feed-record.ts';
import {
  type FollowedCluster,
  type FollowedInventory,
  followInventory,
} from './inventory/follow-inventory.ts';
import type { LiveSource, LiveSourceStatus } from './live-source.ts';
import { createPipeline, PIPELINE_DEFAULTS, type Pipeline } from './pipeline.ts';
import type { DecodedRecord } from './sources/hubble/decode.ts';
import { FollowedExport, type FollowedSet } from './sources/hubble/follow-export.ts';
import type { RecordSink } from './sources/hubble/relay/flow-intake.ts';
import type { News } from './sources/hubble/relay/news.ts';
import { RecentFlows } from './sources/hubble/relay/recent-flows.ts';
import type { LiveClock, RelayTarget, RelayTuning } from './sources/hubble/relay/relay-options.ts';
import { RelaySource } from './sources/hubble/relay/relay-source.ts';

export interface LiveOptions {
  readonly targets: readonly RelayTarget[];
  readonly followed: readonly FollowedSet[];
  /** The cluster of flows that name none. */
  readonly cluster?: string | undefined;
  readonly clock: LiveClock;
  /** Told one sentence when a source fails in another way than before, or is connected again. */
  readonly onNews?: (news: News) => void;
  readonly tuning?: RelayTuning;
  /** The cluster whose inventory is followed beside the flows. */
  readonly inventory?: FollowedCluster | undefined;
}

/** Collects from several sources at once, until it is stopped. */
export interface LiveCollector {
  start(): void;
  /** Ends every source and sends on every conversation. */
  stop(): Promise<void>;
  /** Sends on every conversation that is open: the end of a training window. */
  flush(): void;
  /** The data's own clock: the newest flow that is not ahead of this machine's clock; undefined while there is none. */
  now(): EpochMs | undefined;
  coverage(): Coverage;
  world(): SeenWorld;
  statuses(): readonly LiveSourceStatus[];
  /** Undefined where no cluster is followed. */
  readonly inventory: FollowedInventory | undefined;
}

const TICK_MS = 1000;
/** Reports across nodes may be this late (Relay's sort buffer). */
const LATENESS_MS = 10_000;
/** Nothing arrived for so long: what is open will not be added to. */
const IDLE_MS = 15_000;
/** A flow that is further ahead than this comes from a clock that is wrong. */
const AHEAD_MS = 5 * 60_000;
/** A server that is away for so long: its nodes are silent. */
const SILENT_MS = 60_000;

/** The time of the data, as flows tell it. */
class DataClock {
  readonly #clock: LiveClock;
  #newest: EpochMs | undefined = undefined;
  #newestAhead: EpochMs | undefined = undefined;
  #hasArrived = false;
  #arrivedMs = 0;
  #wallMs = 0;

  constructor(clock: LiveClock) {
    this.#clock = clock;
    this.turn();
  }

  /** Reads this machine's clocks; between two turns they stand still. */
  turn(): void {
    this.#wallMs = this.#clock.wallMs();
    if (this.#hasArrived) this.#arrivedMs = this.#clock.monotonicMs();
    this.#hasArrived = false;
  }

  meet(at: EpochMs): void {
    this.#hasArrived = true;
    if (at > this.#wallMs + AHEAD_MS) {
      if (at > (this.#newestAhead ?? 0)) this.#newestAhead = at;
    } else if (this.#newest === undefined || at > this.#newest) this.#newest = at;
  }

  now(): EpochMs | undefined {
    return this.#newest ?? this.#newestAhead;
  }

  /** True when nothing arrived for some time. */
  isIdle(): boolean {
    return this.#clock.monotonicMs() - this.#arrivedMs >= IDLE_MS;
  }
}

/** Notices servers that are away, whose nodes are silent. */
class Absences {
  readonly #pipeline: Pipeline;
  readonly #awaySince = new Map<LiveSource, number>();
  readonly #silent = new Set<LiveSource>();

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
  }

  look(source: LiveSource, nowMs: number): void {
    if (source.isLive()) {
      this.#awaySince.delete(source);
      if (this.#silent.delete(source)) this.#pipeline.nodeStatus(source.status().summary.nodes, 'connected');
      return;
    }
    const since = this.#awaySince.get(source) ?? nowMs;
    this.#awaySince.set(source, since);
    if (nowMs - since < SILENT_MS || this.#silent.has(source)) return;
    this.#silent.add(source);
    this.#pipeline.nodeStatus(source.status().summary.nodes, 'silent');
  }
}

function relaySource(target: RelayTarget, world: Parts, options: LiveOptions): LiveSource {
  const { onNews, tuning } = options;
  const source = new RelaySource(target, onNews === undefined ? world : { ...world, onNews }, tuning);
  return {
    start: () => source.start(),
    stop: async () => source.stop(),
    tick: () => source.tick(),
    isLive: () => source.phase === 'following',
    status() {
      const { phase, ...rest } = source.status();
      const isFailing = phase === 'waiting' || (phase === 'connecting' && rest.problem !== undefined);
      return {
        ...rest,
        kind: 'hubble',
        state: phase === 'following' ? 'live' : isFailing ? 'failed' : 'connecting',
      };
    },
  };
}

interface Parts {
  readonly sink: RecordSink;
  readonly recent: RecentFlows;
  readonly clock: LiveClock;
}

/** One pipeline fed by several sources; a flow that two of them tell counts once. */
export function createLiveCollector(options: LiveOptions, send: (window: EdgeWindow) => void): LiveCollector {
  const { clock, targets, followed, cluster = PIPELINE_DEFAULTS.cluster } = options;
  const told = options.inventory === undefined ? undefined : { cluster: options.cluster };
  const pipeline = createPipeline(send, { ...PIPELINE_DEFAULTS, cluster, inventory: told });
  const inventory =
    options.inventory &&
    followInventory(options.inventory, {
      learn: (news) => pipeline.learn(news),
      tell: (sentence) => options.onNews?.({ state: 'failed', sentence }),
    });
  const dataClock = new DataClock(clock);
  const sink: RecordSink = {
    record(record: DecodedRecord) {
      if (record.kind === 'flow' && !record.timeless) dataClock.meet(record.flow.at);
      feedRecord(pipeline, record);
    },
    shed: (count) => pipeline.lost(BigInt(count)),
  };
  const parts: Parts = { sink, recent: new RecentFlows(), clock };
  const sources: readonly LiveSource[] = [
    ...targets.map((target) => relaySource(target, parts, options)),
    ...followed.map((set) => new FollowedExport(set, parts)),
  ];
  const absences = new Absences(pipeline);
  let timer: NodeJS.Timeout | undefined;

  const tick = (): void => {
    dataClock.turn();
    for (const source of sources) {
      source.tick();
      absences.look(source, clock.monotonicMs());
    }
    const now = dataClock.now();
    if (now === undefined) return;
    if (dataClock.isIdle()) pipeline.flush();
    else pipeline.flush(now - LATENESS_MS);
  };

  return {
    start() {
      inventory?.start();
      for (const source of sources) source.start();
      timer = setInterval(tick, TICK_MS);
    },
    async stop() {
      clearInterval(timer);
      for (const source of sources) await source.stop();
      await inventory?.stop();
      pipeline.flush();
    },
    flush: () => pipeline.flush(),
    now: () => dataClock.now(),
    coverage: () => pipeline.coverage(),
    world: () => pipeline.world(),
    statuses: () => sources.map((source) => source.status()),
    inventory,
  };
}
