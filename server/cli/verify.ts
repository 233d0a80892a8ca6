import { Command } from 'commander';
import type { Edge } from '#core/graph/edge.ts';
import { type RecheckResult, recheck } from '#core/policy/certify/recheck.ts';
import { tellEmpty } from './empty-reading.ts';
import { createProgress } from './progress.ts';
import { isRefused, type Reading, type ReadingOptions, readFlows, withReadingOptions } from './reading.ts';
import {
  EXIT,
  formatCount,
  jsonText,
  plural,
  policiesText,
  printable,
  type Terminal,
  UsageError,
} from './terminal.ts';
import type { ExportedFolder, Toolbox } from './toolbox.ts';

const EXAMPLES = `
Examples:
  bulkhead verify policies-out                          each cluster's certificate, against the files as they now stand
  bulkhead verify policies-out/prod-eu                  that of one cluster
  bulkhead verify policies-out --flows today.log        and whether today's traffic would have been admitted

Exit code 1 when a claim of a certificate no longer holds.
`;

interface VerifyOptions extends ReadingOptions {
  readonly flows?: readonly string[];
}

/** What `--flows` names; undefined without it. */
async function freshFlows(tools: Toolbox, options: VerifyOptions): Promise<Reading | undefined> {
  if (options.flows === undefined) return undefined;
  const reading = await readFlows(tools.terminal, options.flows, options);
  tellEmpty(tools.terminal, reading, options);
  return reading;
}

/** A cluster's folder with what became of its certificate; `unreadable` says why there is none. */
type Checked = { readonly dir: string } & (
  | { readonly folder: ExportedFolder; readonly result: RecheckResult }
  | { readonly unreadable: string }
);

function holds(checked: Checked): boolean {
  if ('unreadable' in checked) return false;
  const { folder, result } = checked;
  return folder.failures.length === 0 && result.findings.every(({ severity }) => severity !== 'problem');
}

function textLines(checked: Checked): string[] {
  if ('unreadable' in checked) return [`PROBLEM ${checked.unreadable}`, 'the certificate does not hold'];
  const { folder, result } = checked;
  const told = result.findings.map(
    ({ severity, subject, message }) =>
      `${severity === 'problem' ? 'PROBLEM' : 'note   '} ${subject}: ${message}`,
  );
  const judged = `${policiesText(folder.policies.length)} read, ${formatCount(result.cellsJudged)} cells and ${plural(result.conversationsJudged, 'edge')} judged`;
  return [
    ...folder.failures.map((sentence) => `PROBLEM ${sentence}`),
    ...told,
    ...folder.otherKinds.map((where) => `note    ${where} is no NetworkPolicy; it was not judged`),
    `${holds(checked) ? 'the certificate holds' : 'the certificate does not hold'}: ${judged}`,
  ];
}

function jsonOf(checked: Checked) {
  const [{ dir }, isHeld] = [checked, holds(checked)];
  if ('unreadable' in checked) return { folder: dir, holds: isHeld, failures: [checked.unreadable] };
  const { folder, result } = checked;
  const { cluster } = folder.certificate.scope;
  return { folder: dir, cluster, holds: isHeld, failures: folder.failures, ...result };
}

function judge(tools: Toolbox, folder: ExportedFolder, edges: readonly Edge[] | undefined): RecheckResult {
  const { certificate, policies } = folder;
  const progress = createProgress(tools.terminal);
  const onProgress = (done: number, total: number): void => progress.steps({ done, total }, 'cells judged');
  const request = { certificate, policies, hash: tools.hash, onProgress };
  const result = recheck(edges === undefined ? request : { ...request, edges });
  progress.end();
  return result;
}

/** Reads the folders of clusters. Among several, one that can not be read must not hide what is wrong with the rest. */
async function readAll(tools: Toolbox, dirs: readonly string[]): Promise<(ExportedFolder | string)[]> {
  const read: (ExportedFolder | string)[] = [];
  for (const dir of dirs) {
    try {
      read.push(await tools.readExport(dir));
    } catch (error) {
      if (!(error instanceof UsageError) || dirs.length === 1) throw error;
      read.push(error.message);
    }
  }
  return read;
}

const strayLine = (path: string): string =>
  `PROBLEM ${path}: it lies beside the folders of the clusters, and no certificate is about it.`;

function print(terminal: Terminal, all: readonly Checked[], strays: readonly string[]): void {
  const lines = all.flatMap((checked, index) => {
    const { dir } = checked;
    const cluster = 'folder' in checked ? ` (cluster ${checked.folder.certificate.scope.cluster})` : '';
    return [...(index > 0 ? [''] : []), `${dir}${cluster}`, ...textLines(checked)];
  });
  terminal.out([...lines, ...strays.map(strayLine)].map((line) => `${printable(line)}\n`).join(''));
}

function exitOf(isHeld: boolean, isUnusable: boolean): number {
  if (isUnusable) return EXIT.unusable;
  return isHeld ? EXIT.fine : EXIT.found;
}

/** `bulkhead verify`: checks certificates again, from the policies as they now stand on disk. */
export function verifyCommand(tools: Toolbox): Command {
  const command = new Command('verify')
    .description('check the certificate of each exported cluster against the policies as they now stand')
    .argument('<folder>', 'what `bulkhead propose -o` wrote: all of it, or the folder of one cluster')
    .option('--flows <flows...>', 'also check that these conversations would be admitted')
    .addHelpText('after', EXAMPLES);
  return withReadingOptions(command).action(async (dir: string, options: VerifyOptions) => {
    const { folders, strays } = await tools.findExports(dir);
    const dirs = folders.length === 0 ? [dir] : folders;
    const read = await readAll(tools, dirs);
    const fresh = await freshFlows(tools, options);
    const edges = fresh && [...fresh.graph.edges.values()];
    const all = read.map((folder, index): Checked => {
      const at = { dir: dirs[index] ?? dir };
      return typeof folder === 'string'
        ? { ...at, unreadable: folder }
        : { ...at, folder, result: judge(tools, folder, edges) };
    });
    const isHeld = strays.length === 0 && all.every(holds);
    if (options.json !== true) print(tools.terminal, all, strays);
    else tools.terminal.out(jsonText({ holds: isHeld, strays, clusters: all.map(jsonOf) }));
    const isUnusable = fresh !== undefined && isRefused(fresh, options);
    process.exitCode = exitOf(isHeld, isUnusable);
  });
}
