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
import { connectionsJson, connectionsText, notesOf } from './connections-format.ts';
import { createProgress } from './progress.ts';
import { namespacesOf } from './reading.ts';
import { EXIT, plural, printable, type Terminal, UsageError } from './terminal.ts';

const EXAMPLES = `
Examples:
  bulkhead connections manifests                         who may talk to whom, one line a pair
  bulkhead connections app.yaml policies-out             workloads from one place, policies from another
  bulkhead connections manifests -n shop --json          only what touches one namespace, as JSON
  bulkhead connections manifests --profile cilium        where an ipBlock never matches a pod
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
  readonly namespace?: readonly string[];
  readonly strict?: boolean;
  readonly json?: boolean;
}

const listed = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

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

function rowsFor(
  tools: ConnectionsTools,
  model: ClusterModel,
  options: ConnectionsOptions,
): readonly ConnectivityRow[] {
  const profile = profileNamed(options.profile);
  const progress = createProgress(tools.terminal);
  const rows = connectivityOf({
    model,
    profile,
    allowed: literalJudge(worldOf(model), profile),
    onProgress: (done, total) => progress.steps({ done, total }, 'classes of pods judged'),
  });
  progress.end();
  const wanted = new Set<string>(namespacesOf({ namespace: options.namespace ?? [] }));
  return wanted.size === 0 ? rows : rows.filter(({ from, to }) => isIn(from, wanted) || isIn(to, wanted));
}

/** `bulkhead connections`: who may talk to whom on what, by the policies of a folder of manifests. */
export function connectionsCommand(tools: ConnectionsTools): Command {
  return new Command('connections')
    .description('list who may talk to whom on what, by the NetworkPolicies of a folder of manifests')
    .argument('<folders...>', 'manifests of one cluster, YAML or JSON; folders or single files')
    .addOption(
      new Option('--profile <network>', 'how the network reads what the specification leaves open')
        .choices(['kubernetes', 'cilium'])
        .default('kubernetes'),
    )
    .option('-n, --namespace <name>', 'only what touches this namespace (repeatable)', listed)
    .option('--strict', 'exit with code 2 when a manifest could not be read as it should')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], options: ConnectionsOptions) => {
      namespacesOf({ namespace: options.namespace ?? [] });
      const folder = await tools.readCluster(paths);
      tellProblems(tools, folder.files === 0 ? [] : folder.problems);
      refuseNobody(paths.join(' and '), folder);
      const rows = rowsFor(tools, folder.model, options);
      const notes = notesOf(folder.model, rows, profileNamed(options.profile));
      for (const note of notes) tools.terminal.err(`bulkhead: ${printable(note)}\n`);
      const { model, problems } = folder;
      const shown = { profile: options.profile, model, problems, notes, rows };
      tools.terminal.out(options.json === true ? connectionsJson(shown) : connectionsText(rows));
      process.exitCode = options.strict === true && problems.length > 0 ? EXIT.unusable : EXIT.fine;
    });
}
