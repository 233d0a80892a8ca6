import type { PlacedPolicy } from '#core/policy/cluster/cluster-model.ts';
import { describeManifestProblem, type ManifestProblem } from '#core/policy/cluster/manifest-problem.ts';
import { describeWrittenRule, rulesOf } from '#core/policy/explain/describe-rule.ts';
import type { PolicyDirection } from '#core/policy/literal/verdict.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';

/** Policies of somebody's manifests, and what of the manifests could not be read. */
export interface PolicyFolder {
  readonly policies: readonly PlacedPolicy[];
  readonly problems: readonly ManifestProblem[];
}

/** What `bulkhead propose` writes beside its policies is no manifest, and none that is damaged. */
export const isCertificate = ({ file, fault }: ManifestProblem): boolean =>
  fault === 'kind_missing' && /(?:^|\/)(?:certificate|evidence|existing|rollout)\.json$/.test(file);

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

/** A policy as answers name it: with its place, where one is known. */
export const namedPolicy = (policy: NetworkPolicy, sources: Sources) => ({
  policy: policyName(policy),
  source: sources.get(policy),
});

/** Problems as answers tell them: the facts, and one line made of them. */
export const toldProblems = (problems: readonly ManifestProblem[]) =>
  problems.map((problem) => ({ ...problem, message: describeManifestProblem(problem) }));
