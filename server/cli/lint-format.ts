import { ruleNamed } from '#core/policy/lint/all-rules.ts';
import { type LintFinding, SEVERITIES, type Severity } from '#core/policy/lint/finding.ts';
import {
  countOf,
  type LintAnswered,
  lintAnswer,
  listedFindings,
} from '../app/policy-questions/answers/lint.ts';
import { formatCount, jsonText, plural, printable } from './terminal.ts';

/** A result as it is shown. */
export interface ShownLint extends LintAnswered {
  /** Version of the command, for formats that carry one. */
  readonly version: string;
}

const WORDS: Readonly<Record<Severity, string>> = { error: 'ERROR', warning: 'WARN', info: 'INFO' };

/** Places of one rule listed in text; the other formats list all. */
const PLACES_SHOWN = 12;

/** `shop.yaml:12`, or the object where no file is known. */
const placeText = ({ source, about }: LintFinding): string => {
  if (source === undefined) return about;
  return source.line === undefined ? source.file : `${source.file}:${source.line}`;
};

/** What all findings of a block say alike is said once, before their places. */
interface Shared {
  readonly what: string | undefined;
  readonly fix: string | undefined;
}

function sharedBy(findings: readonly LintFinding[]): Shared {
  const only = (texts: readonly string[]): string | undefined =>
    new Set(texts).size === 1 ? texts[0] : undefined;
  const isOne = findings.length === 1;
  return {
    what: isOne ? undefined : only(findings.map(({ what }) => what)),
    fix: only(findings.map(({ fix }) => fix)),
  };
}

function findingLines(finding: LintFinding, shared: Shared): readonly string[] {
  const { about, field, what, fix, source } = finding;
  const subject = source === undefined || about === source.file ? '' : ` ${about}`;
  return [
    `  ${placeText(finding)}${subject}${field === '' ? '' : ` ${field}`}`,
    ...(shared.what === undefined ? [`    ${what}`] : []),
    ...(shared.fix === undefined ? [`    fix: ${fix}`] : []),
  ];
}

/** Findings of one rule and severity, in one block: what, why and the places. */
function blockLines(findings: readonly LintFinding[]): readonly string[] {
  const [first] = findings;
  if (first === undefined) return [];
  const rule = ruleNamed(first.rule);
  const count = findings.length === 1 ? '' : ` (${formatCount(findings.length)} places)`;
  const shared = sharedBy(findings);
  const hidden = findings.length - PLACES_SHOWN;
  return [
    `${WORDS[first.severity]} ${rule?.title ?? first.rule} [${first.rule}]${count}`,
    ...(shared.what === undefined ? [] : [`  ${shared.what}`]),
    `  why: ${rule?.why ?? ''}`,
    ...(shared.fix === undefined ? [] : [`  fix: ${shared.fix}`]),
    ...findings.slice(0, PLACES_SHOWN).flatMap((finding) => findingLines(finding, shared)),
    ...(hidden > 0 ? [`  and ${plural(hidden, 'more place')}; --format json lists all of them`] : []),
    '',
  ];
}

function blocksOf(findings: readonly LintFinding[]): readonly (readonly LintFinding[])[] {
  const blocks = new Map<string, LintFinding[]>();
  for (const finding of findings) {
    const key = `${finding.severity} ${finding.rule}`;
    const block = blocks.get(key) ?? [];
    blocks.set(key, block);
    block.push(finding);
  }
  return [...blocks.values()];
}

const NOUNS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

function summaryLines(shown: ShownLint): readonly string[] {
  const { result, profile, policies, workloads, minSeverity } = shown;
  const { findings, suppressed, skipped, notes } = result;
  const counts = SEVERITIES.map((severity) => plural(countOf(findings, severity), NOUNS[severity])).join(
    ', ',
  );
  const hidden = findings.length - listedFindings(shown).length;
  const quiet = suppressed.map(({ rule, count }) => `${rule} ${count}`).join(', ');
  const where = workloads === 0 ? '' : ` and ${plural(workloads, 'workload')}`;
  return [
    `${counts} in ${formatCount(policies)} ${policies === 1 ? 'policy' : 'policies'}${where} (${profile})`,
    ...(hidden > 0
      ? [`  ${formatCount(hidden)} milder than ${minSeverity} not listed; --min-severity info lists them`]
      : []),
    ...(quiet === '' ? [] : [`  kept quiet by annotation: ${quiet}`]),
    ...(skipped.length === 0
      ? []
      : [
          `  ${plural(skipped.length, 'rule')} not asked, since no workload is known; name their manifests too, or --flows`,
        ]),
    ...notes.map((note) => `  note: ${note}`),
  ];
}

/** Blocks by rule, the worst first, then what was counted. */
export function lintText(shown: ShownLint): string {
  const blocks = blocksOf(listedFindings(shown)).flatMap(blockLines);
  return [...blocks, ...summaryLines(shown)].map((line) => `${printable(line)}\n`).join('');
}

/** Everything that text shows, and every place. */
export const lintJson = (shown: ShownLint): string => jsonText(lintAnswer(shown));
