import { Command } from 'commander';
import { describeManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import { type AskedEnd, type AskedEndFailure, parseAskedEnd } from '#core/policy/explain/asked-end.ts';
import { explain } from '#core/policy/explain/explain.ts';
import { type Population, populationOfModel, populationOfSeen } from '#core/policy/explain/population.ts';
import { profileNamed } from '#core/policy/literal/profiles.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { CniProfile, PolicyProtocol } from '#core/policy/world.ts';
import { unreachable } from '#core/result.ts';
import type { PolicyFolder } from '../app/policy-questions/placed-policies.ts';
import { scopeOf } from '../app/scope-of.ts';
import { explainJson, explainText } from './explain-format.ts';
import { type PolicyTools, profileOption, readPolicyFolder } from './policy-folder.ts';
import { isRefused, type ReadingOptions, readFlows } from './reading.ts';
import { EXIT, plural, printable, UsageError } from './terminal.ts';

const EXAMPLES = `
Examples:
  bulkhead explain shop/cart shop/db 5432 --policies policies-out --flows events.log
  bulkhead explain shop/cart-7d9c5b6f4-x2x4z kube-system/coredns 53/UDP --policies netpol.yaml --flows events.log
  bulkhead explain shop/web 203.0.113.0/24 443 --manifests manifests       policies and workloads from one folder
  bulkhead explain kube-apiserver 'shop/hook[Deployment]' 8443 --policies netpol --manifests app --json

FROM and TO are namespace/workload, namespace/workload[Kind], namespace/pod, an address, a CIDR outside the cluster, or
one of world, host, remote-node, kube-apiserver, health, ingress, unmanaged, init. PORT is the pod's own, behind any Service.
`;

interface ExplainOptions extends Pick<ReadingOptions, 'cluster' | 'strict' | 'json'> {
  readonly policies?: string;
  readonly flows?: readonly string[];
  readonly manifests?: readonly string[];
  readonly profile?: CniProfile['name'];
}

interface AskedPort {
  readonly port: number;
  readonly protocol: PolicyProtocol;
}

const PROTOCOLS: readonly PolicyProtocol[] = ['TCP', 'UDP', 'SCTP'];

/** Reads `5432` or `53/UDP`. */
function parsePort(text: string): AskedPort {
  const [, digits = '', name = 'TCP'] = /^(\d{1,5})(?:\/([A-Za-z]+))?$/.exec(text) ?? [];
  const port = Number(digits);
  const protocol = PROTOCOLS.find((each) => each === name.toUpperCase());
  if (digits === '' || port < 1 || port > 65_535)
    throw new UsageError(`${text} is no port: write it like 5432 or 53/UDP, with a number from 1 to 65535.`);
  if (protocol === undefined) throw new UsageError(`${name} is none of TCP, UDP and SCTP.`);
  return { port, protocol };
}

function failureSentence(failure: AskedEndFailure): string {
  const text = printable(failure.text);
  switch (failure.code) {
    case 'no_end':
      return `${text} is no end of a connection: write it like shop/cart, 203.0.113.7, 10.0.0.0/8 or kube-apiserver.`;
    case 'nobody_there': {
      const similar = failure.similar.length === 0 ? '' : ` Did you mean ${failure.similar.join(' or ')}?`;
      return `nobody called ${text} is known.${similar}`;
    }
    case 'several_kinds':
      return `${text} is the name of several workloads; say which: ${failure.similar.join(' or ')}.`;
    default:
      return unreachable(failure);
  }
}

function endOf(text: string, population: Population, policies: readonly NetworkPolicy[]): AskedEnd {
  const end = parseAskedEnd(text, population, policies);
  if (end.ok) return end.value;
  throw new UsageError(failureSentence(end.error));
}

/** Who is there, which policies are asked about, and whether all of it could be read. */
interface Known {
  readonly population: Population;
  readonly folder: PolicyFolder;
  readonly profile: CniProfile;
  readonly isComplete: boolean;
  /** False when an input could not be read, or not to its end. */
  readonly isRead: boolean;
}

async function fromFlows(
  tools: PolicyTools,
  flows: readonly string[],
  options: ExplainOptions,
): Promise<Known> {
  if (options.policies === undefined)
    throw new UsageError('--flows needs --policies: a recording holds none.');
  const folder = await readPolicyFolder(tools, options.policies);
  const { cluster: name, strict } = options;
  const reading = await readFlows(tools.terminal, flows, name === undefined ? {} : { cluster: name });
  const profile = profileNamed(options.profile ?? 'cilium');
  const { cluster } = scopeOf(reading.world, { cluster: name });
  const isComplete =
    !isRefused(reading, strict === undefined ? {} : { strict }) && folder.problems.length === 0;
  const isRead = !isRefused(reading, {});
  const population = populationOfSeen(reading.world, cluster, profile);
  return { population, folder, profile, isComplete, isRead };
}

async function fromManifests(
  tools: PolicyTools,
  manifests: readonly string[],
  options: ExplainOptions,
): Promise<Known> {
  const { model, problems } = await tools.readCluster(manifests);
  if (model.workloads.length === 0)
    throw new UsageError(`no workload could be read from ${manifests.join(' and ')}.`);
  const own = { policies: model.policies, problems };
  const folder = options.policies === undefined ? own : await readPolicyFolder(tools, options.policies);
  const [first] = problems;
  if (first !== undefined) {
    const about = `${plural(problems.length, 'problem')} in the manifests; the first: ${describeManifestProblem(first)}`;
    tools.terminal.err(`bulkhead: ${printable(about)}\n`);
  }
  const profile = profileNamed(options.profile ?? 'kubernetes');
  const isComplete = problems.length === 0 && folder.problems.length === 0;
  return { population: populationOfModel(model), folder, profile, isComplete, isRead: true };
}

function known(tools: PolicyTools, options: ExplainOptions): Promise<Known> {
  const { flows, manifests } = options;
  if (flows !== undefined && manifests !== undefined)
    throw new UsageError('give --flows or --manifests, not both.');
  if (flows !== undefined) return fromFlows(tools, flows, options);
  if (manifests !== undefined) return fromManifests(tools, manifests, options);
  throw new UsageError('say who is there: with --flows, a recording, or with --manifests, a folder.');
}

/** `bulkhead explain`: may one end open a connection to another, by which rules, and if not, what is missing. */
export function explainCommand(tools: PolicyTools): Command {
  return new Command('explain')
    .description('say whether policies allow a connection, by which rules, and if not, what is missing')
    .argument('<from>', 'the end that opens the connection')
    .argument('<to>', 'the end that answers')
    .argument('<port>', "the answering pod's port, as 5432 or 53/UDP")
    .option('--policies <folder>', 'NetworkPolicies, whoever wrote them; those of --manifests when left out')
    .option('--flows <flows...>', 'who is there, from Hubble exports')
    .option('--manifests <folders...>', 'who is there, from manifests')
    .addOption(profileOption('cilium with --flows, kubernetes with --manifests'))
    .option('--cluster <name>', 'the cluster that the policies are for')
    .option('--strict', 'exit with code 2 when something could not be read')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (from: string, to: string, port: string, options: ExplainOptions) => {
      const asked = parsePort(port);
      const { population, folder, profile, isComplete, isRead } = await known(tools, options);
      const policies = folder.policies.map(({ policy }) => policy);
      const ends = { from: endOf(from, population, policies), to: endOf(to, population, policies) };
      const explanation = explain({ population, policies, profile, ...ends, ...asked });
      const shown = { ...ends, ...asked, folder, profile, explanation };
      tools.terminal.out(options.json === true ? explainJson(shown) : explainText(tools, shown));
      const isUnusable = !isRead || (options.strict === true && !isComplete);
      process.exitCode = isUnusable ? EXIT.unusable : EXIT.fine;
    });
}
