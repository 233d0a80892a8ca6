import { Command } from 'commander';
import type { Baseline } from '#core/baseline/baseline.ts';
import { touchesScope } from '#core/baseline/training-window.ts';
import type { Extra } from '#core/policy/certificate.ts';
import {
  coverageText,
  describeExtra,
  extraKindsText,
  tightnessText,
} from '#core/policy/describe-certificate.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import { clustersOf, scopeOf } from '../app/scope-of.ts';
import { readBaseline } from './baseline-file.ts';
import { tellEmpty } from './empty-reading.ts';
import {
  type LearningOptions,
  learnFrom,
  learnScope,
  printBaseline,
  withScopeOptions,
  workloadsOf,
} from './learn.ts';
import { createProgress } from './progress.ts';
import { isRefused, namespacesOf, type Reading, readFlows, withReadingOptions } from './reading.ts';
import { EXIT, formatCount, jsonText, plural, printable, type Terminal, UsageError } from './terminal.ts';
import type { ExportOutcome, Toolbox } from './toolbox.ts';

const EXAMPLES = `
Examples:
  bulkhead propose events.log -o policies-out
  bulkhead propose 'events*.log.gz' -n shop -n data -o policies-out
  bulkhead propose --baseline baseline.yaml -o policies-out      with the decisions made in the file
  bulkhead propose events.log --prune -o policies-out            lists stale files, and deletes them

Input of several clusters gives a proposal for each, unless --cluster names one. Everything of a cluster is in
<folder>/<cluster>/: policies by namespace, kustomization.yaml, default-deny, certificate.json and REPORT.md.
`;

interface ProposeOptions extends LearningOptions {
  readonly output: string;
  readonly baseline?: string;
  readonly force?: boolean;
  readonly prune?: boolean;
}

const extraLine = (extra: Extra): string =>
  `  ${extra.kind === 'collision' ? 'collision' : 'extra'}: ${describeExtra(extra)}, by ${extra.admittedBy.join(' and ')}: ${extra.why}`;

function proofLines({ certificate, policies, warnings }: Proposal): string[] {
  const { totals, conversations, extras } = certificate;
  if (totals.trainingEdges === 0) {
    return [
      'nothing to propose: no conversation was let through, so there is nothing a rule could rest on (see REPORT.md)',
    ];
  }
  const missing = conversations.filter(({ admitted }) => !admitted);
  const kinds = extras.length === 0 ? '' : `: ${extraKindsText(extras)}`;
  return [
    `${plural(policies.length, 'policy').replace('policys', 'policies')}, ${plural(totals.rules, 'rule')}; pairs that could talk: ${formatCount(totals.pairsBefore)} before, ${formatCount(totals.pairsAfter)} after`,
    `coverage ${coverageText(totals)}: ${formatCount(totals.admittedConversations)} of ${plural(totals.trainingConversations, 'training conversation')} admitted`,
    `tightness ${tightnessText(totals)}: ${plural(extras.length, 'extra')} admitted that nobody saw${kinds}`,
    ...extras.filter(({ kind }) => kind !== 'declared').map(extraLine),
    ...(missing.length === 0 ? [] : [`${plural(missing.length, 'training edge')} not admitted:`]),
    ...missing.map(
      ({ line, reason, note }) => `  ${line} (${reason}${note === undefined ? '' : `: ${note}`})`,
    ),
    ...[...warnings, ...policies.flatMap((policy) => policy.warnings)].map(
      ({ message }) => `warning: ${message}`,
    ),
  ];
}

function fileLines({ folder, ...files }: ExportOutcome): string[] {
  const counts = (['created', 'updated', 'unchanged', 'deleted'] as const)
    .filter((fate) => fate !== 'deleted' || files.deleted.length > 0)
    .map((fate) => `${formatCount(files[fate].length)} ${fate === 'created' ? 'new' : fate}`);
  return [
    `${folder}: ${counts.join(', ')}`,
    ...files.handEdited.map((path) => `  edited by hand, left as it is (--force overwrites it): ${path}`),
    ...files.stale.map((path) => `  of an earlier export, kept (--prune deletes it): ${path}`),
  ];
}

function print(terminal: Terminal, lines: readonly string[]): void {
  terminal.out(lines.map((line) => `${printable(line)}\n`).join(''));
}

/** What `--json` prints of a cluster. */
function jsonOf(proposal: Proposal, files: ExportOutcome) {
  const { id, baseline, warnings, certificate } = proposal;
  const { scope, totals, extras, conversations, blindSpots } = certificate;
  const notAdmitted = conversations.filter(({ admitted }) => !admitted);
  const { cluster } = scope;
  return { cluster, id, baseline, totals, notAdmitted, extras, warnings, blindSpots, files };
}

const hasTraining = ({ scope, edges }: Baseline): boolean =>
  [...edges.values()].some(({ edge }) => touchesScope(scope, edge.from, edge.to));

/** A baseline for the cluster that was asked for, else for each of which a conversation was let through. */
function baselinesFrom(tools: Toolbox, reading: Reading, options: ProposeOptions): readonly Baseline[] {
  const clusters = clustersOf(reading.world);
  if (options.cluster !== undefined || clusters.length < 2) return [learnFrom(tools, reading, options)];
  tellEmpty(tools.terminal, reading, options);
  const [namespaces, workloads] = [namespacesOf(options), workloadsOf(options)];
  const scopes = clusters
    .map(({ name }) => scopeOf(reading.world, { cluster: name, namespaces, workloads }))
    .filter((scope) => workloads.length === 0 || scope.workloads.length > 0);
  if (scopes.length === 0) return [learnFrom(tools, reading, options)];
  const all = scopes.map((scope) => learnScope(tools, reading, { scope, options }));
  const useful = all.filter(hasTraining);
  if (useful.length === 0) return all.slice(0, 1);
  for (const { scope } of all.filter((each) => !useful.includes(each))) {
    const about = `bulkhead: nothing to propose for cluster ${scope.cluster}: no conversation of it was let through`;
    tools.terminal.err(`${printable(about)}\n`);
  }
  return useful;
}

async function baselinesFor(tools: Toolbox, inputs: readonly string[], options: ProposeOptions) {
  if (options.baseline !== undefined) {
    if (inputs.length > 0) throw new UsageError('give either flows or --baseline, not both.');
    return { baselines: [await readBaseline(tools, options.baseline)], isUnusable: false };
  }
  if (inputs.length === 0) throw new UsageError('give the flows to learn from, or a --baseline.');
  const reading = await readFlows(tools.terminal, inputs, options);
  return { baselines: baselinesFrom(tools, reading, options), isUnusable: isRefused(reading, options) };
}

function proposeFrom(tools: Toolbox, baseline: Baseline): Proposal {
  const progress = createProgress(tools.terminal);
  const proposal = tools.propose(baseline, (done, total) => progress.steps({ done, total }, 'cells judged'));
  progress.end();
  return proposal;
}

/** Writes a proposal; what pruning deletes is listed before it goes. */
function write(tools: Toolbox, proposal: Proposal, options: ProposeOptions): Promise<ExportOutcome> {
  const { output: dir, force = false, prune = false, json = false } = options;
  const say = json ? tools.terminal.err : tools.terminal.out;
  const onDoomed = (folder: string, paths: readonly string[]): void => {
    const head = `${folder}: ${plural(paths.length, 'file')} of earlier exports will be deleted`;
    say([head, ...paths.map((path) => `  ${path}`)].map((line) => `${printable(line)}\n`).join(''));
  };
  return tools.exportProposal(proposal, { dir, force, prune, onDoomed });
}

/** `bulkhead propose`: least-privilege policies with their certificate, as files. */
export function proposeCommand(tools: Toolbox): Command {
  const command = new Command('propose')
    .description('propose least-privilege NetworkPolicies and prove what they admit')
    .argument('[flows...]', 'Hubble exports: files, globs, folders, or - for standard input')
    .option(
      '-o, --output <folder>',
      'where to write; each cluster gets a folder of its own in it',
      'policies-out',
    )
    .option('-b, --baseline <file>', 'a baseline that `bulkhead learn` wrote, with its decisions')
    .option('--force', 'overwrite files that were edited by hand')
    .option(
      '--prune',
      'list the files of earlier exports that have no place in this one, then delete them (without it: list them)',
    )
    .addHelpText('after', EXAMPLES);
  return withReadingOptions(withScopeOptions(command)).action(
    async (inputs: string[], options: ProposeOptions) => {
      const { terminal } = tools;
      const { baselines, isUnusable } = await baselinesFor(tools, inputs, options);
      const clusters: ReturnType<typeof jsonOf>[] = [];
      for (const [index, baseline] of baselines.entries()) {
        const proposal = proposeFrom(tools, baseline);
        if (options.json === true) {
          clusters.push(jsonOf(proposal, await write(tools, proposal, options)));
          continue;
        }
        if (index > 0) terminal.out('\n');
        printBaseline(terminal, baseline);
        print(terminal, ['', ...proofLines(proposal), '']);
        print(terminal, fileLines(await write(tools, proposal, options)));
      }
      if (options.json === true) terminal.out(jsonText({ clusters }));
      process.exitCode = isUnusable ? EXIT.unusable : EXIT.fine;
    },
  );
}
