import { type Command, InvalidArgumentError } from 'commander';
import { DEMO_PLAN } from '../app/follow-demo.ts';
import { type ClusterFlags, clusterFlagOptions } from './cluster-access.ts';
import { listed, type ReadingOptions } from './reading.ts';
import { type RelayFlags, relayFlagOptions } from './relay-flags.ts';

const EXAMPLES = `
Examples:
  bulkhead serve                                     the demo on http://127.0.0.1:8080
  bulkhead serve --file events.log                   your own export; the first 80 % of its time is learnt
  bulkhead serve --file 'events*.log.gz' --port 0    a free port, printed at start
  bulkhead serve --file - < events.log
  bulkhead serve --hubble localhost:4245             a live cluster, through a port-forward to Relay
  bulkhead serve --hubble tls://relay.example:443 --tls-ca-cert-files ca.crt --train-for 7d
  bulkhead serve --hubble localhost:4245 --kubeconfig ~/.kube/config    with the cluster's inventory: who had which address
  bulkhead serve --file /var/run/cilium/hubble/events.log --follow
  bulkhead serve --file events.log --policies current.yaml    what the cluster has now, to ask about in /api/v1/questions

Bulkhead listens on this machine only. For any other address set BULKHEAD_TOKEN to a secret of at least 16 characters,
and name with --allowed-host each name and address under which the page is asked for.

What is followed (--hubble, --follow) is learnt for --train-for, by the time of the flows; from then on drift is watched
for. Started again with the same --data, it goes on with the baseline it has; --relearn begins anew.
Without --hubble and --file, the environment may name the server, as for Hubble's own UI: FLOWS_API_ADDR,
TLS_TO_RELAY_ENABLED, TLS_RELAY_SERVER_NAME, TLS_RELAY_CA_CERT_FILES, TLS_RELAY_CLIENT_CERT_FILE,
TLS_RELAY_CLIENT_KEY_FILE.

--data holds one ledger for the demo, one for recordings and one for what is followed. Recordings of the same cluster,
served with the same --namespace, share in it what people decided about edges, the versions of the baseline and the
proposals; an edge whose finding nobody closed stays held in each of them. Findings are shown where the recording itself
shows them. To keep recordings apart, give each a --data folder of its own.
`;

/** What the command line says. */
export interface ServeOptions
  extends Pick<ReadingOptions, 'from' | 'until' | 'namespace' | 'cluster'>,
    RelayFlags,
    ClusterFlags {
  readonly inCluster?: true;
  readonly watchNamespace?: readonly string[];
  readonly file?: readonly string[];
  readonly follow?: true;
  readonly host: string;
  readonly port: number;
  readonly allowedHost: readonly string[];
  readonly data: string;
  readonly policies?: string;
  readonly trainUntil?: string;
  /** Milliseconds. */
  readonly trainFor?: number;
  readonly relearn?: true;
  readonly speed: number;
}

/** How long is learnt from what is followed, unless told otherwise: a day, so that nightly jobs are in it. */
export const DEFAULT_TRAINING_MS = 24 * 60 * 60_000;

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

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGEST_MS = 366 * 86_400_000;

/** Milliseconds of a duration as in `90m`, `24h` or `7d`. */
export function durationMs(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?)([smhd])$/.exec(text) ?? [];
  const ms = Number(digits) * (UNIT_MS[unit] ?? 0);
  if (ms < 1000 || ms > LONGEST_MS) {
    throw new InvalidArgumentError('Write it like 90m, 24h or 7d: a second at least, a year at most.');
  }
  return ms;
}

/** Where flows come from. */
const withSourceOptions = (command: Command): Command =>
  command
    .option(
      '--file <paths...>',
      'Hubble exports: files, globs, folders, or - for standard input; the demo without it',
    )
    .option('--follow', 'go on with --file as it is written, across rotation, instead of reading to its end')
    .option('--from <time>', 'leave out flows before this RFC 3339 time')
    .option('--until <time>', 'leave out flows at or after this RFC 3339 time')
    .option('--cluster <name>', 'the cluster to look at; flows that name none belong to it')
    .option(
      '--speed <factor>',
      'how many times faster than real time the demo plays',
      positive,
      DEMO_PLAN.speed,
    );

/** What is learnt. */
const withLearningOptions = (command: Command): Command =>
  command
    .option('-n, --namespace <name>', 'learn and propose for this namespace only (repeatable)', listed)
    .option(
      '--train-until <time>',
      'learn everything before this time instead of the first 80 %, or of --train-for',
    )
    .option(
      '--train-for <duration>',
      'how long to learn from what is followed, as in 90m, 24h or 7d; 24h unless set',
      durationMs,
    )
    .option('--relearn', 'learn anew from what is followed instead of going on with the baseline in --data');

/** Adds the options of `serve` and its examples to a command. */
export function withServeOptions(command: Command): Command {
  const sourced = withSourceOptions(command);
  for (const option of [...relayFlagOptions(), ...clusterFlagOptions()]) sourced.addOption(option);
  sourced
    .option('--in-cluster', 'follow the cluster this runs in, as the service account of its pod')
    .option(
      '--watch-namespace <name>',
      'watch this namespace of the cluster only, for rights in it alone (repeatable)',
      listed,
    );
  return withLearningOptions(sourced)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 for a free one', portNumber, 8080)
    .option(
      '--allowed-host <names...>',
      'names or URLs, beside localhost, under which the page is asked for',
      [],
    )
    .option('--data <folder>', 'where decisions, baselines and findings are kept', 'bulkhead-data')
    .option(
      '--policies <folder>',
      'manifests with the NetworkPolicies the cluster has now, and its workloads if they are in it: what questions are asked about',
    )
    .addHelpText('after', EXAMPLES);
}
