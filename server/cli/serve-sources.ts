import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { EpochMs } from '#core/flow/time.ts';
import type { EdgeWindow } from '#core/graph/edge-window.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import type { NamespaceName } from '#core/identity/names.ts';
import type { SeenWorld } from '#core/identity/seen-pod.ts';
import {
  type Collected,
  collectDemo,
  collectExports,
  emptySummary,
  type TimeRange,
} from '../../collector/main.ts';
import type { Playable } from '../app/follow-demo.ts';
import type { TrainingInput } from '../app/live-workspace.ts';
import { firstPart, scopeOf } from '../app/scope-of.ts';
import type { SourceStatus } from '../app/workspace.ts';
import { UsageError } from './terminal.ts';

const NOBODY: SeenWorld = { pods: [], namespaces: [], shedPods: 0 };

/** Where the flows of a running server come from. */
export interface ServedSource {
  readonly mode: 'demo' | 'file';
  readonly title: string;
  world(): SeenWorld;
  sources(): readonly SourceStatus[];
  /** Reads what there is to learn from; undefined when there is nothing. Edges go to `send`. */
  train(send: (window: EdgeWindow) => void): Promise<TrainingInput | undefined>;
  /** Plays what comes after; undefined when a file was all there is. */
  readonly replay: Playable | undefined;
  /** Removes what reading left behind. */
  close(): Promise<void>;
}

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

/** Standard input is read twice, so it is kept in a temporary file meanwhile. */
async function spool(input: Readable): Promise<{ path: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-'));
  const path = join(folder, 'stdin.log');
  await pipeline(input, createWriteStream(path, { mode: 0o600 }));
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}

const titleOf = (inputs: readonly string[]): string => {
  const [first = ''] = inputs;
  const name = first === '-' ? 'standard input' : basename(first);
  return inputs.length === 1 ? name : `${name} and ${inputs.length - 1} more`;
};

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
  let removeSpool: (() => Promise<void>) | undefined;

  const finish = ({ failures, summary }: Collected): void => {
    const problem = failures.map(({ message }) => message).join(' ') || undefined;
    status = { ...status, state: summary.flows === 0 ? 'failed' : 'done', problem, summary };
  };
  const inputsOf = async (): Promise<readonly string[]> => {
    if (!options.inputs.includes('-')) return options.inputs;
    const { path, remove } = await spool(options.standardInput);
    removeSpool = remove;
    return options.inputs.map((input) => (input === '-' ? path : input));
  };

  return {
    mode: 'file',
    title,
    world: () => world,
    sources: () => [status],
    async train(send) {
      const inputs = await inputsOf();
      const { cluster, range = {}, namespaces } = options;
      const all = await collectExports(
        {
          inputs,
          cluster,
          range,
          onProgress: ({ bytesRead, bytesTotal }) => {
            status = { ...status, bytesRead, bytesTotal };
          },
        },
        send,
      );
      world = all.world;
      finish(all);
      if (all.summary.flows === 0 && status.problem !== undefined) throw new UsageError(status.problem);
      if (all.summary.flows === 0) return undefined;
      const whole = firstPart(all.coverage.span);
      const window =
        options.trainUntil === undefined ? whole : { from: whole.from, until: options.trainUntil };
      if (window.until <= window.from) throw new UsageError('--train-until lies before the first flow.');
      const builder = new GraphBuilder();
      // A second pass over the window alone, so that counts and verdicts of the baseline are exact.
      const first = await collectExports(
        { inputs, cluster, range: { ...range, until: window.until } },
        (each) => builder.apply(each),
      );
      const scope = scopeOf(first.world, { cluster, namespaces });
      return { graph: builder.snapshot(), world: first.world, coverage: first.coverage, scope, window };
    },
    replay: undefined,
    close: async () => removeSpool?.(),
  };
}
