import { asciiJson } from '#core/ascii-json.ts';
import { canonicalJson, toJson } from '#core/baseline/canonical-json.ts';
import { compareText, sortedBy, sortedText } from '#core/order.ts';
import { DEFAULT_DENY_FOLDER, pathInCluster } from '#core/policy/generate/policy-names.ts';
import type { HashText } from '#core/policy/hash.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { NamespaceIsolation, Proposal, ProposedPolicy, RuleReason } from '#core/policy/proposal.ts';
import { planRollout } from '#core/policy/rollout/plan-rollout.ts';
import type { RolloutPlan } from '#core/policy/rollout/rollout-plan.ts';

/** How policies, kustomizations, reports and rollout plans become text. */
export interface ExportRenderers {
  readonly renderPolicy: (policy: NetworkPolicy, reasons: readonly RuleReason[]) => string;
  readonly renderKustomization: (resources: readonly string[]) => string;
  readonly renderReport: (proposal: Proposal) => string;
  readonly renderRollout: (plan: RolloutPlan) => string;
}

export interface PlannedFile {
  /** Relative to the folder of the cluster, with forward slashes. */
  readonly path: string;
  readonly content: string;
}

export const CERTIFICATE_FILE = 'certificate.json';
const REPORT_FILE = 'REPORT.md';
/** What the certificate does not prove: hold-out and confidence. */
const EVIDENCE_FILE = 'evidence.json';
const ROLLOUT_FILE = 'rollout.json';
const ROLLOUT_PAGE = 'ROLLOUT.md';
const KUSTOMIZATION = 'kustomization.yaml';

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** True for the files of an export that hold a policy. */
export const isPolicyFile = (path: string): boolean =>
  path.endsWith('.yaml') && nameOf(path) !== KUSTOMIZATION;

/** Data as it is written: sorted keys, one line for each entry of its lists, so that a diff can be read. */
function dataText(value: object): string {
  const json = toJson(value) as Readonly<Record<string, unknown>>;
  const fields = sortedText(Object.keys(json)).map(
    (key) => `${JSON.stringify(key)}: ${valueText(json[key])}`,
  );
  return asciiJson(`{\n${fields.join(',\n')}\n}\n`);
}

function valueText(value: unknown): string {
  if (!Array.isArray(value) || value.length === 0) return canonicalJson(toJson(value));
  return `[\n${value.map((each) => `  ${canonicalJson(toJson(each))}`).join(',\n')}\n]`;
}

/** How well each rule is supported, and what the hold-out says: what nobody can prove again from the policies. */
const evidenceOf = ({ id, holdOut, policies }: Proposal) => ({
  format: 'bulkhead.evidence/v1',
  proposal: id,
  ...(holdOut === undefined ? {} : { holdOut }),
  rules: policies.flatMap(({ policy, reasons }) =>
    reasons.map(({ direction, index, comment, confidence, parts }) => ({
      rule: `${policy.metadata.namespace ?? 'default'}/${policy.metadata.name} ${direction}[${index}]`,
      admits: comment,
      confidence,
      ...(parts === undefined ? {} : { parts }),
    })),
  ),
});

/** One kustomization for each folder of policies, and one at the top that leaves default deny to be applied last. */
function kustomizations(policyPaths: readonly string[], renderers: ExportRenderers): readonly PlannedFile[] {
  const folders = sortedText(new Set(policyPaths.map(folderOf)));
  const ofFolder = (folder: string): PlannedFile => {
    const names = policyPaths.filter((path) => folderOf(path) === folder).map(nameOf);
    return {
      path: `${folder}/${KUSTOMIZATION}`,
      content: renderers.renderKustomization(sortedText(names)),
    };
  };
  const open = folders.filter((folder) => nameOf(folder) !== DEFAULT_DENY_FOLDER);
  const top = { path: KUSTOMIZATION, content: renderers.renderKustomization(open) };
  return [...folders.map(ofFolder), ...(open.length > 0 ? [top] : [])];
}

/**
 * Every file of a cluster's export, sorted by path. `retained` are policy files of earlier exports that stay, so that the
 * kustomizations go on naming them.
 */
export function planFiles(
  proposal: Proposal,
  renderers: ExportRenderers,
  { hash, retained }: { readonly hash: HashText; readonly retained: readonly string[] },
): readonly PlannedFile[] {
  const fileOf = (
    owner: ProposedPolicy | NamespaceIsolation,
    reasons: readonly RuleReason[],
  ): PlannedFile => ({
    path: pathInCluster(owner, hash),
    content: renderers.renderPolicy(owner.policy, reasons),
  });
  const policies = [
    ...proposal.policies.map((policy) => fileOf(policy, policy.reasons)),
    ...proposal.isolation.map((isolation) => fileOf(isolation, [])),
  ];
  const paths = [...policies.map(({ path }) => path), ...retained];
  const rollout = planRollout(proposal, hash);
  const files = [
    ...policies,
    ...kustomizations(sortedText(new Set(paths)), renderers),
    { path: CERTIFICATE_FILE, content: dataText(proposal.certificate) },
    { path: EVIDENCE_FILE, content: dataText(evidenceOf(proposal)) },
    { path: REPORT_FILE, content: renderers.renderReport(proposal) },
    { path: ROLLOUT_FILE, content: dataText(rollout) },
    { path: ROLLOUT_PAGE, content: renderers.renderRollout(rollout) },
  ];
  return sortedBy(files, ({ path }) => path);
}

/** Two paths that some file system takes for one, or undefined. */
export function collidingPaths(paths: readonly string[]): readonly [string, string] | undefined {
  const sorted = [...paths].sort((a, b) => compareText(a.toLowerCase(), b.toLowerCase()));
  for (const [index, path] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next !== undefined && next.toLowerCase() === path.toLowerCase()) return [path, next];
  }
  return undefined;
}
