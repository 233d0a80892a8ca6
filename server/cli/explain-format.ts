import type { ExplainedCase, ExplainedDirection, Explanation } from '#core/policy/explain/explain.ts';
import { subjectText } from '#core/policy/explain/near-miss.ts';
import type { PatchPart } from '#core/policy/explain/patch.ts';
import type { PatchAnswer } from '#core/policy/explain/plan-patch.ts';
import { describeProblem } from '#core/policy/literal/fault.ts';
import type { VerdictReason } from '#core/policy/literal/verdict.ts';
import {
  type ExplainShown,
  explainAnswer,
  policyAt,
  type Told,
  toldOf,
} from '../app/policy-questions/answers/explain.ts';
import { placedName, ruleText } from '../app/policy-questions/placed-policies.ts';
import { missText, type PolicyTools, yamlLines } from './policy-folder.ts';
import { jsonText, plural, printable } from './terminal.ts';

const ANSWERS: Readonly<Record<Explanation['answer'], string>> = {
  allowed: 'ALLOWED',
  denied: 'DENIED',
  some: 'DENIED FOR SOME of their pods or addresses',
};

const REASONS: Readonly<Record<Exclude<VerdictReason, 'policy'>, string>> = {
  'same-pod': 'allowed whatever policies say: a pod may always reach itself',
  'own-node': 'allowed whatever policies say: a node may always reach the pods it runs',
  terminated: 'nothing to connect: a pod of it has ended',
};

function deniedLines({ isolatedBy, nearest }: ExplainedDirection, told: Told): string[] {
  const by = isolatedBy.map((index) => {
    const policy = policyAt(told, index);
    return `    isolated by ${placedName(policy, told.sources)}, about ${subjectText(policy)}`;
  });
  if (nearest === undefined)
    return [...by, '    no rule comes near: none is right about the peer or about the port'];
  const rule = ruleText({ ...nearest, policy: policyAt(told, nearest.policy) }, told.sources);
  return [
    ...by,
    `    nearest rule: ${rule}`,
    ...nearest.misses.map((miss) => `      does not match, ${missText(miss)}`),
  ];
}

function directionLines(explained: ExplainedDirection, name: string, told: Told): string[] {
  const { direction, decision, allowedBy, doubts } = explained;
  const head = `  ${direction} of ${name}: `;
  const doubtful = doubts.map(
    (doubt) => `    in ${placedName(policyAt(told, doubt.policy), told.sources)} ${describeProblem(doubt)}`,
  );
  switch (decision) {
    case 'ungoverned':
      return [`${head}no policy governs it`];
    case 'open':
      return [`${head}allowed, since no policy isolates it`];
    case 'allowed': {
      const rules = allowedBy.map((ref) => {
        const { rule } = ref;
        return `    by ${ruleText({ policy: policyAt(told, ref.policy), direction, rule }, told.sources)}`;
      });
      return [`${head}allowed`, ...rules, ...doubtful];
    }
    default:
      return [`${head}denied`, ...deniedLines(explained, told), ...doubtful];
  }
}

function caseLines({ fromName, toName, explained }: ExplainedCase, told: Told): string[] {
  const { verdict, egress, ingress, allowed } = explained;
  const head = `${fromName} => ${toName}: ${allowed ? 'allowed' : 'denied'}`;
  if (verdict.reason !== 'policy') return [head, `  ${REASONS[verdict.reason]}`];
  return [head, ...directionLines(egress, fromName, told), ...directionLines(ingress, toName, told)];
}

function partLines(tools: PolicyTools, part: PatchPart, told: Told): string[] {
  const { addTo, direction, rule, policy } = part;
  if (addTo === undefined) {
    return [
      `  a policy of its own, since those there are about others too:`,
      ...yamlLines(tools, policy, '    '),
    ];
  }
  const name = placedName(policyAt(told, addTo), told.sources);
  return [`  add to spec.${direction} of ${name}:`, ...yamlLines(tools, [rule], '    ')];
}

function elseText(also: number, pairsChecked: number): string {
  if (also > 0) return 'and so is, though nobody asked for it:';
  if (pairsChecked === 0) return 'and the rule is about nobody else who is known';
  return `and nothing else is that was not before (${plural(pairsChecked, 'other pair')} judged)`;
}

function patchLines(tools: PolicyTools, answer: PatchAnswer | undefined, told: Told): string[] {
  if (answer === undefined) return [];
  if (answer.kind === 'none') return [`no patch: ${answer.note}`];
  const { parts, alsoAllows, pairsChecked } = answer.patch;
  return [
    'smallest patch:',
    ...parts.flatMap((part) => partLines(tools, part, told)),
    `  checked by the evaluator: it is allowed then, ${elseText(alsoAllows.length, pairsChecked)}`,
    ...alsoAllows.map(({ from, to }) => `    ${from} => ${to}`),
  ];
}

/** The answer for a person. */
export function explainText(tools: PolicyTools, shown: ExplainShown): string {
  const { from, to, protocol, port, profile, explanation } = shown;
  const told = toldOf(shown);
  const lines = [
    `${from.text} => ${to.text} : ${protocol} ${port} is ${ANSWERS[explanation.answer]} (${profile.name})`,
    ...explanation.cases.flatMap((each) => caseLines(each, told)),
    ...patchLines(tools, explanation.patch, told),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

/** The answer for a program. */
export const explainJson = (shown: ExplainShown): string => jsonText(explainAnswer(shown));
