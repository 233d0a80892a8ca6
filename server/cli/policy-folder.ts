import { Option } from 'commander';
import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import { describeManifestProblem, type ManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import type { Miss } from '#core/policy/explain/misses.ts';
import { NETWORK_NAMES } from '#core/policy/literal/profiles.ts';
import { isOtherPolicy } from '../app/policy-questions/answers/connections.ts';
import { isCertificate, type PolicyFolder } from '../app/policy-questions/placed-policies.ts';
import type { ClusterFolder, ConnectionsTools } from './connections.ts';
import { plural, printable, UsageError } from './terminal.ts';

/** What commands that ask about policies need of the outside world. */
export interface PolicyTools extends ConnectionsTools {
  /** Plain data as YAML. */
  printYaml(value: unknown): string;
}

/** Problems shown one by one; JSON has all of them. */
const SHOWN_PROBLEMS = 20;

/** Says on standard error what of the manifests could not be read, and which policies are of kinds nobody judges. */
export function tellAbout(
  { terminal }: ConnectionsTools,
  model: ClusterModel,
  problems: readonly ManifestProblem[],
): void {
  for (const problem of problems.slice(0, SHOWN_PROBLEMS))
    terminal.err(`bulkhead: ${printable(describeManifestProblem(problem))}\n`);
  const hidden = problems.length - SHOWN_PROBLEMS;
  if (hidden > 0) terminal.err(`bulkhead: and ${plural(hidden, 'more problem')}; --json lists all of them\n`);
  for (const { kind, apiVersion, count } of model.otherKinds.filter((each) => isOtherPolicy(each.kind))) {
    terminal.err(
      `bulkhead: ${printable(`${count} × ${kind} (${apiVersion})`)} not judged; it may forbid or allow more\n`,
    );
  }
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

/** Reads the NetworkPolicies of a folder or file. Throws {@link UsageError} when it holds none. */
export async function readPolicyFolder(tools: ConnectionsTools, dir: string): Promise<PolicyFolder> {
  const { model, problems: all, files } = await tools.readCluster([dir]);
  const problems = all.filter((problem) => !isCertificate(problem));
  refuseEmpty(dir, { files, problems });
  tellAbout(tools, model, problems);
  if (model.policies.length === 0) throw new UsageError(`${dir} holds no NetworkPolicy that could be read.`);
  return { policies: model.policies, problems };
}

const MISS_WORDS: Readonly<Record<Miss['what'], string>> = {
  protocol: 'protocol',
  port: 'port',
  label: 'pod label',
  namespace: 'namespace',
  address: 'address',
  'no-pod': 'peer',
  direction: 'direction',
  subject: 'pods the policy is about',
  'policy-namespace': "the policy's namespace",
  fault: 'malformed',
};

/** `pod label: the rule asks for app=carts, here it is app=cart`. */
export const missText = ({ what, wanted, found }: Miss): string =>
  what === 'fault'
    ? `${MISS_WORDS[what]}: ${wanted} ${found}`
    : `${MISS_WORDS[what]}: the rule asks for ${wanted}, here it is ${found}`;

/** Plain data as YAML, one printable line each, indented. */
export const yamlLines = (tools: PolicyTools, value: unknown, indent: string): readonly string[] =>
  tools
    .printYaml(value)
    .trimEnd()
    .split('\n')
    .map((line) => `${indent}${line}`);

/** The option that says how the network reads what the specification leaves open. */
export const profileOption = (fallback: string): Option =>
  new Option(
    '--profile <network>',
    `how the network reads what the specification leaves open (default: ${fallback})`,
  ).choices(NETWORK_NAMES);
