import { describeManifestProblem, type ManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import type { ClusterFolder } from './connections.ts';
import { plural, printable, type Terminal, UsageError } from './terminal.ts';

/** Problems shown one by one; JSON has all of them. */
const SHOWN_PROBLEMS = 20;

/** Says on standard error what of the manifests could not be read. */
export function tellProblems(terminal: Terminal, problems: readonly ManifestProblem[]): void {
  for (const problem of problems.slice(0, SHOWN_PROBLEMS))
    terminal.err(`bulkhead: ${printable(describeManifestProblem(problem))}\n`);
  const hidden = problems.length - SHOWN_PROBLEMS;
  if (hidden > 0) terminal.err(`bulkhead: and ${plural(hidden, 'more problem')}; --json lists all of them\n`);
}

/** Throws {@link UsageError} for what could not be opened. */
export function refuseUnopened({ files, problems }: Pick<ClusterFolder, 'files' | 'problems'>): void {
  const [first] = problems;
  if (files === 0 && first?.fault === 'unreadable')
    throw new UsageError(`${first.file} could not be read: ${first.detail ?? 'no reason given'}.`);
}

/** The same, and for what holds no manifest. */
export function refuseEmpty(named: string, folder: Pick<ClusterFolder, 'files' | 'problems'>): void {
  refuseUnopened(folder);
  if (folder.files === 0) throw new UsageError(`${named} holds no YAML or JSON file.`);
}
