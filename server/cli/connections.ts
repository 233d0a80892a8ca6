import { Command, Option } from 'commander';
import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import type { ManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import { type ConnectivityRow, connectivityOf } from '#core/policy/connections/connectivity.ts';
import { portabilityOf } from '#core/policy/connections/portability.ts';
import { portabilityHints } from '#core/policy/connections/portability-hints.ts';
import { NETWORK_NAMES, profileNamed } from '#core/policy/literal/profiles.ts';
import type { CniProfile, NetworkName } from '#core/policy/world.ts';
import { differencesOf, notesOf, rowsIn } from '../app/policy-questions/answers/connections.ts';
import { connectionsJson, connectionsPieces, differencesText } from './connections-format.ts';
import { portabilityJson, portabilityText } from './connections-portability.ts';
import { refuseEmpty, tellProblems } from './manifest-problems.ts';
import { createProgress } from './progress.ts';
import { listed, namespacesOf } from './reading.ts';
import { EXIT, plural, printable, type Terminal, UsageError } from './terminal.ts';

const EXAMPLES = `
Examples:
  bulkhead connections manifests                         who may talk to whom, one line a pair
  bulkhead connections app.yaml policies-out             workloads from one place, policies from another
  bulkhead connections manifests -n shop --json          only what touches one namespace, as JSON
  bulkhead connections manifests --profile cilium        where an ipBlock never matches a pod
  bulkhead connections manifests --compare cilium        only what kubernetes and cilium answer differently
  bulkhead connections manifests --compare all           the same for every network that is known
  bulkhead connections manifests --portable              is this portable? by policy, and what to write instead
  bulkhead connections manifests --portable --fail-on-difference       for CI: exit with code 1 unless it is
  bulkhead connections manifests | grep '=> shop/db'     who reaches the database

It asks the policies alone: what they let through, whether or not anybody listens.
`;

/** A cluster as a folder of manifests describes it. */
export interface ClusterFolder {
  readonly model: ClusterModel;
  readonly problems: readonly ManifestProblem[];
  /** Manifests found, read or not. */
  readonly files: number;
}

/** What the command needs of the outside world. */
export interface ConnectionsTools {
  readonly terminal: Terminal;
  /** Reads folders of manifests, or single files, into one cluster; never fails as a whole. */
  readCluster(paths: readonly string[]): Promise<ClusterFolder>;
}

interface ConnectionsOptions {
  readonly profile: NetworkName;
  readonly compare?: NetworkName | 'all';
  readonly portable?: boolean;
  readonly failOnDifference?: boolean;
  readonly namespace?: readonly string[];
  readonly strict?: boolean;
  readonly json?: boolean;
}

/** Throws {@link UsageError} when there is nobody to ask about. */
function refuseNobody(named: string, { model, problems, files }: ClusterFolder): void {
  if (model.workloads.length > 0) return;
  refuseEmpty(named, { files, problems });
  throw new UsageError(`no workload could be read from ${plural(files, 'file')} of ${named}.`);
}

/** Everybody in one network's reading, or only what touches the namespaces asked for. */
function rowsUnder(
  { terminal }: ConnectionsTools,
  profile: CniProfile,
  { model, namespaces }: { readonly model: ClusterModel; readonly namespaces: ReadonlySet<string> },
): readonly ConnectivityRow[] {
  const progress = createProgress(terminal);
  const rows = connectivityOf({
    model,
    profile,
    onProgress: (done, total) => progress.steps({ done, total }, 'classes of pods judged'),
  });
  progress.end();
  return rowsIn(rows, namespaces);
}

async function run(
  tools: ConnectionsTools,
  paths: readonly string[],
  options: ConnectionsOptions,
): Promise<void> {
  const { terminal } = tools;
  const namespaces = new Set<string>(namespacesOf({ namespace: options.namespace ?? [] }));
  const folder = await tools.readCluster(paths);
  tellProblems(tools.terminal, folder.files === 0 ? [] : folder.problems);
  refuseNobody(paths.join(' and '), folder);
  const { model, problems } = folder;
  const asked = { model, namespaces };
  if (options.portable === true) return runPortable(tools, options, { ...asked, problems });
  const rows = rowsUnder(tools, profileNamed(options.profile), asked);
  const notes = notesOf(model, rows, profileNamed(options.profile));
  for (const note of notes) terminal.err(`bulkhead: ${printable(note)}\n`);
  const { profile } = options;
  const differences = comparedWith(options)?.flatMap((other) =>
    differencesOf({ profile, rows }, { profile: other, rows: rowsUnder(tools, profileNamed(other), asked) }),
  );
  if (options.json === true)
    terminal.out(connectionsJson({ profile, model, problems, notes, rows, differences }));
  else if (differences === undefined) for (const piece of connectionsPieces(rows)) terminal.out(piece);
  else terminal.out(differencesText(differences));
  process.exitCode = exitCode(options, problems, differences?.length ?? 0);
}

/** Found differences count only when that was asked for. */
function exitCode(
  { strict, failOnDifference }: ConnectionsOptions,
  problems: readonly ManifestProblem[],
  differences: number,
): number {
  if (strict === true && problems.length > 0) return EXIT.unusable;
  return failOnDifference === true && differences > 0 ? EXIT.found : EXIT.fine;
}

/** The networks to compare with; undefined when none was asked for. */
const comparedWith = ({ profile, compare }: ConnectionsOptions): readonly NetworkName[] | undefined =>
  compare === 'all' ? NETWORK_NAMES.filter((name) => name !== profile) : compare && [compare];

/** Every network's reading beside the specification's, by the policies that are behind each difference. */
function runPortable(
  { terminal }: ConnectionsTools,
  options: ConnectionsOptions,
  {
    model,
    namespaces,
    problems,
  }: {
    readonly model: ClusterModel;
    readonly namespaces: ReadonlySet<string>;
    readonly problems: readonly ManifestProblem[];
  },
): void {
  const progress = createProgress(terminal);
  const all = portabilityOf({
    model,
    onProgress: (done, total) => progress.steps({ done, total }, 'kinds of pods compared'),
  });
  progress.end();
  const isAsked = (text: string): boolean => namespaces.has(text.slice(0, Math.max(0, text.indexOf('/'))));
  const differences =
    namespaces.size === 0
      ? all
      : all
          .map((each) => ({
            ...each,
            ends: each.ends.filter(({ from, to }) => isAsked(from) || isAsked(to)),
          }))
          .filter(({ ends }) => ends.length > 0);
  const hints = portabilityHints(model);
  if (options.json === true) {
    const shown = { ...portabilityJson(differences, hints), problems };
    terminal.out(`${JSON.stringify(shown, undefined, 2)}\n`);
  } else terminal.out(portabilityText(differences, hints));
  process.exitCode = exitCode(options, problems, differences.length);
}

/** `bulkhead connections`: who may talk to whom on what, by the policies of a folder of manifests. */
export function connectionsCommand(tools: ConnectionsTools): Command {
  return new Command('connections')
    .description('list who may talk to whom on what, by the NetworkPolicies of a folder of manifests')
    .argument('<folders...>', 'manifests of one cluster, YAML or JSON; folders or single files')
    .addOption(
      new Option('--profile <network>', 'how the network reads what the specification leaves open')
        .choices(NETWORK_NAMES)
        .default('kubernetes'),
    )
    .addOption(
      new Option('--compare <network>', 'list only what this network answers differently').choices([
        ...NETWORK_NAMES,
        'all',
      ]),
    )
    .addOption(
      new Option(
        '--portable',
        'compare every network with the specification, by the policies behind each difference',
      ).conflicts('compare'),
    )
    .option('--fail-on-difference', 'exit with code 1 when --compare or --portable finds a difference')
    .option('-n, --namespace <name>', 'only what touches this namespace (repeatable)', listed)
    .option('--strict', 'exit with code 2 when a manifest could not be read as it should')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action((paths: string[], options: ConnectionsOptions) => run(tools, paths, options));
}
