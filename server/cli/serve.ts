import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { emptyCoverage } from '../../collector/main.ts';
import { DEMO_PLAN, playDemo } from '../app/follow-demo.ts';
import { LiveWorkspace } from '../app/live-workspace.ts';
import { judgeProposal } from '../app/proposal-judge.ts';
import { instant, listed, namespacesOf, type ReadingOptions, rangeOf } from './reading.ts';
import { demoSource, fileSource, type ServedSource } from './serve-sources.ts';
import { EXIT, printable } from './terminal.ts';
import type { RunningServer, Toolbox } from './toolbox.ts';

const EXAMPLES = `
Examples:
  bulkhead serve                                     the demo on http://127.0.0.1:8080
  bulkhead serve --file events.log                   your own export; the first 80 % of its time is learnt
  bulkhead serve --file 'events*.log.gz' --port 0    a free port, printed at start
  bulkhead serve --file - < events.log

Bulkhead listens on this machine only. For any other address set BULKHEAD_TOKEN to a secret of at least 16 characters.
`;

interface ServeOptions extends Pick<ReadingOptions, 'from' | 'until' | 'namespace' | 'cluster'> {
  readonly file?: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly allowedHost: readonly string[];
  readonly data: string;
  readonly trainUntil?: string;
  readonly speed: number;
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('It must be 0 to 65535.');
  return port;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

const trainUntil = (text: string | undefined): number | undefined => instant(text, '--train-until');

const sourceOf = (options: ServeOptions): ServedSource =>
  options.file === undefined
    ? demoSource()
    : fileSource({
        inputs: options.file,
        cluster: options.cluster,
        range: rangeOf(options),
        namespaces: namespacesOf(options),
        trainUntil: trainUntil(options.trainUntil),
        standardInput: process.stdin,
      });

/** Resolves with the first signal that asks the process to end. */
const stopSignal = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });

async function openWorkspace(tools: Toolbox, source: ServedSource, options: ServeOptions) {
  await mkdir(options.data, { recursive: true });
  const ledger = await tools.openLedger(join(options.data, `${source.mode}.db`));
  const workspace = new LiveWorkspace(
    {
      mode: source.mode,
      title: source.title,
      ledger,
      hash: tools.hash,
      clock: tools.wallClock,
      propose: (baseline) => tools.propose(baseline, () => undefined),
      world: source.world,
      sources: source.sources,
      judge: judgeProposal,
    },
    emptyCoverage(),
  );
  return { ledger, workspace };
}

async function train(source: ServedSource, workspace: LiveWorkspace): Promise<void> {
  const input = await source.train((window) => workspace.apply(window));
  if (input === undefined) await workspace.skipLearning();
  else await workspace.learn(input);
}

/** Serves until a signal comes; the page is there while the first flows are still being read. */
async function serve(tools: Toolbox, options: ServeOptions): Promise<void> {
  const source = sourceOf(options);
  const { ledger, workspace } = await openWorkspace(tools, source, options);
  let server: RunningServer | undefined;
  let isStopped = false;
  const stopping = stopSignal().then(() => {
    isStopped = true;
  });
  try {
    const { host, port, allowedHost: allowedHosts } = options;
    server = await tools.startServer({ workspace, host, port, allowedHosts });
    tools.terminal.out(`bulkhead: ${source.title} on ${server.address}\n`);
    await train(source, workspace);
    for (const { problem } of source.sources()) {
      if (problem !== undefined) tools.terminal.err(`bulkhead: ${printable(problem)}\n`);
    }
    const { replay } = source;
    const step = () => workspace.refresh();
    const pause = (ms: number) => wait(ms);
    const plan = { ...DEMO_PLAN, speed: options.speed };
    const playing =
      replay === undefined
        ? stopping
        : playDemo(replay, plan, { step, wait: pause, isStopped: () => isStopped });
    await Promise.race([stopping, playing]);
    await stopping;
    await playing;
  } finally {
    await server?.close();
    await ledger.close();
    await source.close();
  }
}

/** `bulkhead serve`: the map, on real traffic or on the demo. */
export function serveCommand(tools: Toolbox): Command {
  return new Command('serve')
    .description('show the live map, the baseline and the proposal in a browser')
    .option(
      '--file <paths...>',
      'Hubble exports: files, globs, folders, or - for standard input; the demo without it',
    )
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 for a free one', portNumber, 8080)
    .option(
      '--allowed-host <names...>',
      'names or URLs, beside localhost, under which the page is asked for',
      [],
    )
    .option('--data <folder>', 'where decisions, baselines and findings are kept', 'bulkhead-data')
    .option('--from <time>', 'leave out flows before this RFC 3339 time')
    .option('--until <time>', 'leave out flows at or after this RFC 3339 time')
    .option('-n, --namespace <name>', 'learn and propose for this namespace only (repeatable)', listed)
    .option('--cluster <name>', 'the cluster of flows that name none')
    .option('--train-until <time>', 'learn everything before this time instead of the first 80 %')
    .option(
      '--speed <factor>',
      'how many times faster than real time the demo plays',
      positive,
      DEMO_PLAN.speed,
    )
    .addHelpText('after', EXAMPLES)
    .action(async (options: ServeOptions) => {
      await serve(tools, options);
      process.exitCode = EXIT.fine;
    });
}
