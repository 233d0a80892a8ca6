import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import type { Coverage } from '#core/flow/coverage.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { EdgeWindow } from '#core/graph/edge-window.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import type { NamespaceName } from '#core/identity/names.ts';
import type { SeenWorld } from '#core/identity/seen-pod.ts';
import {
  type Collected,
  type CollectOptions,
  collectDemo,
  collectExports,
  emptySummary,
  inputProblems,
  type TimeRange,
} from '../../collector/main.ts';
import type { TrainingInput } from '../app/live-workspace.ts';
import { firstPart, scopeOf } from '../app/scope-of.ts';
import type { SourceStatus } from '../app/workspace.ts';
import type { ServedSource } from './served-source.ts';
import { SpooledInput, STANDARD_INPUT } from './spooled-input.ts';
import { UsageError } from './terminal.ts';

const NOBODY: SeenWorld = { pods: [], namespaces: [], shedPods: 0 };

/** The demo: a simulated shop, exported as Hubble would and read back like any other export. */
export function demoSource(): ServedSource {
  let forward: (window: EdgeWindow) => void = () => undefined;
  const { cluster, startAt, trainedUntil, collector, replay } = collectDemo((window) => forward(window));
  return {
    mode: 'demo',
    title: 'demo shop',
    world: () => collector.world(),
    sources: () => [
      {
        name: 'simulated Hubble export',
        kind: 'demo',
        state: 'live',
        problem: undefined,
        bytesRead: 0,
        bytesTotal: undefined,
        summary: collector.summary(),
      },
    ],
    check: async () => undefined,
    async train(send) {
      const builder = new GraphBuilder();
      forward = (window) => {
        builder.apply(window);
        send(window);
      };
      replay.playUntil(trainedUntil);
      collector.flush();
      forward = send;
      const world = collector.world();
      const scope = scopeOf(world, { cluster });
      const window = { from: startAt, until: trainedUntil };
      return { graph: builder.snapshot(), world, coverage: collector.coverage(), scope, window };
    },
    replay,
    close: async () => undefined,
  };
}

export interface FileSourceOptions {
  readonly inputs: readonly string[];
  readonly cluster?: string | undefined;
  readonly range?: TimeRange;
  /** Learn and propose for these only; empty means all. */
  readonly namespaces: readonly NamespaceName[];
  /** Learn everything before this instant instead of the first part of the time span. */
  readonly trainUntil?: EpochMs | undefined;
  readonly standardInput: Readable;
}

const titleOf = (inputs: readonly string[]): string => {
  const [first = ''] = inputs;
  const name = first === '-' ? STANDARD_INPUT : basename(first);
  return inputs.length === 1 ? name : `${name} and ${inputs.length - 1} more`;
};

/**
 * Learns the first part of a recording. It takes a second pass over that part alone, so that counts and verdicts of the
 * baseline are exact.
 */
async function learnFirstPart(
  { cluster, range, namespaces, trainUntil }: FileSourceOptions,
  { span }: Coverage,
  { inputs, signal }: { readonly inputs: readonly string[]; readonly signal: AbortSignal },
): Promise<TrainingInput> {
  const part = firstPart(span);
  const window = trainUntil === undefined ? part : { from: part.from, until: trainUntil };
  if (window.until <= window.from) throw new UsageError('--train-until lies before the first flow.');
  const builder = new GraphBuilder();
  const { world, coverage } = await collectExports(
    { inputs, cluster, range: { ...range, until: window.until }, onProgress: () => signal.throwIfAborted() },
    (each) => builder.apply(each),
  );
  return {
    graph: builder.snapshot(),
    world,
    coverage,
    scope: scopeOf(world, { cluster, namespaces }),
    window,
  };
}

/** The user's own export: the first part of its time span is learnt, the rest is watched for drift. */
export function fileSource(options: FileSourceOptions): ServedSource {
  const title = titleOf(options.inputs);
  let status: SourceStatus = {
    name: title,
    kind: 'file',
    state: 'reading',
    problem: undefined,
    bytesRead: 0,
    bytesTotal: undefined,
    summary: emptySummary(),
  };
  let world = NOBODY;
  const spooled = new SpooledInput(options.standardInput);

  const finish = ({ failures, summary }: Collected): void => {
    const problem = failures.map(({ message }) => spooled.told(message)).join(' ') || undefined;
    const state = summary.flows === 0 ? 'failed' : 'done';
    status = { ...status, state, problem, summary: spooled.toldSummary(summary) };
  };

  return {
    mode: 'file',
    title,
    world: () => world,
    sources: () => [status],
    async check() {
      const problems = await inputProblems(options.inputs);
      if (problems.length > 0) throw new UsageError(problems.join(' '));
    },
    async train(send, { signal }) {
      const inputs = await spooled.namesFor(options.inputs, signal);
      const { cluster, range = {} } = options;
      const onProgress: CollectOptions['onProgress'] = ({ bytesRead, bytesTotal }) => {
        signal.throwIfAborted();
        status = { ...status, bytesRead, bytesTotal };
      };
      const all = await collectExports({ inputs, cluster, range, onProgress }, send);
      world = all.world;
      finish(all);
      if (all.summary.flows > 0) return learnFirstPart(options, all.coverage, { inputs, signal });
      if (status.problem !== undefined) throw new UsageError(status.problem);
      return undefined;
    },
    replay: undefined,
    close: () => spooled.remove(),
  };
}
