import { Option } from 'commander';
import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import type { ManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import { isOtherPolicy } from '#core/policy/cluster/other-policy.ts';
import type { Miss } from '#core/policy/explain/misses.ts';
import { NETWORK_NAMES } from '#core/policy/literal/profiles.ts';
import { isCertificate, type PolicyFolder } from '../app/policy-questions/placed-policies.ts';
import type { ConnectionsTools } from './connections.ts';
import { refuseEmpty, tellProblems } from './manifest-problems.ts';
import { printable, UsageError } from './terminal.ts';

/** What commands that ask about policies need of the outside world. */
export interface PolicyTools extends ConnectionsTools {
  /** Plain data as YAML. */
  printYaml(value: unknown): string;
}

/** Says on standard error what of the manifests could not be read, and which policies are of kinds nobody judges. */
export function tellAbout(
  { terminal }: ConnectionsTools,
  model: ClusterModel,
  problems: readonly ManifestProblem[],
): void {
  tellProblems(terminal, problems);
  for (const { kind, apiVersion, count } of model.otherKinds.filter((each) => isOtherPolicy(each.kind))) {
    terminal.err(
      `bulkhead: ${printable(`${count} × ${kind} (${apiVersion})`)} not judged; it may forbid or allow more\n`,
    );
  }
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
