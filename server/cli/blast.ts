import { Command } from 'commander';
import { listenersOf } from '#core/policy/blast/listeners.ts';
import { seenLinksOf } from '#core/policy/blast/seen-links.ts';
import type { CniProfile } from '#core/policy/world.ts';
import {
  type AskedBlast as Asked,
  type BlastAnswers,
  blastAnswer,
  blastAnswersOf,
  stagesOf,
  usedBy,
} from '../app/policy-questions/answers/blast.ts';
import { type AskedCluster, readAskedCluster } from './asked-cluster.ts';
import { blastText, clusterBlastText } from './blast-format.ts';
import { jewelsOf, oneWorkload } from './named-workload.ts';
import { type PolicyTools, profileOption, readPolicyFolder } from './policy-folder.ts';
import { createProgress } from './progress.ts';
import { listed, type ReadingOptions } from './reading.ts';
import { EXIT, jsonText, UsageError } from './terminal.ts';

const EXAMPLES = `
Examples:
  bulkhead blast --manifests cluster.yaml                          how far each workload would get, and the mean
  bulkhead blast shop/frontend --manifests cluster.yaml            what a compromised pod of one workload reaches
  bulkhead blast --flows events.log --proposal policies-out        before and after a proposal
  bulkhead blast shop/frontend --flows events.log --proposal policies-out --crown-jewel shop/db --fail-on-path
  bulkhead blast --manifests cluster.yaml --crown-jewel tier=database   workloads by a label of their pods

For the cluster as it is: kubectl get deploy,sts,ds,job,cronjob,pod,svc,netpol,ns -A -o yaml > cluster.yaml
Exit code 1 only with --fail-on-path or --max-reach, for CI.
`;

const MOST_HOPS = 20;

interface BlastOptions extends Pick<ReadingOptions, 'cluster' | 'strict' | 'json'> {
  readonly manifests?: readonly string[];
  readonly flows?: readonly string[];
  readonly policies?: string;
  readonly proposal?: string;
  readonly hops: string;
  readonly crownJewel?: readonly string[];
  readonly everyPort?: boolean;
  readonly maxReach?: string;
  readonly failOnPath?: boolean;
  readonly profile?: CniProfile['name'];
}

function wholeNumber(text: string, option: string, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= most) return value;
  throw new UsageError(`${option} ${text} is no whole number up to ${most}.`);
}

function hopsOf({ hops }: BlastOptions): number {
  const value = wholeNumber(hops, '--hops', MOST_HOPS);
  if (value < 1) throw new UsageError('--hops must be at least 1.');
  return value;
}

/** All that was asked, of what could be read. */
type AskedBlast = Asked<AskedCluster>;

async function askedOf(
  tools: PolicyTools,
  workload: string | undefined,
  options: BlastOptions,
): Promise<AskedBlast> {
  const hops = hopsOf(options);
  const { manifests = [], flows = [] } = options;
  if (manifests.length + flows.length === 0)
    throw new UsageError('say who is there: with --manifests, a folder, or with --flows, a recording.');
  const asked = await readAskedCluster(tools, { folders: manifests, flows, options });
  const own = { policies: asked.model.policies, problems: [] };
  const current = options.policies === undefined ? own : await readPolicyFolder(tools, options.policies);
  const proposal =
    options.proposal === undefined ? undefined : await readPolicyFolder(tools, options.proposal);
  const { reading, model, cluster } = asked;
  const links = reading === undefined ? [] : seenLinksOf(reading.whole.edges.values(), model, cluster);
  return {
    asked,
    problems: [...asked.problems, ...current.problems, ...(proposal?.problems ?? [])],
    stages: stagesOf(current, proposal),
    placed: [...current.policies, ...(proposal?.policies ?? [])],
    links,
    listeners: listenersOf(model, links),
    start: workload === undefined ? undefined : oneWorkload(workload, model),
    jewels: jewelsOf(options.crownJewel ?? [], model),
    hops,
  };
}

/** Why CI must stop, under the last set of policies; undefined when it need not. */
function refusalOf({ blasts, clusters }: BlastAnswers, options: BlastOptions): string | undefined {
  const blast = blasts.at(-1);
  const paths = blast?.jewels.filter(({ path }) => path.length > 0).length ?? 0;
  if (options.failOnPath === true && paths > 0)
    return `a crown jewel can be reached (--fail-on-path): ${paths} of ${blast?.jewels.length}`;
  const most = options.maxReach === undefined ? undefined : wholeNumber(options.maxReach, '--max-reach', 1e9);
  const reach = blast?.closure.workloads ?? clusters.at(-1)?.radius.worstReached ?? 0;
  return most !== undefined && reach > most
    ? `${reach} workloads can be reached, more than --max-reach ${most}`
    : undefined;
}

function refuseContradictions(workload: string | undefined, options: BlastOptions): void {
  if (options.maxReach !== undefined) wholeNumber(options.maxReach, '--max-reach', 1e9);
  if (options.failOnPath !== true) return;
  if (workload === undefined)
    throw new UsageError('--fail-on-path needs the workload that paths start from.');
  if (options.crownJewel === undefined)
    throw new UsageError('--fail-on-path needs a --crown-jewel that must not be reached.');
}

async function run(tools: PolicyTools, workload: string | undefined, options: BlastOptions): Promise<void> {
  refuseContradictions(workload, options);
  const blast = await askedOf(tools, workload, options);
  const progress = createProgress(tools.terminal);
  const counted = options.everyPort === true ? undefined : blast.listeners;
  const onProgress = (done: number, total: number, what: string): void =>
    progress.steps({ done, total }, what);
  const answers = blastAnswersOf(blast, counted, onProgress);
  const used = usedBy(blast);
  const isJson = options.json === true;
  const wide = isJson && counted !== undefined ? blastAnswersOf(blast, undefined, onProgress) : undefined;
  progress.end();
  if (isJson) tools.terminal.out(jsonText(blastAnswer({ blast, answers, wide, used })));
  else if (blast.start === undefined) tools.terminal.out(clusterBlastText(blast, answers));
  else tools.terminal.out(blastText(blast, answers, used));
  const refusal = refusalOf(answers, options);
  if (refusal !== undefined) tools.terminal.err(`bulkhead: ${refusal}\n`);
  const isBad = !blast.asked.isComplete || (options.strict === true && blast.problems.length > 0);
  process.exitCode = isBad ? EXIT.unusable : refusal === undefined ? EXIT.fine : EXIT.found;
}

/** `bulkhead blast`: what a compromised pod reaches, hop by hop, before and after policies. */
export function blastCommand(tools: PolicyTools): Command {
  return new Command('blast')
    .description('say what a compromised pod of a workload reaches, or rank all workloads by it')
    .argument('[workload]', 'as shop/cart or shop/cart[Deployment]; without it, all are ranked')
    .option('--manifests <folders...>', 'who is there and under which policies, from manifests')
    .option('--flows <flows...>', 'who is there and what was really used, from Hubble exports')
    .option('--policies <folder>', 'the current policies; those of --manifests when left out')
    .option('--proposal <folder>', 'policies to compare with, taken alone, e.g. policies-out/demo')
    .option('--hops <count>', 'how many hops to show one by one', '3')
    .option(
      '--crown-jewel <name>',
      'a workload that must not be reached, or label=value of its pods (repeatable)',
      listed,
    )
    .option('--every-port', 'count every port that policies allow, whether or not anybody is known to listen')
    .option('--max-reach <count>', 'exit with code 1 when more workloads than this are reached in the end')
    .option('--fail-on-path', 'exit with code 1 when a crown jewel is reached')
    .addOption(profileOption('cilium with --flows, kubernetes without'))
    .option('--cluster <name>', 'the cluster to look at')
    .option('--strict', 'exit with code 2 when something could not be read')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action((workload: string | undefined, options: BlastOptions) => run(tools, workload, options));
}
