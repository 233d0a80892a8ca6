import type { CheckedPolicy, ServerCheck } from '#core/policy/dry-run/dry-run-answer.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import type { PolicyChecker } from '../app/ports/policy-checker.ts';
import { createProgress } from './progress.ts';
import { formatCount, plural, printable, UsageError } from './terminal.ts';
import type { Toolbox } from './toolbox.ts';

/** Asks the API server for a dry run of every policy of a proposal. Throws {@link UsageError} when it can not be asked. */
export async function checkProposal(
  { terminal }: Pick<Toolbox, 'terminal'>,
  checker: PolicyChecker,
  { policies, isolation }: Proposal,
): Promise<ServerCheck> {
  const progress = createProgress(terminal);
  const all = [...policies, ...isolation].map(({ policy }) => policy);
  const check = await checker.check(all, (done, total) =>
    progress.steps({ done, total }, 'policies checked'),
  );
  progress.end();
  if (!check.ok) throw new UsageError(check.error);
  return check.value;
}

const policiesText = (count: number): string => plural(count, 'policy').replace('policys', 'policies');

function linesOf({ policy, answer }: CheckedPolicy): readonly string[] {
  if (answer.outcome === 'accepted')
    return answer.warnings.map((warning) => `  ${policy}: warning: ${warning}`);
  if (answer.outcome === 'not-checked') return [`  ${policy}: not checked: ${answer.why}`];
  const { causes, message, status } = answer;
  if (causes.length === 0) return [`  ${policy}: refused (${status}): ${message}`];
  return causes.map(({ field, message: why }) => `  ${policy}: refused (${status}): ${field}: ${why}`);
}

const count = ({ policies }: ServerCheck, outcome: CheckedPolicy['answer']['outcome']): number =>
  policies.filter(({ answer }) => answer.outcome === outcome).length;

/** Lines of one kind beyond which the rest is counted. */
const SHOWN = 20;

/** What the API server said, worst first. */
export function serverCheckLines(check: ServerCheck): readonly string[] {
  const { server, version, isStrict, policies } = check;
  const [refused, unchecked] = [count(check, 'refused'), count(check, 'not-checked')];
  const taken = count(check, 'accepted');
  const head = [
    `dry run: ${server} (${version}) would take ${formatCount(taken)} of ${policiesText(policies.length)}`,
    ...(refused > 0 ? [`refuses ${formatCount(refused)}`] : []),
    ...(unchecked > 0 ? [`${formatCount(unchecked)} could not be checked`] : []),
  ].join(', ');
  const about = (outcome: CheckedPolicy['answer']['outcome']): readonly string[] => {
    const lines = policies.filter(({ answer }) => answer.outcome === outcome).flatMap(linesOf);
    const hidden = lines.length - SHOWN;
    return hidden > 0
      ? [...lines.slice(0, SHOWN), `  and ${plural(hidden, 'more line')}; --json has all`]
      : lines;
  };
  return [
    `${head}; nothing was stored`,
    ...about('refused'),
    ...about('not-checked'),
    ...about('accepted'),
    ...(isStrict
      ? []
      : [`  ${version} drops fields it does not know without a word: it can not find a misspelt one`]),
  ].map(printable);
}

export const isRefusedByServer = (check: ServerCheck): boolean => count(check, 'refused') > 0;
