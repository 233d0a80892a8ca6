import { Command } from 'commander';
import type { Proposal } from '#core/policy/proposal.ts';
import { readBaseline } from './baseline-file.ts';
import { learnFrom, printBaseline } from './learn.ts';
import { createProgress } from './progress.ts';
import { isRefused, type ReadingOptions, readFlows, withReadingOptions } from './reading.ts';
import { EXIT, formatCount, jsonText, plural, printable, type Terminal, UsageError } from './terminal.ts';
import type { ExportOutcome, Toolbox } from './toolbox.ts';

const EXAMPLES = `
Examples:
  bulkhead propose events.log -o policies-out
  bulkhead propose 'events*.log.gz' -n shop -n data -o policies-out
  bulkhead propose --baseline baseline.yaml -o policies-out      with the decisions made in the file
`;

interface ProposeOptions extends ReadingOptions {
  readonly output: string;
  readonly baseline?: string;
  readonly force?: boolean;
  readonly prune?: boolean;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function proofLines({ certificate, policies, warnings }: Proposal): string[] {
  const { totals, conversations, extras } = certificate;
  if (totals.trainingEdges === 0) {
    return [
      'nothing to propose: no conversation was let through, so there is nothing a rule could rest on (see REPORT.md)',
    ];
  }
  const missing = conversations.filter(({ admitted }) => !admitted);
  const surprises = extras.filter(({ declared }) => !declared);
  return [
    `${plural(policies.length, 'policy').replace('policys', 'policies')}, ${plural(totals.rules, 'rule')}; pairs that could talk: ${formatCount(totals.pairsBefore)} before, ${formatCount(totals.pairsAfter)} after`,
    `coverage ${percent(totals.coverage)}: ${formatCount(totals.admittedConversations)} of ${plural(totals.trainingConversations, 'training conversation')} admitted`,
    `tightness ${percent(totals.tightness)}: ${plural(extras.length, 'extra')} admitted that nobody saw, ${formatCount(extras.length - surprises.length)} of them declared`,
    ...surprises.map(({ from, to, ports, admittedBy }) => {
      const range = ports.from === ports.to ? `${ports.from}` : `${ports.from} to ${ports.to}`;
      return `  extra: ${from} => ${to} : ${ports.protocol} ${range}, by ${admittedBy.join(' and ')}`;
    }),
    ...(missing.length === 0 ? [] : [`${plural(missing.length, 'training edge')} not admitted:`]),
    ...missing.map(
      ({ line, reason, note }) => `  ${line} (${reason}${note === undefined ? '' : `: ${note}`})`,
    ),
    ...[...warnings, ...policies.flatMap((policy) => policy.warnings)].map(
      ({ message }) => `warning: ${message}`,
    ),
  ];
}

function fileLines(outcome: ExportOutcome, options: ProposeOptions): string[] {
  const { created, updated, unchanged, handEdited, stale, deleted } = outcome;
  const counts = `${formatCount(created.length)} new, ${formatCount(updated.length)} updated, ${formatCount(unchanged.length)} unchanged`;
  return [
    `${options.output}: ${counts}`,
    ...handEdited.map((path) => `  edited by hand, left as it is (--force overwrites it): ${path}`),
    ...stale.map((path) => `  of an earlier export, kept (--prune deletes it): ${path}`),
    ...deleted.map((path) => `  deleted: ${path}`),
  ];
}

function print(terminal: Terminal, lines: readonly string[]): void {
  terminal.out(lines.map((line) => `${printable(line)}\n`).join(''));
}

function printJson(terminal: Terminal, proposal: Proposal, outcome: ExportOutcome): void {
  const { id, baseline, warnings, certificate } = proposal;
  const { totals, extras, conversations, blindSpots } = certificate;
  const notAdmitted = conversations.filter(({ admitted }) => !admitted);
  const report = { id, baseline, totals, notAdmitted, extras, warnings, blindSpots, files: outcome };
  terminal.out(jsonText(report));
}

async function baselineFor(tools: Toolbox, inputs: readonly string[], options: ProposeOptions) {
  if (options.baseline !== undefined) {
    if (inputs.length > 0) throw new UsageError('give either flows or --baseline, not both.');
    return { baseline: await readBaseline(tools, options.baseline), isUnusable: false };
  }
  if (inputs.length === 0) throw new UsageError('give the flows to learn from, or a --baseline.');
  const reading = await readFlows(tools.terminal, inputs, options);
  return { baseline: learnFrom(tools, reading, options), isUnusable: isRefused(reading, options) };
}

/** `bulkhead propose`: least-privilege policies with their certificate, as files. */
export function proposeCommand(tools: Toolbox): Command {
  const command = new Command('propose')
    .description('propose least-privilege NetworkPolicies and prove what they admit')
    .argument('[flows...]', 'Hubble exports: files, globs, folders, or - for standard input')
    .option('-o, --output <folder>', 'where to write policies, certificate and report', 'policies-out')
    .option('-b, --baseline <file>', 'a baseline that `bulkhead learn` wrote, with its decisions')
    .option('--force', 'overwrite files that were edited by hand')
    .option('--prune', 'delete files of earlier exports that have no place in this one')
    .addHelpText('after', EXAMPLES);
  return withReadingOptions(command).action(async (inputs: string[], options: ProposeOptions) => {
    const { terminal } = tools;
    const { baseline, isUnusable } = await baselineFor(tools, inputs, options);
    const progress = createProgress(terminal);
    const proposal = tools.propose(baseline, (done, total) =>
      progress.steps({ done, total }, 'cells judged'),
    );
    progress.end();
    const { output: dir, force = false, prune = false } = options;
    const outcome = await tools.exportProposal(proposal, { dir, force, prune });
    if (options.json === true) printJson(terminal, proposal, outcome);
    else {
      printBaseline(terminal, baseline);
      print(terminal, ['', ...proofLines(proposal), '', ...fileLines(outcome, options)]);
    }
    process.exitCode = isUnusable ? EXIT.unusable : EXIT.fine;
  });
}
