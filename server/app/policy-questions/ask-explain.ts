import { type AskedEnd, type AskedEndFailure, parseAskedEnd } from '#core/policy/explain/asked-end.ts';
import { explain } from '#core/policy/explain/explain.ts';
import type { Population } from '#core/policy/explain/population.ts';
import type { NetworkPolicy } from '#core/policy/network-policy.ts';
import { failed, ok, type Result } from '#core/result.ts';
import { explainAnswer } from './answers/explain.ts';
import { Cuts } from './cuts.ts';
import { type Ground, profileOf, type SeenGround } from './ground.ts';
import type { Answered, ExplainQuestion, QuestionFailure } from './question.ts';

/** Who is there, and whose policies may tell addresses apart. */
interface Known {
  readonly population: Population;
  readonly policies: readonly NetworkPolicy[];
}

const similarIn = (failure: AskedEndFailure): readonly string[] =>
  failure.code === 'no_end' ? [] : failure.similar;

function endOf(text: string, at: string, { population, policies }: Known): Result<AskedEnd, QuestionFailure> {
  const end = parseAskedEnd(text, population, policies);
  return end.ok ? end : failed({ code: 'end_unknown', at, lines: similarIn(end.error) });
}

/** Whether one end may open a connection to another, by which rules, and if not, what is missing. */
export function askExplain(
  question: ExplainQuestion,
  ground: Ground,
  seen: SeenGround,
): Result<Answered, QuestionFailure> {
  const { protocol, port, limit } = question;
  const selected = ground.select(question.policies, seen, 'policies');
  if (!selected.ok) return selected;
  const profile = profileOf(seen, question.profile);
  const population = ground.population(selected.value, seen, profile);
  if (population.residents.length === 0) return failed({ code: 'nobody_known' });
  const policies = selected.value.policies.map(({ policy }) => policy);
  const from = endOf(question.from, 'from', { population, policies });
  if (!from.ok) return from;
  const to = endOf(question.to, 'to', { population, policies });
  if (!to.ok) return to;
  const ends = { from: from.value, to: to.value, protocol, port };
  const whole = explain({ population, policies, profile, ...ends });
  const cuts = new Cuts(limit);
  const explanation = { ...whole, cases: cuts.take('cases', whole.cases) };
  const answer = explainAnswer({ ...ends, folder: selected.value, profile, explanation });
  return ok({ lists: cuts.lists, answer });
}
