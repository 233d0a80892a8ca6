import { Command, Option } from 'commander';
import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import { describeManifestProblem, type ManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import { worldOf } from '#core/policy/cluster/model-world.ts';
import {
  type ConnectivityEnd,
  type ConnectivityRow,
  connectivityOf,
} from '#core/policy/connections/connectivity.ts';
import { literalJudge } from '#core/policy/connections/literal-judge.ts';
import { profileNamed } from '#core/policy/literal/profiles.ts';
import type { CniProfile } from '#core/policy/world.ts';
import {
  connectionsJson,
  connectionsText,
  differencesOf,
  differencesText,
  notesOf,
} from './connections-format.ts';
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
  bulkhead connections manifests | grep '=> shop/db'     who reaches the database

It asks the policies alone: what they let through, whether or not anybody listens.
`;

/** Problems shown one by one; JSON has all of them. */
const SHOWN_PROBLEMS = 20;

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
  readonly profile: CniProfile['name'];
  readonly compare?: CniProfile['name'];
  readonly namespace?: readonly string[];
  readonly strict?: boolean;
  readonly json?: boolean;
}

function tellProblems({ terminal }: ConnectionsTools, problems: readonly ManifestProblem[]): void {
  for (const problem of problems.slice(0, SHOWN_PROBLEMS))
    terminal.err(`bulkhead: ${printable(describeManifestProblem(problem))}\n`);
  const hidden = problems.length - SHOWN_PROBLEMS;
  if (hidden > 0) terminal.err(`bulkhead: and ${plural(hidden, 'more problem')}; --json lists all of them\n`);
}

/** Throws {@link UsageError} when there is nobody to ask about. */
function refuseNobody(named: string, { model, problems, files }: ClusterFolder): void {
  if (model.workloads.length > 0) return;
  const [first] = problems;
  if (files === 0 && first?.fault === 'unreadable')
    throw new UsageError(`${first.file} could not be read: ${first.detail ?? 'no reason given'}.`);
  if (files === 0) throw new UsageError(`${named} holds no YAML or JSON file.`);
  throw new UsageError(`no workload could be read from ${plural(files, 'file')} of ${named}.`);
}

const isIn = (end: ConnectivityEnd, namespaces: ReadonlySet<string>): boolean =>
  end.kind === 'workload' && namespaces.has(end.workload.namespace);

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
    allowed: literalJudge(worldOf(model), profile),
    onProgress: (done, total) => progress.steps({ done, total }, 'classes of pods judged'),
  });
  progress.end();
  if (namespaces.size === 0) return rows;
  return rows.filter(({ from, to }) => isIn(from, namespaces) || isIn(to, namespaces));
}

async function run(
  tools: ConnectionsTools,
  paths: readonly string[],
  options: ConnectionsOptions,
): Promise<void> {
  const { terminal } = tools;
  const namespaces = new Set<string>(namespacesOf({ namespace: options.namespace ?? [] }));
  const folder = await tools.readCluster(paths);
  tellProblems(tools, folder.files === 0 ? [] : folder.problems);
  refuseNobody(paths.join(' and '), folder);
  const { model, problems } = folder;
  const asked = { model, namespaces };
  const rows = rowsUnder(tools, profileNamed(options.profile), asked);
  const notes = notesOf(model, rows, profileNamed(options.profile));
  for (const note of notes) terminal.err(`bulkhead: ${printable(note)}\n`);
  const { profile, compare } = options;
  const differences =
    compare &&
    differencesOf(
      { profile, rows },
      { profile: compare, rows: rowsUnder(tools, profileNamed(compare), asked) },
    );
  if (options.json === true)
    terminal.out(connectionsJson({ profile, model, problems, notes, rows, differences }));
  else if (differences === undefined) terminal.out(connectionsText(rows));
  else terminal.out(differencesText(differences));
  process.exitCode = options.strict === true && problems.length > 0 ? EXIT.unusable : EXIT.fine;
}

const NETWORKS: readonly CniProfile['name'][] = ['kubernetes', 'cilium'];

/** `bulkhead connections`: who may talk to whom on what, by the policies of a folder of manifests. */
export function connectionsCommand(tools: ConnectionsTools): Command {
  return new Command('connections')
    .description('list who may talk to whom on what, by the NetworkPolicies of a folder of manifests')
    .argument('<folders...>', 'manifests of one cluster, YAML or JSON; folders or single files')
    .addOption(
      new Option('--profile <network>', 'how the network reads what the specification leaves open')
        .choices(NETWORKS)
        .default('kubernetes'),
    )
    .addOption(
      new Option('--compare <network>', 'list only what this network answers differently').choices(NETWORKS),
    )
    .option('-n, --namespace <name>', 'only what touches this namespace (repeatable)', listed)
    .option('--strict', 'exit with code 2 when a manifest could not be read as it should')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action((paths: string[], options: ConnectionsOptions) => run(tools, paths, options));
}
