import type { AskedEnd } from '#core/policy/explain/asked-end.ts';
import type { ExplainedDirection, Explanation } from '#core/policy/explain/explain.ts';
import { subjectText } from '#core/policy/explain/near-miss.ts';
import type { PatchAnswer } from '#core/policy/explain/plan-patch.ts';
import { describeProblem } from '#core/policy/literal/fault.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import type { CniProfile, PolicyProtocol } from '#core/policy/world.ts';
import {
  namedPolicy,
  type PolicyFolder,
  policyName,
  ruleText,
  type Sources,
  sourcesOf,
  toldProblems,
} from '../placed-policies.ts';

/** Everything that was found about one connection. */
export interface ExplainShown {
  readonly from: AskedEnd;
  readonly to: AskedEnd;
  readonly protocol: PolicyProtocol;
  readonly port: number;
  readonly folder: PolicyFolder;
  readonly profile: CniProfile;
  readonly explanation: Explanation;
}

/** The policies that indexes of an explanation mean. */
export interface Told {
  readonly policies: readonly NetworkPolicy[];
  readonly sources: Sources;
}

/** The policies of an explanation, and where they stand. */
export const toldOf = ({ folder, explanation }: Pick<ExplainShown, 'folder' | 'explanation'>): Told => ({
  policies: explanation.world.policies,
  sources: sourcesOf(folder.policies),
});

/** The policy of an index. */
export const policyAt = ({ policies }: Told, index: number): NetworkPolicy =>
  policies[index] ?? { metadata: { name: '?' }, spec: { podSelector: {} } };

function directionAnswer(explained: ExplainedDirection, told: Told) {
  const { decision, isolatedBy, allowedBy, nearest, doubts, direction } = explained;
  const named = (index: number) => namedPolicy(policyAt(told, index), told.sources);
  const described = (at: { policy: number; rule: number; direction: ExplainedDirection['direction'] }) => ({
    ...named(at.policy),
    direction: at.direction,
    rule: at.rule,
    text: ruleText({ ...at, policy: policyAt(told, at.policy) }, new Map()),
  });
  return {
    decision,
    isolatedBy: isolatedBy.map((index) => ({ ...named(index), subject: subjectText(policyAt(told, index)) })),
    allowedBy: allowedBy.map(({ policy, rule, peer, port }) => ({
      ...described({ policy, rule, direction }),
      peer,
      port,
    })),
    nearest: nearest && { ...described(nearest), misses: nearest.misses },
    doubts: doubts.map((doubt) => ({
      ...named(doubt.policy),
      path: doubt.path,
      message: describeProblem(doubt),
    })),
  };
}

function patchAnswer(answer: PatchAnswer, told: Told) {
  if (answer.kind === 'none') return answer;
  const { parts, alsoAllows, pairsChecked } = answer.patch;
  const shown = parts.map(({ direction, addTo, rule, policy }) =>
    addTo === undefined
      ? { direction, newPolicy: policy }
      : {
          direction,
          addTo: policyName(policyAt(told, addTo)),
          source: told.sources.get(policyAt(told, addTo)),
          rule,
        },
  );
  return { kind: 'patch' as const, parts: shown, alsoAllows, pairsChecked };
}

/** The answer as plain data, the same for a command and for the API. */
export function explainAnswer(shown: ExplainShown) {
  const { from, to, protocol, port, folder, profile, explanation } = shown;
  const told = toldOf(shown);
  return {
    profile: profile.name,
    from: from.text,
    to: to.text,
    protocol,
    port,
    answer: explanation.answer,
    cases: explanation.cases.map(({ fromName, toName, explained }) => ({
      from: fromName,
      to: toName,
      allowed: explained.allowed,
      reason: explained.verdict.reason,
      egress: directionAnswer(explained.egress, told),
      ingress: directionAnswer(explained.ingress, told),
    })),
    patch: explanation.patch && patchAnswer(explanation.patch, told),
    problems: toldProblems(folder.problems),
  };
}
