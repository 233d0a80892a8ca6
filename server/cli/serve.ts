import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as breathe, setTimeout as wait } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { emptyCoverage } from '../../collector/main.ts';
import { DEMO_PLAN, playDemo } from '../app/follow-demo.ts';
import { LiveWorkspace } from '../app/live-workspace.ts';
import { judgeProposal } from '../app/proposal-judge.ts';
import { instant, listed, namespacesOf, type ReadingOptions, rangeOf, wantedOf } from './reading.ts';
import { demoSource, fileSource, type ServedSource } from './serve-sources.ts';
import { EXIT, plural, printable, UsageError } from './terminal.ts';
import type { RunningServer, Toolbox } from './toolbox.ts';

const EXAMPLES = `
Examples:
  bulkhead serve                                     the demo on http://127.0.0.1:8080
  bulkhead serve --file events.log                   your own export; the first 80 % of its time is learnt
  bulkhead serve --file 'events*.log.gz' --port 0    a free port, printed at start
  bulkhead serve --file - < events.log

Bulkhead listens on this machine only. For any other address set BULKHEAD_TOKEN to a secret of at least 16 characters,
and name with --allowed-host each name and address under which the page is asked for.

--data holds one ledger for the demo and one for recordings. Recordings of the same cluster, served with the same
--namespace, share in it what people decided about edges, the versions of the baseline and the proposals; an edge whose
finding nobody closed stays held in each of them. Findings are shown where the recording itself shows them. To keep
recordings apart, give each a --data folder of its own.
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
        cluster: wantedOf(options).cluster,
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

const FOLDER_PROBLEMS: Readonly<Record<string, string>> = {
  EEXIST: 'there is a file of that name',
  ENOTDIR: 'a part of its path is a file',
  ENOENT: 'a part of its path can not be made',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
};

async function makeDataFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new UsageError(`--data ${path} can not be used as a folder: ${FOLDER_PROBLEMS[code] ?? message}.`);
  }
}

async function openWorkspace(tools: Toolbox, source: ServedSource, options: ServeOptions) {
  await makeDataFolder(options.data);
  const ledger = await tools.openLedger(join(options.data, `${source.mode}.db`));
  const workspace = new LiveWorkspace(
    {
      mode: source.mode,
      title: source.title,
      ledger,
      hash: tools.hash,
      clock: tools.wallClock,
      proposing: (baseline) => tools.proposing(baseline),
      pace: { monotonicMs: () => tools.terminal.monotonicMs(), breathe: () => breathe() },
      world: source.world,
      sources: source.sources,
      judge: judgeProposal,
    },
    emptyCoverage(),
  );
  return { ledger, workspace };
}

async function train(source: ServedSource, workspace: LiveWorkspace, signal: AbortSignal): Promise<void> {
  try {
    const input = await source.train((window) => workspace.apply(window), signal);
    if (input === undefined) await workspace.skipLearning();
    else await workspace.learn(input);
  } catch (error) {
    // Who asks a server to stop does not wait for what it was about to learn.
    if (!signal.aborted) throw error;
  }
}

function tellProblems(tools: Toolbox, source: ServedSource, workspace: LiveWorkspace): void {
  const { terminal } = tools;
  for (const { problem } of source.sources()) {
    if (problem !== undefined) terminal.err(`bulkhead: ${printable(problem)}\n`);
  }
  const unreadable = workspace.unreadableHistory();
  if (unreadable === 0) return;
  terminal.err(
    `bulkhead: ${plural(unreadable, 'record')} of the ledger can not be read by this version; earlier baselines and proposals in them are left out of the lists.\n`,
  );
}

const isThisMachine = (host: string): boolean => /^(?:localhost|127\..*|\[?::1\]?)$/.test(host);
const isEveryAddress = (host: string): boolean => /^(?:0\.0\.0\.0|\[?::\]?)$/.test(host);

/** Where the page is, and under which names it answers when it can be reached from elsewhere. */
function announce(tools: Toolbox, address: string, { title, host, allowedHost }: Announced): void {
  const { terminal } = tools;
  terminal.out(`bulkhead: ${printable(title)} on ${address}\n`);
  if (isThisMachine(host)) return;
  const names = ['localhost', '127.0.0.1', ...(isEveryAddress(host) ? [] : [host]), ...allowedHost];
  terminal.out(
    `bulkhead: it listens on ${printable(host)} and answers to ${names.map(printable).join(', ')}; name others under which the page may be asked for with --allowed-host\n`,
  );
}

interface Announced extends Pick<ServeOptions, 'host' | 'allowedHost'> {
  readonly title: string;
}

/** Plays what comes after the training window, if anything does, until a signal comes. */
async function play({ replay }: ServedSource, workspace: LiveWorkspace, run: Run): Promise<void> {
  const { signal, speed } = run;
  if (replay === undefined || signal.aborted) return;
  await playDemo(
    replay,
    { ...DEMO_PLAN, speed },
    { step: () => workspace.refresh(), wait: (ms) => wait(ms), isStopped: () => signal.aborted },
  );
}

interface Run {
  readonly signal: AbortSignal;
  readonly speed: number;
}

/** Serves until a signal comes; the page is there while the first flows are still being read. */
async function serve(tools: Toolbox, options: ServeOptions): Promise<void> {
  const source = sourceOf(options);
  await source.check();
  const { ledger, workspace } = await openWorkspace(tools, source, options);
  const { host, port, allowedHost, speed } = options;
  const stop = new AbortController();
  const { signal } = stop;
  const stopping = stopSignal().then(() => {
    workspace.stop();
    stop.abort();
  });
  let server: RunningServer | undefined;
  try {
    server = await tools.startServer({ workspace, host, port, allowedHosts: allowedHost });
    announce(tools, server.address, { title: source.title, host, allowedHost });
    await train(source, workspace, signal);
    tellProblems(tools, source, workspace);
    const playing = play(source, workspace, { signal, speed });
    await Promise.all([stopping, playing]);
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
    .option('--cluster <name>', 'the cluster to look at; flows that name none belong to it')
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
