import { Option } from 'commander';
import type { ClusterModel, PlacedPolicy } from '#core/policy/cluster/cluster-model.ts';
import { describeManifestProblem, type ManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import { describeWrittenRule, rulesOf } from '#core/policy/explain/describe-rule.ts';
import type { Miss } from '#core/policy/explain/misses.ts';
import type { PolicyDirection } from '#core/policy/literal/verdict.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { ConnectionsTools } from './connections.ts';
import { isOtherPolicy } from './connections-format.ts';
import { plural, printable, UsageError } from './terminal.ts';

/** What commands that ask about policies need of the outside world. */
export interface PolicyTools extends ConnectionsTools {
  /** Plain data as YAML. */
  printYaml(value: unknown): string;
}

/** The policies of a folder, whoever wrote them, and what of the folder could not be read. */
export interface PolicyFolder {
  readonly policies: readonly PlacedPolicy[];
  readonly problems: readonly ManifestProblem[];
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

/** What `bulkhead propose` writes beside its policies is no manifest, and none that is damaged. */
export const isCertificate = ({ file, fault }: ManifestProblem): boolean =>
  fault === 'kind_missing' && /(?:^|\/)certificate\.json$/.test(file);

/** Reads the NetworkPolicies of a folder or file. Throws {@link UsageError} when it holds none. */
export async function readPolicyFolder(tools: ConnectionsTools, dir: string): Promise<PolicyFolder> {
  const { model, problems: all, files } = await tools.readCluster([dir]);
  const problems = all.filter((problem) => !isCertificate(problem));
  const [first] = problems;
  if (files === 0 && first?.fault === 'unreadable')
    throw new UsageError(`${first.file} could not be read: ${first.detail ?? 'no reason given'}.`);
  if (files === 0) throw new UsageError(`${dir} holds no YAML or JSON file.`);
  tellAbout(tools, model, problems);
  if (model.policies.length === 0) throw new UsageError(`${dir} holds no NetworkPolicy that could be read.`);
  return { policies: model.policies, problems };
}

/** How a policy is named in output: `shop/db`. */
export const policyName = ({ metadata }: NetworkPolicy): string =>
  `${metadata.namespace ?? 'default'}/${metadata.name}`;

/** Where policies were read. */
export type Sources = ReadonlyMap<NetworkPolicy, string>;

/** `db.yaml:3` for each policy. */
export const sourcesOf = (policies: readonly PlacedPolicy[]): Sources =>
  new Map(policies.map(({ policy, source }) => [policy, `${source.file}:${source.line}`]));

/** `shop/db (db.yaml:3)`. */
export function placedName(policy: NetworkPolicy, sources: Sources): string {
  const source = sources.get(policy);
  return source === undefined ? policyName(policy) : `${policyName(policy)} (${source})`;
}

/** `shop/db ingress[0] (db.yaml:3), from pods app=cart of the policy's own namespace on TCP 5432`. */
export function ruleText(
  at: { readonly policy: NetworkPolicy; readonly direction: PolicyDirection; readonly rule: number },
  sources: Sources,
): string {
  const { policy, direction, rule } = at;
  const written = rulesOf(policy, direction)[rule];
  const source = sources.get(policy);
  const place = `${policyName(policy)} ${direction}[${rule}]${source === undefined ? '' : ` (${source})`}`;
  return written === undefined ? place : `${place}, ${describeWrittenRule(written, direction)}`;
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
  ).choices(['kubernetes', 'cilium']);
