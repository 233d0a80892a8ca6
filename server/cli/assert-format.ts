import { formatInstant } from '#core/flow/time.ts';
import { describePorts } from '#core/policy/connections/port-set.ts';
import type { AssertionAnswer, Path } from '#core/policy/segments/check-segments.ts';
import type { Step } from '#core/policy/segments/judged-path.ts';
import type { SeenOffence, SeenVerdict } from '#core/policy/segments/seen.ts';
import { SEVERITIES } from '#core/policy/segments/segments-file.ts';
import { type AssertAnswered, assertAnswer, endsOf } from '../app/policy-questions/answers/assert.ts';
import {
  assertionText,
  closingText,
  listText,
  sideLines,
} from '../app/policy-questions/answers/assertion-words.ts';
import { type Sources, sourcesOf } from '../app/policy-questions/placed-policies.ts';
import type { AskedCluster } from './asked-cluster.ts';
import { groupedSteps, type StepGroup } from './assert-groups.ts';
import { formatCount, jsonText, plural, printable } from './terminal.ts';

/** Everything the command found, with what could be read. */
export interface AssertShown extends AssertAnswered {
  readonly asked: AskedCluster;
}

/** Groups of paths, and edges, shown of one assertion; JSON has more of them. */
const SHOWN = 8;

/** Violations by severity, in the order of the file among equals. */
export const violationsOf = ({ answers }: AssertShown): readonly AssertionAnswer[] =>
  answers
    .filter(({ verdict }) => verdict !== 'holds')
    .toSorted((a, b) => SEVERITIES.indexOf(a.assertion.severity) - SEVERITIES.indexOf(b.assertion.severity));

const headOf = (word: string, { assertion }: AssertionAnswer): string =>
  `${word}  ${assertion.id} (${assertion.severity}): ${assertionText(assertion)}`;

function groupLines(group: StepGroup, answer: AssertionAnswer, sources: Sources): readonly string[] {
  const { step } = group;
  return [
    `    ${listText(group.from)} => ${listText(group.to)} : ${describePorts(step.ports)}`,
    ...sideLines(step.egress, group, sources).map((line) => `      ${line}`),
    ...sideLines(step.ingress, group, sources).map((line) => `      ${line}`),
    `      remedy: ${closingText(step, group, answer.assertion)}`,
  ];
}

function stepLines(step: Step, sources: Sources): readonly string[] {
  return [
    `      ${step.from} => ${step.to} : ${describePorts(step.ports)}`,
    ...sideLines(step.egress, endsOf(step), sources).map((line) => `        ${line}`),
    ...sideLines(step.ingress, endsOf(step), sources).map((line) => `        ${line}`),
  ];
}

function chainLines(path: Path, answer: AssertionAnswer, sources: Sources): readonly string[] {
  const last = path.at(-1);
  const [first] = path;
  if (first === undefined || last === undefined) return [];
  return [
    `    ${first.from} comes to ${last.to} in ${path.length} connections:`,
    ...path.flatMap((step) => stepLines(step, sources)),
    `      remedy: close any step; the last: ${closingText(last, endsOf(last), answer.assertion)}`,
  ];
}

function policyLines(answer: AssertionAnswer, sources: Sources): readonly string[] {
  const { paths, pathCount } = answer.policy;
  if (pathCount === 0) return [];
  const groups = groupedSteps(paths);
  const chains = paths.filter((path) => path.length > 1);
  const shown = groups.slice(0, SHOWN);
  const shownChains = chains.slice(0, SHOWN);
  const hidden = pathCount - paths.length;
  const more = [
    ...(groups.length > SHOWN ? [plural(groups.length - SHOWN, 'more group')] : []),
    ...(chains.length > SHOWN ? [plural(chains.length - SHOWN, 'more chain')] : []),
    ...(hidden > 0 ? [`${plural(hidden, 'path')} beyond those looked at closely`] : []),
  ];
  return [
    `  by policy: ${plural(pathCount, 'path')}`,
    ...shown.flatMap((group) => groupLines(group, answer, sources)),
    ...shownChains.flatMap((path) => chainLines(path, answer, sources)),
    ...(more.length === 0 ? [] : [`    and ${more.join(', and ')}`]),
  ];
}

function seenLines(offence: SeenOffence, isMay: boolean): readonly string[] {
  const { line, conversations, lastSeenAt, fromExamples, toExamples, isAllowed } = offence;
  const [from] = fromExamples;
  const [to] = toExamples;
  const example = from === undefined || to === undefined ? '' : `, e.g. ${from} => ${to}`;
  const fate = isMay
    ? isAllowed
      ? 'denied then; these policies allow it'
      : 'denied'
    : isAllowed
      ? 'these policies allow it'
      : 'these policies would have stopped it: were they applied?';
  return [
    `    ${line}`,
    `      ${plural(conversations, 'conversation')}, last ${formatInstant(lastSeenAt)}${example}; ${fate}`,
  ];
}

function trafficLines({ assertion, traffic }: AssertionAnswer): readonly string[] {
  if (traffic === undefined || traffic.offenceCount === 0) return [];
  const { offences, offenceCount, conversations } = traffic;
  const isMay = assertion.verb === 'may';
  const hidden = offenceCount - Math.min(SHOWN, offences.length);
  return [
    `  by traffic: ${plural(conversations, 'conversation')} on ${plural(offenceCount, 'edge')}${isMay ? ' denied' : ''}`,
    ...offences.slice(0, SHOWN).flatMap((offence) => seenLines(offence, isMay)),
    ...(hidden > 0 ? [`    and ${plural(hidden, 'more edge')}`] : []),
  ];
}

function violationLines(answer: AssertionAnswer, sources: Sources): readonly string[] {
  return [
    headOf('VIOLATED', answer),
    `  why: ${answer.assertion.why}`,
    ...policyLines(answer, sources),
    ...trafficLines(answer),
    ...doubtText(answer.traffic).map((text) => `  ${text}`),
    '',
  ];
}

const doubtText = (traffic: SeenVerdict | undefined): readonly string[] =>
  traffic === undefined || traffic.unsure === 0
    ? []
    : [
        `${plural(traffic.unsure, 'conversation')} could not be told: addresses, pods or ports are not in the recording`,
      ];

function holdingLine(answer: AssertionAnswer): string {
  const { policy, traffic } = answer;
  const seen =
    traffic === undefined
      ? []
      : [
          ...(traffic.stopped > 0 ? [`${plural(traffic.stopped, 'attempt')} denied`] : []),
          ...doubtText(traffic),
        ];
  const facts = [plural(policy.pairs, 'pair'), ...seen];
  return `${headOf('holds   ', answer)}  [${facts.join('; ')}]`;
}

function summaryLines(shown: AssertShown): readonly string[] {
  const { answers, asked } = shown;
  const { model, profile, cluster, reading } = asked;
  const count = (verdict: AssertionAnswer['verdict']): number =>
    answers.filter((answer) => answer.verdict === verdict).length;
  const violated = violationsOf(shown).length;
  const parts = [
    ...(['violated by both', 'violated by policy', 'violated by traffic'] as const).flatMap((verdict) =>
      count(verdict) === 0 ? [] : [`${count(verdict)} ${verdict.replace('violated ', '')}`],
    ),
  ];
  const by = parts.length === 0 ? '' : ` (${parts.join(', ')})`;
  const against = reading === undefined ? 'policies alone: no recording was given' : 'policies and traffic';
  const policies = `${formatCount(model.policies.length)} ${model.policies.length === 1 ? 'policy' : 'policies'}`;
  return [
    `${plural(answers.length, 'assertion')}: ${violated} violated${by}, ${count('holds')} held, against ${against}`,
    `  ${policies} and ${plural(model.workloads.length, 'workload')} of cluster ${cluster} (${profile.name})`,
    ...(reading !== undefined && reading.coverage.lostEvents > 0n
      ? [
          `  ${formatCount(reading.coverage.lostEvents)} events were lost: what they would have shown is not here`,
        ]
      : []),
  ];
}

/** The answer for a person: violations by severity, then what holds, then the count. */
export function assertText(shown: AssertShown): string {
  const sources = sourcesOf(shown.asked.model.policies);
  const lines = [
    ...violationsOf(shown).flatMap((answer) => violationLines(answer, sources)),
    ...shown.answers.filter(({ verdict }) => verdict === 'holds').map(holdingLine),
    ...summaryLines(shown),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

/** One violation without what stands above it: the body of a failure in other formats. */
export const violationText = (answer: AssertionAnswer, { asked }: AssertShown): string =>
  violationLines(answer, sourcesOf(asked.model.policies)).slice(1).map(printable).join('\n');

/** The answer for a program, assertions in the order of the file. */
export const assertJson = (shown: AssertShown): string => jsonText(assertAnswer(shown));
