import { formatInstant } from '#core/flow/time.ts';
import type { AssertionAnswer, Path } from '#core/policy/segments/check-segments.ts';
import type { Step, StepSide } from '#core/policy/segments/judged-path.ts';
import type { SeenVerdict } from '#core/policy/segments/seen.ts';
import type { AskedModel } from '../asked-cluster.ts';
import { namedPolicy, type Sources, sourcesOf, toldProblems } from '../placed-policies.ts';
import { assertionText, closingText, type NamedEnds } from './assertion-words.ts';

/** Everything that a check of segments found. */
export interface AssertAnswered {
  /** Name of the file of assertions. */
  readonly file: string;
  readonly asked: AskedModel;
  /** In the order of the file. */
  readonly answers: readonly AssertionAnswer[];
}

/** Both ends of a step, as sentences name them. */
export const endsOf = ({ from, to }: Step): NamedEnds => ({ from: [from], to: [to] });

function sideAnswer({ decisions, isolatedBy, allowedBy }: StepSide, sources: Sources) {
  return {
    decisions,
    isolatedBy: isolatedBy.map((policy) => namedPolicy(policy, sources)),
    allowedBy: allowedBy.map(({ policy, rule }) => ({ ...namedPolicy(policy, sources), rule })),
  };
}

const pathAnswer = (path: Path, { assertion }: AssertionAnswer, sources: Sources) => ({
  steps: path.map((step) => ({
    from: step.from,
    to: step.to,
    ports: step.ports,
    reason: step.reason,
    egress: sideAnswer(step.egress, sources),
    ingress: sideAnswer(step.ingress, sources),
    remedy: closingText(step, endsOf(step), assertion),
  })),
});

const trafficAnswer = (traffic: SeenVerdict) => ({
  ...traffic,
  offences: traffic.offences.map((offence) => ({
    ...offence,
    firstSeenAt: formatInstant(offence.firstSeenAt),
    lastSeenAt: formatInstant(offence.lastSeenAt),
  })),
});

/** The answer as plain data, the same for a command and for the API; assertions in the order of the file. */
export function assertAnswer({ file, asked, answers }: AssertAnswered) {
  const { model, problems, profile, cluster } = asked;
  const sources = sourcesOf(model.policies);
  return {
    file,
    profile: profile.name,
    cluster,
    policies: model.policies.length,
    workloads: model.workloads.length,
    assertions: answers.map((answer) => ({
      id: answer.assertion.id,
      severity: answer.assertion.severity,
      assertion: assertionText(answer.assertion),
      why: answer.assertion.why,
      verdict: answer.verdict,
      pairs: answer.policy.pairs,
      pathCount: answer.policy.pathCount,
      paths: answer.policy.paths.map((path) => pathAnswer(path, answer, sources)),
      traffic: answer.traffic && trafficAnswer(answer.traffic),
    })),
    problems: toldProblems(problems),
  };
}
