import type { ClusterModel } from '#core/policy/cluster/cluster-model.ts';
import { parseFieldText } from '#core/policy/cluster/manifest-problem.ts';
import { ruleNamed } from '#core/policy/lint/all-rules.ts';
import { type LintFinding, type LintResult, type Severity, severityRank } from '#core/policy/lint/finding.ts';

/** A result, and how much of it is listed. */
export interface LintAnswered {
  readonly result: LintResult;
  /** Findings milder than this are counted and not listed. */
  readonly minSeverity: Severity;
  readonly profile: string;
  readonly policies: number;
  readonly workloads: number;
}

/** Namespaces whose workloads only flows know. */
export function onlySeenIn(declared: ClusterModel, everybody: ClusterModel): ReadonlySet<string> {
  const known = new Set<string>(declared.workloads.map(({ namespace }) => namespace));
  return new Set<string>(
    everybody.workloads.map(({ namespace }) => namespace).filter((name) => !known.has(name)),
  );
}

/** A file with the lines of its fields. */
export interface PlacedFile {
  readonly documents: readonly {
    /** From 1; without it findings stay on the line of their object. */
    readonly number?: number;
    lineOf(path: readonly (string | number)[]): number;
  }[];
}

/** The finding on the line of its field; where the file is not known it stays on that of its object. */
export function withLine(finding: LintFinding, placed: PlacedFile | undefined): LintFinding {
  const { source, field } = finding;
  const document = placed?.documents.find(({ number }) => number === source?.document);
  if (source === undefined || document === undefined || field === '') return finding;
  const path = [...parseFieldText(source.item), ...parseFieldText(field)];
  return { ...finding, source: { ...source, line: document.lineOf(path) } };
}

/** The findings that are listed. */
export const listedFindings = ({
  result,
  minSeverity,
}: Pick<LintAnswered, 'result' | 'minSeverity'>): readonly LintFinding[] =>
  result.findings.filter(({ severity }) => severityRank(severity) <= severityRank(minSeverity));

/** How many findings have a severity. */
export const countOf = (findings: readonly LintFinding[], severity: Severity): number =>
  findings.filter((finding) => finding.severity === severity).length;

/** The answer as plain data, the same for a command and for the API: every place of what is listed. */
export function lintAnswer(shown: LintAnswered) {
  const { result, profile, policies, workloads } = shown;
  return {
    profile,
    policies,
    workloads,
    errors: countOf(result.findings, 'error'),
    warnings: countOf(result.findings, 'warning'),
    notes: countOf(result.findings, 'info'),
    findings: listedFindings(shown).map((finding) => {
      const rule = ruleNamed(finding.rule);
      return { ...finding, title: rule?.title, why: rule?.why };
    }),
    suppressed: result.suppressed,
    skippedRules: result.skipped,
    remarks: result.notes,
  };
}
