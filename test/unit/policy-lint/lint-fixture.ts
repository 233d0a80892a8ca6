import { LINT_RULES } from '#core/policy/lint/all-rules.ts';
import type { LintFinding, LintRequest, LintResult } from '#core/policy/lint/finding.ts';
import { lint } from '#core/policy/lint/lint.ts';
import { profileNamed } from '#core/policy/literal/profiles.ts';
import type { CniProfile } from '#core/policy/world.ts';
import { clusterFromTexts } from '../../../server/adapters/manifests/read-cluster.ts';

interface Asked {
  readonly profile?: CniProfile['name'];
  readonly voices?: LintRequest['voices'];
  readonly onlySeen?: readonly string[];
}

/** Lints one file of manifests. */
export function linted(
  text: string,
  { profile = 'kubernetes', voices, onlySeen = [] }: Asked = {},
): LintResult {
  const { model, problems } = clusterFromTexts([{ file: 'all.yaml', text }]);
  return lint({
    model,
    problems,
    profile: profileNamed(profile),
    voices: voices ?? new Map(),
    onlySeen: new Set(onlySeen),
  });
}

/** What one rule says about these manifests. */
export const saidBy = (rule: string, text: string, asked: Asked = {}): readonly LintFinding[] =>
  linted(text, asked).findings.filter((finding) => finding.rule === rule);

/** `severity field` of what one rule says. */
export const voicesOf = (rule: string, text: string, asked: Asked = {}): readonly string[] =>
  saidBy(rule, text, asked).map(({ severity, field }) => `${severity} ${field}`);

export const RULE_IDS: readonly string[] = LINT_RULES.map(({ id }) => id);

/** A Deployment whose pods are labelled `app: <name>`, with ports as they stand in a container. */
export const deployment = (name: string, namespace = 'shop', ports = ''): string => `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: ${name}, ports: [${ports}]}]}
`;

/** A NetworkPolicy; `spec` as one line of YAML. */
export const policy = (spec: string, name = 'np', namespace = 'shop', metadata = ''): string => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: ${namespace}${metadata}}
spec: {${spec}}
`;
