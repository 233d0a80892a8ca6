import { accessCluster } from './cluster-access.ts';
import { instant, namespacesOf, rangeOf, wantedOf } from './reading.ts';
import { followedExports, relayTargets } from './relay-flags.ts';
import { liveSource } from './serve-live.ts';
import { DEFAULT_TRAINING_MS, type ServeOptions } from './serve-options.ts';
import { demoSource, fileSource } from './serve-sources.ts';
import type { ServedSource } from './served-source.ts';
import { UsageError } from './terminal.ts';
import type { Toolbox } from './toolbox.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What does not go together is told before anything is read. */
function refuseForLive({ from, until, file, follow, trainFor, trainUntil }: ServeOptions): void {
  if (trainFor !== undefined && trainUntil !== undefined) {
    throw new UsageError('--train-for and --train-until both end the training window: name one of them.');
  }
  if (follow === true && file === undefined) {
    throw new UsageError('--follow needs --file: name the export that is being written.');
  }
  if (from !== undefined || until !== undefined) {
    throw new UsageError('--from and --until are for recordings: what is followed has no end.');
  }
  if (file !== undefined && follow !== true) {
    throw new UsageError('--file beside --hubble needs --follow: a recording has an end, a server has none.');
  }
}

const asksCluster = ({ kubeconfig, context, inCluster }: ServeOptions): boolean =>
  kubeconfig !== undefined || context !== undefined || inCluster === true;

function refuseForRecordings(options: ServeOptions): void {
  const { follow, trainFor, relearn } = options;
  if (asksCluster(options))
    throw new UsageError(
      '--kubeconfig, --context and --in-cluster go with --hubble or --follow: a cluster as it is now says nothing about a recording.',
    );
  if (follow === true) throw new UsageError('--follow needs --file: name the export that is being written.');
  if (trainFor !== undefined || relearn === true) {
    throw new UsageError(
      '--train-for and --relearn are for what is followed (--hubble, or --file with --follow); a recording is split by --train-until.',
    );
  }
}

async function followed(tools: Toolbox, options: ServeOptions, env: Env): Promise<ServedSource | undefined> {
  const isFollowing = options.file !== undefined && options.follow === true;
  const targets = relayTargets(options, options.file === undefined ? env : {});
  if (targets.length === 0 && !isFollowing) return undefined;
  refuseForLive(options);
  return liveSource({
    targets,
    followed: isFollowing ? await followedExports(options.file) : [],
    cluster: wantedOf(options).cluster,
    namespaces: namespacesOf(options),
    trainForMs: options.trainFor ?? DEFAULT_TRAINING_MS,
    trainUntil: instant(options.trainUntil, '--train-until'),
    terminal: tools.terminal,
    watchNamespaces: options.watchNamespace ?? [],
    access: asksCluster(options) ? await accessCluster(tools, options) : undefined,
    wallClock: () => tools.wallClock(),
  });
}

/** Servers and exports that are followed, else a recording, else the demo. Throws a {@link UsageError} for a mistake. */
export async function chooseSource(tools: Toolbox, options: ServeOptions, env: Env): Promise<ServedSource> {
  const live = await followed(tools, options, env);
  if (live !== undefined) return live;
  refuseForRecordings(options);
  if (options.file === undefined) return demoSource();
  return fileSource({
    inputs: options.file,
    cluster: wantedOf(options).cluster,
    range: rangeOf(options),
    namespaces: namespacesOf(options),
    trainUntil: instant(options.trainUntil, '--train-until'),
    standardInput: process.stdin,
  });
}
