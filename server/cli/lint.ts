import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Command, Option } from 'commander';
import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import type { ManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import { mergedModels, modelOfSeen } from '#core/policy/cluster/model-of-flows.ts';
import { LINT_RULES, ruleNamed } from '#core/policy/lint/all-rules.ts';
import { type LintResult, SEVERITIES, type Severity, severityRank } from '#core/policy/lint/finding.ts';
import { lint } from '#core/policy/lint/lint.ts';
import { profileNamed } from '#core/policy/literal/profiles.ts';
import type { CniProfile } from '#core/policy/world.ts';
import { onlySeenIn } from '../app/policy-questions/answers/lint.ts';
import { isCertificate } from '../app/policy-questions/placed-policies.ts';
import { scopeOf } from '../app/scope-of.ts';
import type { ConnectionsTools } from './connections.ts';
import { lintJson, lintText, type ShownLint } from './lint-format.ts';
import { lintGithub, lintSarif } from './lint-format-ci.ts';
import { type ParsePlaced, withFieldLines } from './lint-lines.ts';
import { refuseEmpty } from './manifest-problems.ts';
import { tellOtherClusters } from './other-clusters.ts';
import { profileOption } from './policy-folder.ts';
import { isRefused, listed, readFlows } from './reading.ts';
import { EXIT, printable, UsageError } from './terminal.ts';

const EXAMPLES = `
Examples:
  bulkhead lint manifests                              policies and workloads of one folder
  bulkhead lint policies manifests                     policies from one place, workloads from another
  bulkhead lint policies --flows events.log            who is there, from a recording
  bulkhead lint policies --min-severity info           notes as well
  bulkhead lint policies --rule direction-open=warn --rule volatile-label=off
  bulkhead lint policies --format github               annotations beside the lines of a pull request
  bulkhead lint --list-rules                           every rule, in one line each

An annotation on a policy keeps rules quiet about it: bulkhead.dev/lint-ignore: open-ingress-rule, split-peer

Exit code 1 when there is an error (--fail-on warning: or a warning), 2 when nothing could be read.
`;

/** What the command needs of the outside world. */
export interface LintTools extends ConnectionsTools {
  readonly version: string;
  readonly parsePlaced: ParsePlaced;
}

const FORMATS = ['text', 'json', 'github', 'sarif'] as const;

interface LintOptions {
  readonly flows?: readonly string[];
  readonly manifests?: readonly string[];
  readonly profile?: CniProfile['name'];
  readonly rule?: readonly string[];
  readonly format: (typeof FORMATS)[number];
  readonly json?: boolean;
  readonly minSeverity: Severity;
  readonly failOn: Severity;
  readonly cluster?: string;
  readonly strict?: boolean;
  readonly listRules?: boolean;
}

const VOICES: ReadonlyMap<string, Severity | 'off'> = new Map([
  ['off', 'off'],
  ['info', 'info'],
  ['warn', 'warning'],
  ['warning', 'warning'],
  ['error', 'error'],
]);

/** Reads `--rule id=off`. Throws {@link UsageError} for a rule or a word that is not there. */
function voicesOf(options: LintOptions): ReadonlyMap<string, Severity | 'off'> {
  const voices = new Map<string, Severity | 'off'>();
  for (const text of options.rule ?? []) {
    const [id = '', word = ''] = text.split('=');
    const voice = VOICES.get(word);
    if (ruleNamed(id) === undefined)
      throw new UsageError(`--rule ${printable(text)}: there is no rule ${printable(id)}; see --list-rules.`);
    if (voice === undefined)
      throw new UsageError(`--rule ${printable(text)}: write off, info, warn or error behind the =.`);
    voices.set(id, voice);
  }
  return voices;
}

/** What was read, from manifests and flows together. */
interface Read {
  readonly model: ClusterModel;
  readonly problems: readonly ManifestProblem[];
  /** Namespaces that only flows know. */
  readonly onlySeen: ReadonlySet<string>;
  readonly isBad: boolean;
}

/** Throws {@link UsageError} when there is nothing to lint. */
async function readAll(tools: LintTools, paths: readonly string[], options: LintOptions): Promise<Read> {
  const { model, problems: all, files } = await tools.readCluster(paths);
  const problems = all.filter((problem) => !isCertificate(problem));
  const named = paths.map(printable).join(' and ');
  refuseEmpty(named, { files, problems });
  if (isNothing(model) && problems.length === 0)
    throw new UsageError(`${named} holds neither a NetworkPolicy nor a workload.`);
  const flows = options.flows ?? [];
  // What could not be read is told as findings; that nothing could be read is no finding.
  const isBad = isNothing(model) || (options.strict === true && problems.length > 0);
  if (flows.length === 0) return { model, problems, onlySeen: new Set(), isBad };
  const reading = await readFlows(tools.terminal, flows, options);
  const { cluster } = scopeOf(reading.world, { cluster: options.cluster });
  tellOtherClusters(tools.terminal, reading.world, { cluster, options });
  const merged = mergedModels(model, modelOfSeen(reading.world, cluster));
  const onlySeen = onlySeenIn(model, merged);
  return { model: merged, problems, onlySeen, isBad: isBad || isRefused(reading, options) };
}

const isNothing = ({ policies, workloads }: ClusterModel): boolean =>
  policies.length === 0 && workloads.length === 0;

/** What leads from where the command runs to files as findings name them. */
async function prefixOf(paths: readonly string[]): Promise<string> {
  const [only = ''] = paths;
  if (paths.length > 1) return '';
  const isFile = (await stat(only).catch(() => undefined))?.isFile() === true;
  const folder = (isFile ? dirname(only) : only).replace(/^\.\/+/, '').replace(/\/+$/, '');
  return folder === '' || folder === '.' ? '' : `${folder}/`;
}

async function print(
  tools: LintTools,
  shown: ShownLint,
  asked: { readonly format: string; readonly paths: readonly string[] },
): Promise<void> {
  const { format, paths } = asked;
  if (format === 'json') tools.terminal.out(lintJson(shown));
  else if (format === 'github') tools.terminal.out(lintGithub(shown, await prefixOf(paths)));
  else if (format === 'sarif') tools.terminal.out(lintSarif(shown, await prefixOf(paths)));
  else tools.terminal.out(lintText(shown));
}

function exitOf({ findings }: LintResult, { failOn }: LintOptions, isBad: boolean): number {
  if (isBad) return EXIT.unusable;
  const isFound = findings.some(({ severity }) => severityRank(severity) <= severityRank(failOn));
  return isFound ? EXIT.found : EXIT.fine;
}

function listRules({ terminal }: LintTools): void {
  for (const { id, severity, title, needs } of LINT_RULES) {
    const note = needs === 'workloads' ? ' (needs workloads)' : '';
    terminal.out(`${id.padEnd(24)} ${severity.padEnd(7)} ${title}${note}\n`);
  }
}

async function run(tools: LintTools, folders: readonly string[], options: LintOptions): Promise<void> {
  if (options.listRules === true) return listRules(tools);
  const voices = voicesOf(options);
  const paths = [...folders, ...(options.manifests ?? [])];
  if (folders.length === 0) throw new UsageError('name a folder or file with NetworkPolicies.');
  const { model, problems, onlySeen, isBad } = await readAll(tools, paths, options);
  const profile = profileNamed(options.profile ?? (options.flows === undefined ? 'kubernetes' : 'cilium'));
  const found = lint({ model, problems, profile, onlySeen, voices });
  const findings = await withFieldLines(found.findings, paths, tools.parsePlaced);
  const result = { ...found, findings };
  const shown: ShownLint = {
    result,
    minSeverity: options.minSeverity,
    profile: profile.name,
    policies: model.policies.length,
    workloads: model.workloads.length,
    version: tools.version,
  };
  await print(tools, shown, { format: options.json === true ? 'json' : options.format, paths });
  process.exitCode = exitOf(result, options, isBad);
}

/** `bulkhead lint`: what about NetworkPolicies does not do what it looks like. */
export function lintCommand(tools: LintTools): Command {
  return new Command('lint')
    .description('say what about NetworkPolicies does not do what it looks like, why, and how to mend it')
    .argument('[folders...]', 'policies and workloads of one cluster, YAML or JSON; folders or single files')
    .option('--manifests <folders...>', 'more folders that say who is there')
    .option('--flows <flows...>', 'who is there, from Hubble exports')
    .addOption(profileOption('cilium with --flows, kubernetes without'))
    .option(
      '--rule <id=off|info|warn|error>',
      'keep a rule quiet, or change how it speaks (repeatable)',
      listed,
    )
    .addOption(
      new Option('--min-severity <severity>', 'leave out what is milder')
        .choices(SEVERITIES)
        .default('warning'),
    )
    .addOption(
      new Option('--fail-on <severity>', 'exit with code 1 from this severity on')
        .choices(SEVERITIES)
        .default('error'),
    )
    .addOption(new Option('--format <format>', 'how to print').choices(FORMATS).default('text'))
    .option('--json', 'the same as --format json')
    .option('--cluster <name>', 'the cluster of the flows to look at')
    .option('--strict', 'exit with code 2 when a manifest or a record could not be read as it should')
    .option('--list-rules', 'list the rules and stop')
    .addHelpText('after', EXAMPLES)
    .action((folders: string[], options: LintOptions) => run(tools, folders, options));
}
