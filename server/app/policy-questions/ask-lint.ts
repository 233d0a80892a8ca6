import { ruleNamed } from '#core/policy/lint/all-rules.ts';
import type { LintFinding } from '#core/policy/lint/finding.ts';
import { lint } from '#core/policy/lint/lint.ts';
import { failed, ok, type Result } from '#core/result.ts';
import type { PlacedManifest } from '../ports/manifest-tools.ts';
import { lintAnswer, listedFindings, onlySeenIn, withLine } from './answers/lint.ts';
import { Cuts } from './cuts.ts';
import type { Ground, SeenGround, Selected } from './ground.ts';
import type { Answered, LintQuestion, QuestionFailure } from './question.ts';

/** Puts findings on the lines of their fields; each text is read once. */
function placedFindings(
  findings: readonly LintFinding[],
  files: Selected['files'],
  ground: Ground,
): readonly LintFinding[] {
  const texts = new Map(files.map(({ file, text }) => [file, text]));
  const read = new Map<string, PlacedManifest | undefined>();
  return findings.map((finding) => {
    const file = finding.source?.file;
    if (file === undefined) return finding;
    const text = texts.get(file);
    if (!read.has(file)) read.set(file, text === undefined ? undefined : ground.tools.placed(text, file));
    return withLine(finding, read.get(file));
  });
}

/** What about policies does not do what it looks like. */
export function askLint(
  question: LintQuestion,
  ground: Ground,
  seen: SeenGround,
): Result<Answered, QuestionFailure> {
  const voices = new Map(Object.entries(question.rules));
  if ([...voices.keys()].some((id) => ruleNamed(id) === undefined))
    return failed({ code: 'rule_unknown', at: 'rules' });
  const selected = ground.select(question.policies, seen, 'policies');
  if (!selected.ok) return selected;
  const { model, problems, profile } = ground.askedAnyhow(selected.value, seen, question.profile);
  const onlySeen = onlySeenIn(ground.declared(selected.value), model);
  const whole = lint({ model, problems, profile, onlySeen, voices });
  const { minSeverity, limit } = question;
  const cuts = new Cuts(limit);
  const listed = cuts.take('findings', listedFindings({ result: whole, minSeverity }));
  const counted = lintAnswer({
    result: whole,
    minSeverity,
    profile: profile.name,
    policies: model.policies.length,
    workloads: model.workloads.length,
  });
  const { files } = selected.value;
  const own = {
    ...whole,
    findings: placedFindings(listed, [...files, ...(ground.current()?.files ?? [])], ground),
  };
  const { findings } = lintAnswer({ ...counted, result: own, minSeverity });
  return ok({ lists: cuts.lists, answer: { ...counted, findings } });
}
