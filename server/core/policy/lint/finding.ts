import type { ClusterModel, ObjectSource } from '../cluster/cluster-model.ts';
import type { ManifestProblem } from '../cluster/manifest-problem.ts';
import type { CniProfile } from '../world.ts';

/** How much a finding matters, the worst first. */
export const SEVERITIES = ['error', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** 0 for the worst. */
export const severityRank = (severity: Severity): number => SEVERITIES.indexOf(severity);

/** What is asked: one cluster, as far as manifests and flows show it. */
export interface LintRequest {
  readonly model: ClusterModel;
  readonly problems: readonly ManifestProblem[];
  readonly profile: CniProfile;
  /** Namespaces whose pods are known from flows alone: who did not talk while they were recorded may be there too. */
  readonly onlySeen: ReadonlySet<string>;
  /** Rules that speak with another voice than their own, or not at all. */
  readonly voices: ReadonlyMap<string, Severity | 'off'>;
}

/** One thing about policies that does not do what it looks like. Texts may hold what a stranger wrote. */
export interface LintFinding {
  /** Id of a rule; it does not change between versions. */
  readonly rule: string;
  readonly severity: Severity;
  /** The object it is about: `shop/db`, `namespace shop`. */
  readonly about: string;
  /** Undefined for what stands in no file. */
  readonly source: Place | undefined;
  /** Path within the object, e.g. `spec.ingress[0].from[1]`; empty for the object as a whole. */
  readonly field: string;
  /** What is the matter, in one sentence. */
  readonly what: string;
  /** How to mend it, in one sentence. */
  readonly fix: string;
}

/** Where an object stands; a line or document that nobody knows is left out. */
export interface Place extends Pick<ObjectSource, 'file' | 'item'> {
  readonly document: number | undefined;
  readonly line: number | undefined;
}

/** How often something happened under one rule. */
export interface RuleCount {
  readonly rule: string;
  readonly count: number;
}

/** Everything lint has to say. */
export interface LintResult {
  /** The worst first; then by rule in the order of the list of rules, file and place. */
  readonly findings: readonly LintFinding[];
  /** Findings that an annotation of their policy asks to keep quiet. */
  readonly suppressed: readonly RuleCount[];
  /** Rules that had nothing to go by: nobody is known whom policies could be about. */
  readonly skipped: readonly string[];
  /** What was cut, and what was assumed. */
  readonly notes: readonly string[];
}
