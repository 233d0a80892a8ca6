import { compareText, sortedBy } from '../../order.ts';
import { LINT_RULES } from './all-rules.ts';
import {
  type LintFinding,
  type LintRequest,
  type LintResult,
  type Place,
  type Severity,
  severityRank,
} from './finding.ts';
import type { Draft, LintRule } from './lint-rule.ts';
import { LintWorld } from './lint-world.ts';
import { ignoredIn } from './suppression.ts';

/** Most findings of one rule; the rest is counted in a note. */
const MOST_OF_ONE_RULE = 1000;

const placeOf = ({ source }: Draft['about']): Place | undefined =>
  source === undefined
    ? undefined
    : { file: source.file, document: source.document, line: source.line, item: source.item };

const isQuiet = ({ about }: Draft, rule: LintRule): boolean =>
  'policy' in about && ignoredIn(about.policy).includes(rule.id);

/** What a user said of the rule, else its own voice or the milder one of this finding. */
function severityOf(rule: LintRule, draft: Draft, voices: LintRequest['voices']): Severity {
  const voice = voices.get(rule.id);
  return voice === undefined || voice === 'off' ? (draft.severity ?? rule.severity) : voice;
}

const PLACES: ReadonlyMap<string, number> = new Map(LINT_RULES.map(({ id }, place) => [id, place]));

const placeOfRule = ({ rule }: LintFinding): number => PLACES.get(rule) ?? 0;

const compareFindings = (a: LintFinding, b: LintFinding): number =>
  severityRank(a.severity) - severityRank(b.severity) ||
  placeOfRule(a) - placeOfRule(b) ||
  compareText(a.source?.file ?? '', b.source?.file ?? '') ||
  (a.source?.document ?? 0) - (b.source?.document ?? 0) ||
  (a.source?.line ?? 0) - (b.source?.line ?? 0) ||
  compareText(a.about, b.about) ||
  compareText(a.field, b.field) ||
  compareText(a.what, b.what);

/**
 * Everything about these policies that does not do what it looks like, in one order. Malformed pieces are findings,
 * never an exception. It grows with pods once, then with groups of pods that policies tell apart, times rules.
 */
export function lint(request: LintRequest): LintResult {
  const world = new LintWorld(request);
  const findings: LintFinding[] = [];
  const suppressed = new Map<string, number>();
  const skipped: string[] = [];
  for (const rule of LINT_RULES.filter(({ id }) => request.voices.get(id) !== 'off')) {
    if (rule.needs === 'workloads' && !world.hasWorkloads) {
      skipped.push(rule.id);
      continue;
    }
    const drafts = rule.check(world);
    const loud = drafts.filter((draft) => !isQuiet(draft, rule));
    if (loud.length < drafts.length) suppressed.set(rule.id, drafts.length - loud.length);
    if (loud.length > MOST_OF_ONE_RULE)
      world.notes.add(`${loud.length - MOST_OF_ONE_RULE} more findings of ${rule.id} are not listed`);
    findings.push(...loud.slice(0, MOST_OF_ONE_RULE).map((draft) => findingOf(rule, draft, request.voices)));
  }
  return {
    findings: findings.sort(compareFindings),
    suppressed: sortedBy(
      [...suppressed].map(([rule, count]) => ({ rule, count })),
      ({ rule }) => rule,
    ),
    skipped,
    notes: [...world.notes].sort(compareText),
  };
}

const findingOf = (rule: LintRule, draft: Draft, voices: LintRequest['voices']): LintFinding => ({
  rule: rule.id,
  severity: severityOf(rule, draft, voices),
  about: draft.about.name,
  source: placeOf(draft.about),
  field: draft.field,
  what: draft.what,
  fix: draft.fix,
});
