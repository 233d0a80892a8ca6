import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { compareText } from '#core/order.ts';
import { observerFaults, serveObserver } from '../../collector/main.ts';
import { record } from './demo.ts';
import {
  checkOptions,
  countingNumber,
  faultsOf,
  listenAddress,
  positiveNumber,
  readTls,
  repeated,
  type SimulateOptions,
  spanMs,
  wholeNumber,
} from './simulate-options.ts';
import { stopSignal } from './stop-signal.ts';
import { EXIT, formatCount, jsonText, plural, printable, UsageError } from './terminal.ts';
import type { Toolbox } from './toolbox.ts';

const EXAMPLES = `
Examples:
  bulkhead simulate --serve 127.0.0.1:4245                            the demo shop as a Hubble Relay, live
  bulkhead simulate --serve 127.0.0.1:4245 --speed 60                 its two hours of training in two minutes
  bulkhead simulate --serve 127.0.0.1:4245 --workloads 500 --rate 2000
  bulkhead simulate --serve 127.0.0.1:4245 --file events.log --speed 10
  bulkhead simulate --serve 127.0.0.1:4245 --fault cut=30s,lose=1%    a Relay that breaks off and loses flows
  bulkhead simulate --serve 0.0.0.0:4245 --tls-cert tls.crt --tls-key tls.key --tls-client-ca ca.crt
  bulkhead simulate -o events.log --minutes 30                        the same flows as an export

Whatever speaks Hubble's protocol can read it: bulkhead serve --hubble, hubble observe --server, hubble-ui.

Faults: ${observerFaults.samples.join(', ')}.
`;

type Observer = Awaited<ReturnType<typeof serveObserver>>;
type Served = Parameters<typeof serveObserver>[0];

const MINUTE_MS = 60_000;
/** Of a simulation that is played from its beginning: the shop's training, or half an hour of a generated cluster. */
const PLAYED_BACKLOG_MS = { shop: 140 * MINUTE_MS, generated: 30 * MINUTE_MS };
/** Of one that is at once where it is now: enough to have something to look at. */
const BACKLOG_MS = MINUTE_MS;

function backlogOf({ backlog, speed, workloads }: SimulateOptions): number {
  if (backlog !== undefined) return backlog;
  if (speed === undefined) return BACKLOG_MS;
  return workloads === undefined ? PLAYED_BACKLOG_MS.shop : PLAYED_BACKLOG_MS.generated;
}

const flowsOf = (options: SimulateOptions): Served['flows'] =>
  options.file !== undefined
    ? { inputs: options.file, times: options.now === true ? 'now' : 'recorded' }
    : {
        workloads: options.workloads,
        rate: options.rate,
        backlogMs: backlogOf(options),
        spanMs: options.minutes === undefined ? undefined : options.minutes * MINUTE_MS,
      };

/** Why the server could not start, in one sentence. */
function startProblem(error: unknown, address: string): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof RangeError) return new UsageError(`${message}.`);
  if (code === 'EADDRINUSE')
    return new UsageError(`${address} is taken by another process; choose another port.`);
  if (code === 'EACCES') return new UsageError(`${address} needs more rights; choose a port above 1023.`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new UsageError(`${address} is no address of this machine.`);
  }
  if (code?.startsWith('ERR_OSSL') === true || code?.startsWith('ERR_TLS') === true) {
    return new UsageError(`the certificate, its key or the client authority can not be used: ${message}`);
  }
  return error as Error;
}

async function start(tools: Toolbox, options: SimulateOptions): Promise<Observer> {
  const address = options.serve ?? '';
  const { host, port } = listenAddress(address);
  const faults = faultsOf(options);
  const tls = await readTls(options);
  try {
    return await serveObserver({
      host,
      port,
      flows: flowsOf(options),
      speed: options.speed,
      seed: options.seed,
      role: options.agent === true ? 'agent' : 'relay',
      version: options.serverVersion,
      maxFlows: options.maxFlows,
      tls,
      faults,
      onProblem: (sentence) => tools.terminal.err(`bulkhead: ${printable(sentence)}\n`),
    });
  } catch (error) {
    throw startProblem(error, address);
  }
}

function announce(tools: Toolbox, observer: Observer, options: SimulateOptions): void {
  const { terminal } = tools;
  const host = observer.host.includes(':') ? `[${observer.host}]` : observer.host;
  const address = `${options.tlsCert === undefined ? '' : 'tls://'}${host}:${observer.port}`;
  const what =
    options.file !== undefined
      ? 'recorded flows'
      : options.workloads === undefined
        ? 'the demo shop'
        : `a cluster of ${formatCount(options.workloads)} workloads`;
  terminal.out(`bulkhead: ${what} in Hubble's protocol on ${address}\n`);
  if (options.file !== undefined && options.tlsClientCa === undefined && !isLoopback(observer.host)) {
    terminal.err(
      'bulkhead: whoever reaches this address can read the recording; --tls-client-ca asks for a certificate\n',
    );
  }
}

const isLoopback = (host: string): boolean => /^(?:localhost|127\..*|::1)$/.test(host);

/** What a test that compares needs: each edge of the truth with its counts, in order of its name. */
function truthOf(observer: Observer): unknown {
  const edges = [...(observer.truth?.edges ?? [])].sort(([a], [b]) => compareText(a, b));
  return {
    conversations: observer.truth?.conversationCount ?? 0,
    edges: edges.map(([name, { conversations, outcomes, attackConversations, firstAt, lastAt }]) => ({
      name,
      conversations,
      outcomes,
      attackConversations,
      firstAt,
      lastAt,
    })),
    served: observer.tally(),
  };
}

function report(tools: Toolbox, observer: Observer, options: SimulateOptions): void {
  const { seenFlows, sentMessages, cuts, lost, duplicated, reordered, untold } = observer.tally();
  if (options.json === true) {
    tools.terminal.out(jsonText(observer.tally()));
    return;
  }
  const faults = [
    [cuts, 'streams cut'],
    [lost, 'lost and told of'],
    [untold, 'of unavailable nodes, not told of'],
    [duplicated, 'sent twice'],
    [reordered, 'out of order'],
  ] as const;
  const told = faults.flatMap(([count, what]) => (count === 0 ? [] : [`, ${formatCount(count)} ${what}`]));
  tools.terminal.out(
    `bulkhead: ${plural(seenFlows, 'flow')} received, ${plural(sentMessages, 'message')} sent${told.join('')}\n`,
  );
}

async function writeTruth(path: string, observer: Observer): Promise<void> {
  try {
    await writeFile(path, jsonText(truthOf(observer)));
  } catch (error) {
    throw new UsageError(`--truth ${path} could not be written: ${(error as Error).message}`);
  }
}

async function serve(tools: Toolbox, options: SimulateOptions): Promise<void> {
  const stopping = stopSignal();
  const observer = await start(tools, options);
  announce(tools, observer, options);
  let hasStopped = false;
  const played = observer.played.then(() => {
    if (!hasStopped)
      tools.terminal.err('bulkhead: every flow was played; they stay to be asked for until it is stopped\n');
  });
  try {
    // A source that fails ends the command; one that has come to its end does not.
    await Promise.race([stopping, played.then(() => stopping)]);
  } finally {
    hasStopped = true;
    await observer.close();
  }
  if (options.truth !== undefined) await writeTruth(options.truth, observer);
  report(tools, observer, options);
}

async function write(tools: Toolbox, options: SimulateOptions, output: string): Promise<void> {
  const { seed, minutes, workloads } = options;
  const count = await record(tools, {
    output,
    seed,
    ...(minutes !== undefined && { minutes }),
    ...(workloads !== undefined && { workloads }),
  });
  if (output === '-') return;
  const text = `${plural(count, 'line')} written to ${printable(output)}\n`;
  tools.terminal.out(options.json === true ? jsonText({ lines: count, output, seed }) : text);
}

/** `bulkhead simulate`: a cluster's flows in Hubble's protocol, for whoever has no cluster at hand. */
export function simulateCommand(tools: Toolbox): Command {
  return new Command('simulate')
    .description("serve simulated or recorded flows in Hubble's protocol, or write them as an export")
    .option(
      '--serve <address>',
      'listen here as a Hubble Relay does, e.g. 127.0.0.1:4245; port 0 for a free one',
    )
    .option('-o, --output <file>', 'write an export instead; - for standard output')
    .option('--seed <number>', 'the same seed gives the same cluster, traffic and faults', wholeNumber, 1)
    .option('--workloads <number>', 'a generated cluster of this many workloads (10 to 10000)', wholeNumber)
    .option('--rate <flows>', 'about so many flows a second, with --workloads', positiveNumber)
    .option('--backlog <span>', 'how much lies before now (1m; with --speed the whole story)', spanMs)
    .option('--speed <factor>', 'play the backlog so many times faster than real time', positiveNumber)
    .option('--minutes <number>', 'how much simulated time there is; without end otherwise', countingNumber)
    .option('--file <paths...>', 'serve exports instead: files, globs, folders, or - for standard input')
    .option('--now', 'move the times of a --file so that it begins now')
    .option('--agent', 'answer as the agent of a node does, not as a Relay')
    .option('--server-version <version>', 'speak as Cilium 1.14 to 1.19 does')
    .option('--max-flows <number>', 'flows that are kept for who asks for the past', countingNumber)
    .option('--fault <faults>', 'what goes wrong on purpose, e.g. cut=30s,lose=1% (repeatable)', repeated)
    .option('--tls-cert <file>', 'the certificate of the server, PEM')
    .option('--tls-key <file>', 'its private key, PEM')
    .option('--tls-client-ca <file>', 'let in only clients with a certificate of this authority')
    .option('--truth <file>', 'when it stops, write what really happened, as JSON')
    .option('--json', 'print what was done as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options: SimulateOptions) => {
      checkOptions(options);
      if (options.output === undefined) await serve(tools, options);
      else await write(tools, options, options.output);
      process.exitCode = EXIT.fine;
    });
}
