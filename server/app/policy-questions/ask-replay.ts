import { populationOfSeen } from '#core/policy/explain/population.ts';
import { replay } from '#core/policy/replay/replay.ts';
import { failed, ok, type Result } from '#core/result.ts';
import { blockedTally, replayAnswer } from './answers/replay.ts';
import { Cuts } from './cuts.ts';
import { type Ground, isSeen, profileOf, type SeenGround } from './ground.ts';
import type { Answered, QuestionFailure, ReplayQuestion } from './question.ts';
import { touches } from './wanted.ts';

/** Which conversations that were seen so far the policies would have blocked. Ends are whom flows showed. */
export function askReplay(
  question: ReplayQuestion,
  ground: Ground,
  seen: SeenGround,
): Result<Answered, QuestionFailure> {
  const { policies, namespaces, limit } = question;
  const selected = ground.select(policies, seen, 'policies');
  if (!selected.ok) return selected;
  if (!isSeen(seen)) return failed({ code: 'nobody_known' });
  const { cluster, coverage, world } = seen;
  const profile = profileOf(seen, question.profile);
  const wanted = { namespaces, cluster: undefined };
  const whole = replay({
    edges: seen.edges.filter((edge) => touches(wanted, edge)),
    population: populationOfSeen(world, cluster, profile),
    policies: selected.value.policies.map(({ policy }) => policy),
    profile,
  });
  const cuts = new Cuts(limit);
  const result = { ...whole, blocked: cuts.take('blocked', whole.blocked) };
  const shown = { folder: selected.value, reading: { coverage }, result, profile, cluster };
  const answer = replayAnswer(shown);
  const totals = { ...answer.totals, blocked: blockedTally(whole) };
  return ok({ lists: cuts.lists, answer: { ...answer, totals } });
}
