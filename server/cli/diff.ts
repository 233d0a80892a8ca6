import { Command, Option } from 'commander';
import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import type { ManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import { modelOfSeen } from '#core/policy/cluster/model-of-flows.ts';
import { CHANGE_CLASSES, type ChangeClass } from '#core/policy/diff/connection-change.ts';
import { diffPolicies, type PolicyDiff, type SeenTraffic } from '#core/policy/diff/policy-diff.ts';
import { populationOfSeen } from '#core/policy/explain/population.ts';
import { profileNamed } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { CniProfile } from '#core/policy/world.ts';
import {
  type DiffShown,
  diffAnswer,
  diffNotes,
  type FailOn,
  isFailed,
  narrowedDiff,
  yamlDiffOf,
} from '../app/policy-questions/answers/diff.ts';
import { isCertificate, sourcesOf } from '../app/policy-questions/placed-policies.ts';
import type { NamedText } from '../app/ports/manifest-tools.ts';
import { scopeOf } from '../app/scope-of.ts';
import { accessCluster, type ClusterFlags, clusterFlagOptions } from './cluster-access.ts';
import { diffMarkdown, type MarkdownTools } from './diff-format-markdown.ts';
import { diffText, SHORT, WHOLE } from './diff-format-text.ts';
import { appliedTo, readLiveModel, tellLeft } from './live-cluster.ts';
import { refuseUnopened } from './manifest-problems.ts';
import { tellOtherClusters } from './other-clusters.ts';
import { type PolicyTools, profileOption, tellAbout } from './policy-folder.ts';
import { createProgress } from './progress.ts';
import {
  isRefused,
  namespacesOf,
  type Reading,
  type ReadingOptions,
  readFlows,
  withReadingOptions,
} from './reading.ts';
import { EXIT, jsonText, printable, UsageError } from './terminal.ts';

const EXAMPLES = `
Examples:
  bulkhead diff base/policies policies --manifests app             what a pull request changes, for workloads of both
  bulkhead diff old new                                            folders with workloads and policies
  bulkhead diff current.yaml policies-out --flows events.log       weighed by what was seen, which says who is there too
  bulkhead diff base head --format markdown > comment.md           for a comment on the pull request
  bulkhead diff base head --fail-on widened                        what makes it exit with code 1
  bulkhead diff --live policies-out/prod                           what applying a folder would change in the cluster

Exit code 1 when a connection widens, or when one that was seen would break; 2 when a side could not be read.
`;

/** What the command needs of the outside world. */
export interface DiffTools extends PolicyTools {
  /** What requests to a cluster call themselves. */
  readonly version: string;
  readonly markdown: MarkdownTools;
  /** The unified diff of two texts; empty for equal ones. */
  textDiff(before: NamedText, after: NamedText): string;
}

interface DiffOptions extends ReadingOptions, ClusterFlags {
  readonly live?: boolean;
  readonly flows?: readonly string[];
  readonly manifests?: readonly string[];
  readonly profile?: CniProfile['name'];
  readonly format?: 'text' | 'json' | 'markdown';
  readonly failOn?: string;
  readonly all?: boolean;
}

/** What a folder or file holds. */
interface Folder {
  readonly model: ClusterModel;
  readonly problems: readonly ManifestProblem[];
}

/** Reads manifests, and says what of them could not be read. Throws {@link UsageError} for what can not be opened. */
async function readFolders(tools: DiffTools, paths: readonly string[]): Promise<Folder> {
  const { model, problems: all, files } = await tools.readCluster(paths);
  const problems = all.filter((problem) => !isCertificate(problem));
  refuseUnopened({ files, problems });
  tellAbout(tools, model, problems);
  return { model, problems };
}

/** One side. That it has no policy yet is an answer, unless there is something in it that could not be read. */
async function readSide(tools: DiffTools, path: string): Promise<Folder> {
  const folder = await readFolders(tools, [path]);
  if (folder.model.policies.length > 0) return folder;
  if (folder.problems.some(({ leftOut }) => leftOut !== 'nothing'))
    throw new UsageError(`no NetworkPolicy could be read from ${path}, and part of it could not be read.`);
  tools.terminal.err(`bulkhead: ${printable(path)} holds no NetworkPolicy: everything is allowed there\n`);
  return folder;
}

/** With `--live`, the cluster as it is and as it would be with the policies of the folder applied. */
async function readSides(
  tools: DiffTools,
  sides: { readonly old: string; readonly new: string },
  options: DiffOptions,
): Promise<readonly [Folder, Folder]> {
  if (options.live !== true) return [await readSide(tools, sides.old), await readSide(tools, sides.new)];
  const access = await accessCluster(tools, options);
  const folder = await readSide(tools, sides.new);
  const { model } = await readLiveModel(tools, access, namespacesOf(options));
  const { before, after, left } = appliedTo(model, folder.model);
  tellAbout(tools, model, []);
  tellLeft(tools.terminal, left);
  return [
    { model: before, problems: [] },
    { model: after, problems: folder.problems },
  ];
}

interface Inputs {
  readonly old: Folder;
  readonly new: Folder;
  readonly common: Folder | undefined;
  readonly reading: Reading | undefined;
}

async function readInputs(
  tools: DiffTools,
  sides: { readonly old: string; readonly new: string },
  options: DiffOptions,
): Promise<Inputs> {
  const { manifests, flows } = options;
  const common = manifests && (await readFolders(tools, manifests));
  const [old, later] = await readSides(tools, sides, options);
  if (old.model.policies.length + later.model.policies.length === 0)
    throw new UsageError(`neither ${sides.old} nor ${sides.new} holds a NetworkPolicy.`);
  const reading = flows && (await readFlows(tools.terminal, flows, options));
  if (reading !== undefined) {
    const { cluster } = scopeOf(reading.world, { cluster: options.cluster });
    tellOtherClusters(tools.terminal, reading.world, { cluster, options });
  }
  const known = [old, later, common].some((folder) => (folder?.model.workloads.length ?? 0) > 0);
  if (!known && (reading?.world.pods.length ?? 0) === 0)
    throw new UsageError(
      'nobody is known: give --manifests with workloads, or --flows, which show who is there; policies alone do not.',
    );
  const ignored = common?.model.policies.length ?? 0;
  if (ignored > 0)
    tools.terminal.err(
      `bulkhead: policies of --manifests do not count (${ignored}): those of the two sides do\n`,
    );
  const lone = [old, later].filter(({ model }) => model.workloads.length > 0);
  if (lone.length === 1)
    tools.terminal.err('bulkhead: only one side has workloads; they are taken to be on both\n');
  return { old, new: later, common, reading };
}

function seenOf(
  reading: Reading | undefined,
  options: DiffOptions,
  profile: CniProfile,
): SeenTraffic | undefined {
  if (reading === undefined) return undefined;
  const { cluster } = scopeOf(reading.world, { cluster: options.cluster });
  return {
    model: modelOfSeen(reading.world, cluster),
    population: populationOfSeen(reading.world, cluster, profile),
    edges: [...reading.graph.edges.values()],
  };
}

/** Reads `widened,breaks-observed`, `any` or `never`. */
function failOnOf(text: string | undefined): FailOn {
  const words = (text ?? 'widened,breaks-observed').split(',').map((word) => word.trim());
  if (words.length === 1 && words[0] === 'any') return 'any';
  if (words.length === 1 && words[0] === 'never') return new Set();
  const classes = words.map((word): ChangeClass => {
    const known = CHANGE_CLASSES.find((each) => each === word);
    if (known !== undefined) return known;
    throw new UsageError(
      `--fail-on ${printable(word)} is none of ${CHANGE_CLASSES.join(', ')}, any and never; several go with commas.`,
    );
  });
  return new Set(classes);
}

function render(tools: DiffTools, shown: DiffShown, options: DiffOptions): string {
  const format = options.json === true ? 'json' : (options.format ?? 'text');
  if (format === 'json') return jsonText(diffAnswer(shown));
  if (format === 'markdown') return diffMarkdown(shown, tools.markdown);
  return diffText(shown, options.all === true ? WHOLE : SHORT);
}

/** Compares the two sides; what touches other namespaces than those asked for is left out. */
function compared(tools: DiffTools, inputs: Inputs, asked: Asked): PolicyDiff {
  const { options, profile } = asked;
  const progress = createProgress(tools.terminal);
  const whole = diffPolicies({
    old: inputs.old.model,
    new: inputs.new.model,
    common: inputs.common?.model,
    seen: seenOf(inputs.reading, options, profile),
    profile,
    onProgress: (step, done, total) => progress.steps({ done, total }, `judged (${step})`),
  });
  progress.end();
  return narrowedDiff(whole, new Set<string>(namespacesOf(options)));
}

interface Asked {
  readonly options: DiffOptions;
  readonly profile: CniProfile;
}

function isUnusable({ old, new: later, common, reading }: Inputs, options: DiffOptions): boolean {
  const problems = [old, later, common].flatMap((folder) => folder?.problems ?? []);
  const isUnread = reading !== undefined && isRefused(reading, options);
  return isUnread || (options.strict === true && problems.length > 0);
}

async function run(
  tools: DiffTools,
  names: { readonly old: string; readonly new: string },
  options: DiffOptions,
): Promise<void> {
  const { terminal } = tools;
  const failOn = failOnOf(options.failOn);
  const inputs = await readInputs(tools, names, options);
  const { reading } = inputs;
  const profile = profileNamed(options.profile ?? (reading === undefined ? 'kubernetes' : 'cilium'));
  if (reading === undefined && options.failOn?.includes('breaks-observed') === true)
    terminal.err('bulkhead: without --flows nothing can be told to break, so nothing fails for it\n');
  const diff = compared(tools, inputs, { options, profile });
  const sources = { old: sourcesOf(inputs.old.model.policies), new: sourcesOf(inputs.new.model.policies) };
  const notes = diffNotes(diff, profile);
  for (const note of notes) terminal.err(`bulkhead: ${printable(note)}\n`);
  const problems = { old: inputs.old.problems, new: inputs.new.problems };
  const yaml = { print: (policy: NetworkPolicy) => tools.printYaml(policy), textDiff: tools.textDiff };
  const policies = diff.policies.map((change) => ({ change, yaml: yamlDiffOf(change, sources, yaml) }));
  const lostEvents = reading?.coverage.lostEvents ?? 0n;
  const shown: DiffShown = { names, diff, policies, profile, sources, failOn, lostEvents, notes, problems };
  terminal.out(render(tools, shown, options));
  const code = isFailed(shown) ? EXIT.found : EXIT.fine;
  process.exitCode = isUnusable(inputs, options) ? EXIT.unusable : code;
}

/** What the two sides are called. */
function namesOf(old: string, later: string | undefined, { live }: DiffOptions): Names {
  if (live === true && later !== undefined)
    throw new UsageError('--live compares one folder with the cluster; name one folder.');
  if (live === true) return { old: 'the cluster', new: old };
  if (later === undefined)
    throw new UsageError('name two folders to compare, or one with --live to compare it with the cluster.');
  return { old, new: later };
}

interface Names {
  readonly old: string;
  readonly new: string;
}

/** `bulkhead diff`: what may be opened under one set of policies and not under another, and why. */
export function diffCommand(tools: DiffTools): Command {
  const command = new Command('diff')
    .description('compare what two sets of NetworkPolicies allow, with the rules responsible')
    .argument('<old>', 'manifests before: policies, or workloads and policies; a folder or a file')
    .argument('[new]', 'manifests after')
    .option('--live', 'compare one folder with what is in the cluster, as `kubectl apply` would change it')
    .option('--manifests <folders...>', 'workloads that both sides have')
    .option('--flows <flows...>', 'Hubble exports: who is there, and what is used')
    .addOption(profileOption('cilium with --flows, kubernetes without'))
    .addOption(new Option('--format <format>', 'what to print').choices(['text', 'json', 'markdown']))
    .option(
      '--fail-on <classes>',
      `exit with code 1 for these: ${CHANGE_CLASSES.join(', ')}, any or never (default: widened,breaks-observed)`,
    )
    .option('--all', 'print every change and the whole YAML diff')
    .addHelpText('after', EXAMPLES);
  for (const option of clusterFlagOptions()) command.addOption(option);
  return withReadingOptions(command).action((old: string, later: string | undefined, options: DiffOptions) =>
    run(tools, namesOf(old, later, options), options),
  );
}
