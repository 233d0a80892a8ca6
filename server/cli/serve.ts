import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as breathe, setTimeout as wait } from 'node:timers/promises';
import { Command } from 'commander';
import { emptyCoverage } from '../../collector/main.ts';
import { DEMO_PLAN, playDemo } from '../app/follow-demo.ts';
import { LiveWorkspace } from '../app/live-workspace.ts';
import type { ServedManifests } from '../app/policy-questions/ground.ts';
import { judgeProposal } from '../app/proposal-judge.ts';
import { readPolicyFolder } from './policy-folder.ts';
import { chooseSource } from './serve-choice.ts';
import { type ServeOptions, withServeOptions } from './serve-options.ts';
import type { ServedSource } from './served-source.ts';
import { stopSignal } from './stop-signal.ts';
import { EXIT, plural, printable, UsageError } from './terminal.ts';
import type { RunningServer, Toolbox } from './toolbox.ts';

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

async function train(source: ServedSource, workspace: LiveWorkspace, run: Run): Promise<void> {
  const { signal, relearn } = run;
  try {
    const training = { signal, relearn, host: workspace };
    const input = await source.train((window) => workspace.apply(window), training);
    if (input === undefined) await workspace.skipLearning();
    else await workspace.learn(input);
  } catch (error) {
    // Who asks a server to stop does not wait for what it was about to learn.
    if (!signal.aborted) throw error;
  }
}

function tellProblems(tools: Toolbox, source: ServedSource, workspace: LiveWorkspace): void {
  const { terminal } = tools;
  for (const { problem } of source.mode === 'live' ? [] : source.sources()) {
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

const FRESH_MS = 1000;
/** Share of the time that may go into looking for changes. */
const FRESH_SHARE = 0.1;

/** Shows what arrived about once a second, less often where that takes long; a last time when it is told to stop. */
async function keepFresh(tools: Toolbox, workspace: LiveWorkspace, signal: AbortSignal): Promise<void> {
  const { terminal } = tools;
  for (;;) {
    const beganAt = terminal.monotonicMs();
    await workspace.refresh();
    if (signal.aborted) return;
    const spentMs = terminal.monotonicMs() - beganAt;
    await wait(Math.max(FRESH_MS, spentMs / FRESH_SHARE), undefined, { signal }).catch(() => undefined);
  }
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
  readonly relearn: boolean;
}

async function learnAndPlay(
  tools: Toolbox,
  { source, workspace, run }: { source: ServedSource; workspace: LiveWorkspace; run: Run },
): Promise<void> {
  await train(source, workspace, run);
  tellProblems(tools, source, workspace);
  await play(source, workspace, run);
}

/** The manifests of `--policies`, which must hold a policy: what of them can not be read is told at once. */
async function readPolicies(
  tools: Toolbox,
  { policies }: ServeOptions,
): Promise<ServedManifests | undefined> {
  if (policies === undefined) return undefined;
  await readPolicyFolder(tools, policies);
  return tools.readManifestTexts([policies]);
}

/** Serves until a signal comes; the page is there while the first flows are still being read. */
async function serve(tools: Toolbox, options: ServeOptions): Promise<void> {
  const source = await chooseSource(tools, options, process.env);
  await source.check();
  const policies = await readPolicies(tools, options);
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
    server = await tools.startServer({ workspace, host, port, allowedHosts: allowedHost, policies });
    announce(tools, server.address, { title: source.title, host, allowedHost });
    const run = { signal, speed, relearn: options.relearn === true };
    const fresh = source.mode === 'live' ? keepFresh(tools, workspace, signal) : Promise.resolve();
    await Promise.all([stopping, fresh, learnAndPlay(tools, { source, workspace, run })]);
    await source.close();
    if (source.mode === 'live') await workspace.refresh(); // what the sources still had
  } finally {
    stop.abort(); // what failed must not leave the rest going on
    await source.close();
    await server?.close();
    await ledger.close();
  }
}

/** `bulkhead serve`: the map, on real traffic or on the demo. */
export function serveCommand(tools: Toolbox): Command {
  const command = new Command('serve').description(
    'show the live map, the baseline and the proposal in a browser',
  );
  return withServeOptions(command).action(async (options: ServeOptions) => {
    await serve(tools, options);
    process.exitCode = EXIT.fine;
  });
}
