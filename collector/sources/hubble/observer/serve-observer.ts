import type { EpochMs } from '#core/flow/time.ts';
import { type SimulationOptions, simulate } from '#core/simulation/simulate.ts';
import { DEMO_STORY } from '../../demo/recording.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { Pace } from './feed.ts';
import type { ServerTls } from './grpc-server.ts';
import { type Observer, type ObserverRole, startObserver } from './observer.ts';
import { type RecordSource, simulatedSource } from './record-source.ts';
import { recordedSource } from './recorded-source.ts';

/** Flows of a simulated cluster, up to now and on. */
export interface ServedSimulation {
  /** Absent: the demo shop. */
  readonly workloads?: number | undefined;
  /** About so many flows a second; a generated cluster's only. */
  readonly rate?: number | undefined;
  /** How much of it lies before now. */
  readonly backlogMs: number;
  /** How much of it there is in all; absent: it never ends. */
  readonly spanMs?: number | undefined;
}

/** Flows of exports. */
export interface ServedRecording {
  readonly inputs: readonly string[];
  /** Times as recorded, or moved so that the first is now. */
  readonly times: 'recorded' | 'now';
}

/** What to serve, to whom, and what goes wrong with it. */
export interface ServeObserverOptions {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  readonly flows: ServedSimulation | ServedRecording;
  /** Times real time; absent: the backlog is there at once, and the rest comes at its own pace. */
  readonly speed?: number | undefined;
  readonly seed: number;
  readonly role: ObserverRole;
  readonly version?: string | undefined;
  readonly maxFlows?: number | undefined;
  readonly tls?: ServerTls | undefined;
  readonly faults?: FaultPlan;
  /** Told one sentence for each input that can not be read, or not to its end. */
  readonly onProblem: (sentence: string) => void;
}

const MINUTE_MS = 60_000;
/** Sessions last minutes: before the fifth a cluster is not as busy as it will be. */
const SAMPLED = { fromMs: 5 * MINUTE_MS, untilMs: 8 * MINUTE_MS };
const SAMPLED_PACES = [50, 150] as const;

/** Flows a second at so many conversations a minute. */
function sampledRate(options: SimulationOptions): number {
  const startAt = 0;
  let flows = 0;
  for (const event of simulate({ ...options, startAt, until: SAMPLED.untilMs }).events) {
    if (event.kind === 'flow' && event.observation.at >= SAMPLED.fromMs) flows += 1;
  }
  return (flows * 1000) / (SAMPLED.untilMs - SAMPLED.fromMs);
}

/**
 * Conversations a minute that make about so many flows a second. What nodes say to each other adds the same at every
 * pace, so two samples of the same cluster tell both it and what a conversation adds.
 */
function paceFor(rate: number, facts: { readonly seed: number; readonly workloads: number }): number {
  const [slow, fast] = SAMPLED_PACES;
  const rateAt = (conversationsPerMinute: number) => sampledRate({ ...facts, conversationsPerMinute });
  const base = rateAt(slow);
  const perConversation = (rateAt(fast) - base) / (fast - slow);
  return Math.max(1, slow + (rate - base) / Math.max(0.001, perConversation));
}

function simulationOf(flows: ServedSimulation, seed: number, startAt: EpochMs): SimulationOptions {
  const { workloads, rate, spanMs } = flows;
  return {
    ...DEMO_STORY,
    seed,
    startAt,
    ...(spanMs !== undefined && { until: startAt + spanMs }),
    ...(workloads !== undefined && { workloads }),
    ...(workloads !== undefined &&
      rate !== undefined && { conversationsPerMinute: paceFor(rate, { seed, workloads }) }),
  };
}

/** Simulated time begins at a whole millisecond, and never before 1970. */
const backlogStart = (now: EpochMs, backlogMs: number): EpochMs => Math.max(0, Math.round(now - backlogMs));

function simulated(
  flows: ServedSimulation,
  options: ServeObserverOptions,
  now: EpochMs,
): { readonly source: RecordSource; readonly pace: Pace } {
  const startAt = backlogStart(now, flows.backlogMs);
  const source = simulatedSource(simulationOf(flows, options.seed, startAt));
  const { speed } = options;
  return {
    source,
    pace:
      speed === undefined
        ? { speed: 1, from: now, ahead: 'allowed' }
        : { speed, from: startAt, ahead: 'never' },
  };
}

function recorded(
  flows: ServedRecording,
  { speed, onProblem }: ServeObserverOptions,
  now: EpochMs,
): { readonly source: RecordSource; readonly pace: Pace } {
  const shiftTo = flows.times === 'now' ? now : undefined;
  return {
    source: recordedSource({ inputs: flows.inputs, shiftTo, onProblem }),
    pace: { speed: speed ?? 1, from: undefined, ahead: 'allowed' },
  };
}

/**
 * Serves simulated or recorded flows in Hubble's protocol. Rejects with the system's error when the address can not
 * be taken, throws a RangeError for a number of workloads out of range.
 */
export function serveFlows(options: ServeObserverOptions): Promise<Observer> {
  const { flows, host, port, role, seed, tls, faults, version, maxFlows } = options;
  const now = Date.now();
  const { source, pace } = 'inputs' in flows ? recorded(flows, options, now) : simulated(flows, options, now);
  return startObserver({
    host,
    port,
    role,
    seed,
    source,
    pace,
    tls,
    version,
    maxFlows,
    ...(faults !== undefined && { faults }),
  });
}
