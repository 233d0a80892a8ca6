import { Command } from 'commander';
import type { Baseline } from '#core/baseline/baseline.ts';
import { touchesScope } from '#core/baseline/training-window.ts';
import type { Extra, JudgedEdge } from '#core/policy/certificate.ts';
import {
  coverageText,
  describeExtra,
  extraKindsText,
  tightnessText,
} from '#core/policy/describe-certificate.ts';
import type { ServerCheck } from '#core/policy/dry-run/dry-run-answer.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import type { ClusterAccess } from '../../collector/main.ts';
import { clustersOf, scopeOf } from '../app/scope-of.ts';
import { readBaseline } from './baseline-file.ts';
import { accessCluster, type ClusterFlags, clusterFlagOptions } from './cluster-access.ts';
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
import { maxExtraOf, minimalityJson, minimalityLines } from './propose-budget.ts';
import { evidenceJson, evidenceLines, holdOutShare } from './propose-evidence.ts';
import { readControllers, selectorKeysFor } from './propose-manifests.ts';
import { isRefused, namespacesOf, type Reading, readFlows, withReadingOptions } from './reading.ts';
import { type ExistingPolicies, proposeBeside, readExisting } from './review-existing.ts';
import { checkProposal, isRefusedByServer, serverCheckLines } from './server-check.ts';
import {
  EXIT,
  firstLines,
  formatCount,
  jsonText,
  plural,
  policiesText,
  printable,
  type Terminal,
  UsageError,
} from './terminal.ts';
import type { ExportOutcome, ProposeWishes, Toolbox } from './toolbox.ts';

const EXAMPLES = `
Examples:
  bulkhead propose events.log -o policies-out
  bulkhead propose 'events*.log.gz' -n shop -n data -o policies-out
  bulkhead propose --baseline baseline.yaml -o policies-out      with the decisions made in the file
  bulkhead propose events.log --max-extra 5 -o policies-out      fewer rules, for at most five extras
  bulkhead propose events.log --existing netpol.yaml -o mend     only what is missing or too wide in what is there
  bulkhead propose events.log --check-server                     what the API server says to each policy; stores nothing
  bulkhead propose events.log --prune -o policies-out            lists stale files, and deletes them

Input of several clusters gives a proposal for each, unless --cluster names one. Everything of a cluster is in
<folder>/<cluster>/: policies by namespace, kustomization.yaml, default-deny, certificate.json, REPORT.md, and ROLLOUT.md
with the order to apply them in and the way back (rollout.json and evidence.json are for scripts).
`;

interface ProposeOptions extends LearningOptions, ClusterFlags {
  readonly checkServer?: boolean;
  readonly output: string;
  readonly baseline?: string;
  readonly existing?: string;
  readonly force?: boolean;
  readonly prune?: boolean;
  /** Not parsed yet. */
  readonly holdOut?: string;
  /** Not parsed yet. */
  readonly maxExtra?: string;
  readonly manifests?: string;
  readonly openPublic?: boolean;
}

const extraLine = (extra: Extra): string =>
  `  ${extra.kind === 'collision' ? 'collision' : 'extra'}: ${describeExtra(extra)}, by ${extra.admittedBy.join(' and ')}: ${extra.why}`;

const missingLine = ({ line, reason, note }: JudgedEdge): string =>
  `  ${line} (${reason}${note === undefined ? '' : `: ${note}`})`;

/** Edges that are not admitted, shown one by one, most conversations first. */
const MOST_MISSING = 10;

function proofLines({ certificate, policies, warnings }: Proposal): string[] {
  const { totals, conversations, extras } = certificate;
  if (totals.trainingEdges === 0) {
    return [
      'nothing to propose: no conversation of these workloads was let through, so there is nothing a rule could rest on (see REPORT.md)',
    ];
  }
  const missing = conversations
    .filter(({ admitted }) => !admitted)
    .toSorted((a, b) => b.conversations - a.conversations);
  const kinds = extras.length === 0 ? '' : `: ${extraKindsText(extras)}`;
  return [
    `${policiesText(policies.length)}, ${plural(totals.rules, 'rule')}; pairs that could talk: ${formatCount(totals.pairsBefore)} before, ${formatCount(totals.pairsAfter)} after`,
    `coverage ${coverageText(totals)}: ${formatCount(totals.admittedConversations)} of ${plural(totals.trainingConversations, 'training conversation')} admitted`,
    `tightness ${tightnessText(totals)}: ${plural(extras.length, 'extra')} admitted that nobody saw${kinds}`,
    ...extras.filter(({ kind }) => kind !== 'declared').map(extraLine),
    ...(missing.length === 0 ? [] : [`${plural(missing.length, 'training edge')} not admitted:`]),
    ...firstLines(
      missing.map(missingLine),
      MOST_MISSING,
      (hidden) => `  and ${plural(hidden, 'more edge')} with fewer conversations (see REPORT.md)`,
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
function jsonOf(proposal: Proposal, files: ExportOutcome, hash: Toolbox['hash']) {
  const { id, baseline, warnings, certificate } = proposal;
  const { scope, totals, extras, conversations, blindSpots } = certificate;
  const notAdmitted = conversations.filter(({ admitted }) => !admitted);
  const { cluster } = scope;
  return {
    cluster,
    id,
    baseline,
    totals,
    notAdmitted,
    extras,
    warnings,
    blindSpots,
    ...minimalityJson(certificate),
    ...evidenceJson(proposal, hash),
    files,
  };
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

function proposeFrom(tools: Toolbox, baseline: Baseline, wishes: ProposeWishes): Proposal {
  const progress = createProgress(tools.terminal);
  const onProgress = (done: number, total: number): void => progress.steps({ done, total }, 'cells judged');
  const proposal = tools.propose(baseline, onProgress, wishes);
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

type ClusterJson = ReturnType<typeof jsonOf> & {
  readonly existing?: unknown;
  readonly server?: ServerCheck;
};

/** What the API server says to a proposal; undefined when nobody asks. */
async function serverSays(
  tools: Toolbox,
  access: ClusterAccess | undefined,
  { proposal, json }: { readonly proposal: Proposal; readonly json: boolean },
): Promise<ServerCheck | undefined> {
  if (access === undefined) return undefined;
  const check = await checkProposal(tools, access, proposal);
  if (!json) print(tools.terminal, serverCheckLines(check));
  return check;
}

interface Proposed {
  readonly baseline: Baseline;
  readonly proposal: Proposal;
  /** Set when only what they lack is to be written. */
  readonly existing: ExistingPolicies | undefined;
}

/** Writes a proposal and says what is in it, unless JSON is asked for. */
async function printed(
  tools: Toolbox,
  { baseline, proposal, existing }: Proposed,
  options: ProposeOptions,
): Promise<ClusterJson> {
  if (existing !== undefined) return printedBeside(tools, { baseline, proposal, existing }, options);
  const { terminal, hash } = tools;
  if (options.json !== true) {
    printBaseline(terminal, baseline);
    print(terminal, [
      '',
      ...proofLines(proposal),
      ...minimalityLines(proposal.certificate),
      ...evidenceLines(proposal, hash),
      '',
    ]);
  }
  const files = await write(tools, proposal, options);
  if (options.json !== true) print(terminal, fileLines(files));
  return jsonOf(proposal, files, hash);
}

/** The same beside policies that are there already. */
async function printedBeside(
  tools: Toolbox,
  asked: Omit<Proposed, 'existing'> & { readonly existing: ExistingPolicies },
  options: ProposeOptions,
): Promise<ClusterJson> {
  const json = options.json === true;
  const beside = await proposeBeside(tools, { ...asked, json }, (mix) => write(tools, mix, options));
  if (!json) print(tools.terminal, fileLines(beside.files));
  return { ...jsonOf(beside.proposal, beside.files, tools.hash), existing: beside.review };
}

/** Exit code of a run: what could not be read comes first, then what the API server refuses. */
function exitCodeOf(clusters: readonly ClusterJson[], isUnusable: boolean): number {
  if (isUnusable) return EXIT.unusable;
  const isRefusedOne = clusters.some(({ server }) => server !== undefined && isRefusedByServer(server));
  return isRefusedOne ? EXIT.found : EXIT.fine;
}

async function run(tools: Toolbox, inputs: readonly string[], options: ProposeOptions): Promise<void> {
  const { terminal } = tools;
  const isJson = options.json === true;
  const wishes: ProposeWishes = {
    holdOut: holdOutShare(options.holdOut),
    maxExtra: maxExtraOf(options.maxExtra),
    publicListeners: options.openPublic === true ? 'any' : 'seen',
  };
  const access = options.checkServer === true ? await accessCluster(tools, options) : undefined;
  const { baselines, isUnusable } = await baselinesFor(tools, inputs, options);
  const controllers = await readControllers(tools, options.manifests);
  const existing = await readExisting(tools, options.existing, baselines);
  const clusters: ClusterJson[] = [];
  for (const [index, baseline] of baselines.entries()) {
    const selectorKeys = selectorKeysFor(controllers, baseline);
    const proposal = proposeFrom(tools, baseline, { ...wishes, selectorKeys });
    if (index > 0 && !isJson) terminal.out('\n');
    const json = await printed(tools, { baseline, proposal, existing }, options);
    const server = await serverSays(tools, access, { proposal, json: isJson });
    clusters.push(server === undefined ? json : { ...json, server });
  }
  if (isJson) terminal.out(jsonText({ clusters }));
  process.exitCode = exitCodeOf(clusters, isUnusable);
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
    .option(
      '--hold-out <share>',
      'last part of the recording that is held out, to see what policies learnt without it would have lost (default: 0.2; 0: none)',
    )
    .option(
      '--max-extra <count>',
      'extras (from, to and port that nobody saw) that may be admitted where that saves rules and peers (default: 0)',
    )
    .option(
      '--open-public',
      "open ports that many outside clients came to, such as an Ingress controller's, to every public address",
    )
    .option(
      '--existing <folder>',
      'policies the cluster has already: review them, and write only what is missing or too wide',
    )
    .option(
      '--manifests <folder>',
      'manifests of the workloads: the labels their controllers select by, which can not change, are preferred',
    )
    .option(
      '--check-server',
      'ask the API server for a dry run of each policy, strictly checked; exit with code 1 when it refuses one',
    )
    .option('--force', 'overwrite files that were edited by hand')
    .option(
      '--prune',
      'list the files of earlier exports that have no place in this one, then delete them (without it: list them)',
    )
    .addHelpText('after', EXAMPLES);
  for (const option of clusterFlagOptions()) command.addOption(option);
  return withReadingOptions(withScopeOptions(command)).action((inputs: string[], options: ProposeOptions) =>
    run(tools, inputs, options),
  );
}
