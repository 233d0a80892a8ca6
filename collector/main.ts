import type { Coverage } from '#core/flow/coverage.ts';
import type { SourceSummary } from '#core/flow/source-summary.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { EdgeWindow } from '#core/graph/edge-window.ts';
import type { SeenWorld } from '#core/identity/seen-pod.ts';
import type { SimulationOptions } from '#core/simulation/simulate.ts';
import { feedRecord } from './feed-record.ts';
import { type ClusterAccess as Access, connectCluster as connect } from './inventory/cluster-access.ts';
import type { ClusterChoice } from './inventory/kube-config.ts';
import { createLiveCollector, type LiveCollector as Live, type LiveOptions } from './live-collector.ts';
import type { LiveSourceStatus } from './live-source.ts';
import { createPipeline, PIPELINE_DEFAULTS, type Pipeline } from './pipeline.ts';
import { createReplay, type Replay } from './replay.ts';
import { DEMO_STORY, type RecordedLine, recordDemo } from './sources/demo/recording.ts';
import { expandInputs } from './sources/files/expand-inputs.ts';
import { describeInputFailure, type InputFailure } from './sources/files/input-failure.ts';
import { createHubbleDecoder, type DecodedRecord } from './sources/hubble/decode.ts';
import { ExportTally } from './sources/hubble/export-tally.ts';
import { type FollowedSet as Followed, followedSets } from './sources/hubble/follow-export.ts';
import { FAULT_SAMPLES, parseFaults, parseSpan } from './sources/hubble/observer/fault-plan.ts';
import type { Observer } from './sources/hubble/observer/observer.ts';
import type { ServeObserverOptions } from './sources/hubble/observer/serve-observer.ts';
import { createExportReader, type ReadProgress } from './sources/hubble/read-export.ts';
import { parseRelayAddress } from './sources/hubble/relay/address.ts';
import type { LiveClock, RelayTarget as Target } from './sources/hubble/relay/relay-options.ts';
import { TLS_DEFAULTS, type TlsSettings as Tls } from './sources/hubble/relay/tls-files.ts';

/** `from` is inside, `until` is not; an end left out is open. */
export interface TimeRange {
  readonly from?: EpochMs | undefined;
  readonly until?: EpochMs | undefined;
}

export interface CollectOptions {
  /** Files, globs, folders, or `-` for standard input. */
  readonly inputs: readonly string[];
  /** The cluster of flows that name none. */
  readonly cluster?: string | undefined;
  readonly range?: TimeRange;
  /** Called after each batch, some hundred times a second at most. */
  readonly onProgress?: (progress: ReadProgress) => void;
}

/** Everything that was learnt from the inputs beside the edges. */
export interface Collected {
  readonly coverage: Coverage;
  readonly world: SeenWorld;
  readonly summary: SourceSummary;
  /** One sentence for each input that could not be read, or not to its end. */
  readonly failures: readonly { readonly failure: InputFailure; readonly message: string }[];
  /** Flows outside the range, left out. */
  readonly outsideRange: number;
}

const isInRange = (at: EpochMs, { from, until }: TimeRange): boolean =>
  (from === undefined || at >= from) && (until === undefined || at < until);

/** Feeds decoded records to a pipeline; returns false for a flow outside the range. */
function feed(pipeline: Pipeline, record: DecodedRecord, range: TimeRange): boolean {
  if (record.kind === 'flow' && !record.timeless && !isInRange(record.flow.at, range)) return false;
  feedRecord(pipeline, record);
  return true;
}

/** One sentence for each input when none of them is there to be read; found out without opening any. */
export async function inputProblems(names: readonly string[]): Promise<readonly string[]> {
  const { inputs, failures } = await expandInputs(names);
  return inputs.length > 0 ? [] : failures.map(describeInputFailure);
}

/** Reads exports to their end and sends what became of them. Memory does not grow with the number of flows. */
export async function collectExports(
  options: CollectOptions,
  send: (window: EdgeWindow) => void,
): Promise<Collected> {
  const { inputs, failures } = await expandInputs(options.inputs);
  const pipeline = createPipeline(send, {
    ...PIPELINE_DEFAULTS,
    cluster: options.cluster ?? PIPELINE_DEFAULTS.cluster,
  });
  const reader = createExportReader(inputs);
  let outsideRange = 0;
  for await (const batch of reader.batches()) {
    for (const record of batch.records) if (!feed(pipeline, record, options.range ?? {})) outsideRange += 1;
    options.onProgress?.(reader.progress());
  }
  pipeline.flush();
  return {
    coverage: pipeline.coverage(),
    world: pipeline.world(),
    summary: reader.summary(),
    failures: [...failures, ...reader.failures()].map((failure) => ({
      failure,
      message: describeInputFailure(failure),
    })),
    outsideRange,
  };
}

/** A collector that is fed line by line, as from a live exporter: what the demo replays through. */
export interface LineCollector {
  /** Takes one line of an export; a line that is no record is counted. */
  line(text: string): void;
  /** Sends on the conversations that were last seen before `until`; all of them without it. */
  flush(until?: EpochMs): void;
  coverage(): Coverage;
  world(): SeenWorld;
  /** What was in the lines so far. */
  summary(): SourceSummary;
}

/** Starts a collector for lines of a Hubble export. */
export function collectLines(
  send: (window: EdgeWindow) => void,
  source: { readonly name: string; readonly cluster?: string | undefined },
): LineCollector {
  const cluster = source.cluster ?? PIPELINE_DEFAULTS.cluster;
  const pipeline = createPipeline(send, { ...PIPELINE_DEFAULTS, cluster });
  const decoder = createHubbleDecoder();
  const tally = new ExportTally();
  tally.beginFile(source.name);
  let lines = 0;
  return {
    line(text) {
      lines += 1;
      const record = decoder.decode(text);
      if (record.kind === 'bad') tally.addBad(record, { line: lines, what: record.code });
      else {
        tally.add(record);
        feed(pipeline, record, {});
      }
    },
    flush: (until) => pipeline.flush(until),
    coverage: () => pipeline.coverage(),
    world: () => pipeline.world(),
    summary: () => tally.summary(),
  };
}

/** The summary of a source that has delivered nothing yet. */
export const emptySummary = (): SourceSummary => new ExportTally().summary();

/** The coverage of a source that has delivered nothing yet. */
export const emptyCoverage = (): Coverage => createPipeline(() => undefined).coverage();

export type LiveCollector = Live;
export type LiveStatus = LiveSourceStatus;
/** Time and chance, as sources that go on for ever are given them. */
export type CollectorClock = LiveClock;
export type RelayTarget = Target;
export type TlsSettings = Tls;
/** An export that is being written, with what was rotated away of it. */
export type FollowedSet = Followed;

/** How a server is reached unless told otherwise: the system's authorities, no client certificate. */
export const DEFAULT_TLS: TlsSettings = TLS_DEFAULTS;

/** Reads the address of a server of Hubble's protocol; the error is one sentence that does not repeat the text. */
export const relayAddress = (text: string, withTls: 'tls' | 'as-written') => parseRelayAddress(text, withTls);

/** The exports that these names stand for, and one sentence for each that can not be followed. */
export const exportsToFollow = (names: readonly string[]) => followedSets(names);

/** Collects from servers and from exports that are being written, until it is stopped; nothing begins before `start`. */
export const collectLive = (options: LiveOptions, send: (window: EdgeWindow) => void): LiveCollector =>
  createLiveCollector(options, send);

/** The demo, played through a collector like any other export. */
export interface DemoCollector {
  readonly cluster: string;
  readonly startAt: EpochMs;
  /** When the training phase ends, and the story after it begins. */
  readonly trainedUntil: EpochMs;
  readonly collector: LineCollector;
  readonly replay: Replay;
}

/** Sets the demo up; nothing is played before `replay` is asked to. */
export function collectDemo(
  send: (window: EdgeWindow) => void,
  options: SimulationOptions = DEMO_STORY,
): DemoCollector {
  const recording = recordDemo(options);
  const { clusterName, startAt } = recording.simulation;
  const collector = collectLines(send, { name: 'simulated Hubble export', cluster: clusterName });
  const replay = createReplay(recording, collector);
  return { cluster: clusterName, startAt, trainedUntil: recording.trainedUntil, collector, replay };
}

/** The lines of the demo's export, or of a generated cluster's, in time order and without end. */
export function demoLines(options: Partial<SimulationOptions>): {
  readonly startAt: EpochMs;
  readonly lines: Iterable<RecordedLine>;
} {
  const { simulation, lines } = recordDemo({ ...DEMO_STORY, ...options });
  return { startAt: simulation.startAt, lines };
}

/** Reads the faults of `bulkhead simulate`, as in `cut=30s,lose=1%`, and names all there are. */
export const observerFaults = { parse: parseFaults, parseSpan, samples: FAULT_SAMPLES } as const;

/** Starts an Observer server of simulated or recorded flows; loaded only when somebody asks for one. */
export async function serveObserver(options: ServeObserverOptions): Promise<Observer> {
  const { serveFlows } = await import('./sources/hubble/observer/serve-observer.ts');
  return serveFlows(options);
}

/** A cluster that can be asked: read, watched, or for a dry run; never changed. */
export type ClusterAccess = Access;

/** Reads how a cluster is reached; one sentence when that can not be used. Nothing is asked yet. */
export const connectCluster = (choice: ClusterChoice, agent: string): ReturnType<typeof connect> =>
  connect(choice, agent);
