import type { Coverage } from '#core/flow/coverage.ts';
import type { SourceSummary } from '#core/flow/source-summary.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { EdgeWindow } from '#core/graph/edge-window.ts';
import type { SeenWorld } from '#core/identity/seen-pod.ts';
import { createPipeline, PIPELINE_DEFAULTS, type Pipeline } from './pipeline.ts';
import { expandInputs } from './sources/files/expand-inputs.ts';
import { describeInputFailure, type InputFailure } from './sources/files/input-failure.ts';
import { createHubbleDecoder, type DecodedRecord } from './sources/hubble/decode.ts';
import { createExportReader, type ReadProgress } from './sources/hubble/read-export.ts';

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

const SILENT_STATES = new Set(['NODE_UNAVAILABLE', 'NODE_GONE', 'NODE_ERROR']);

const isInRange = (at: EpochMs, { from, until }: TimeRange): boolean =>
  (from === undefined || at >= from) && (until === undefined || at < until);

/** Feeds decoded records to a pipeline; returns false for a flow outside the range. */
function feed(pipeline: Pipeline, record: DecodedRecord, range: TimeRange): boolean {
  if (record.kind === 'flow') {
    if (record.timeless) pipeline.addTimeless(record.flow);
    else if (isInRange(record.flow.at, range)) pipeline.add(record.flow);
    else return false;
  } else if (record.kind === 'lost') pipeline.lost(record.count);
  else if (record.kind === 'node-status') {
    pipeline.nodeStatus(record.nodes, SILENT_STATES.has(record.state) ? 'silent' : 'connected');
  }
  return true;
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
  /** Lines that could not be decoded, by code. */
  bad(): ReadonlyMap<string, number>;
}

/** Starts a collector for lines of a Hubble export. */
export function collectLines(send: (window: EdgeWindow) => void, cluster?: string): LineCollector {
  const pipeline = createPipeline(send, {
    ...PIPELINE_DEFAULTS,
    cluster: cluster ?? PIPELINE_DEFAULTS.cluster,
  });
  const decoder = createHubbleDecoder();
  const bad = new Map<string, number>();
  return {
    line(text) {
      const record = decoder.decode(text);
      if (record.kind === 'bad') bad.set(record.code, (bad.get(record.code) ?? 0) + 1);
      else feed(pipeline, record, {});
    },
    flush: (until) => pipeline.flush(until),
    coverage: () => pipeline.coverage(),
    world: () => pipeline.world(),
    bad: () => bad,
  };
}
