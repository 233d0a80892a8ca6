import { connectivityOf } from '#core/policy/connections/connectivity.ts';
import { NETWORK_NAMES, profileNamed } from '#core/policy/literal/profiles.ts';
import { ok, type Result } from '#core/result.ts';
import { connectionsAnswer, differencesOf, notesOf, rowsIn } from './answers/connections.ts';
import { Cuts } from './cuts.ts';
import type { Ground, SeenGround } from './ground.ts';
import type { Answered, ConnectionsQuestion, QuestionFailure } from './question.ts';

/** Who may talk to whom on what. Every profile that is compared costs as much as the first. */
export function askConnections(
  question: ConnectionsQuestion,
  ground: Ground,
  seen: SeenGround,
): Result<Answered, QuestionFailure> {
  const { policies, compare, limit } = question;
  const selected = ground.select(policies, seen, 'policies');
  if (!selected.ok) return selected;
  const asked = ground.asked(selected.value, seen, question.profile);
  if (!asked.ok) return asked;
  const { model, profile, problems } = asked.value;
  const namespaces = new Set<string>(question.namespaces);
  const rowsUnder = (name: typeof profile.name) =>
    rowsIn(connectivityOf({ model, profile: profileNamed(name) }), namespaces);
  const rows = rowsUnder(profile.name);
  const others = compare === 'all' ? NETWORK_NAMES.filter((name) => name !== profile.name) : compare;
  const differences =
    others === undefined
      ? undefined
      : [others]
          .flat()
          .flatMap((other) =>
            differencesOf({ profile: profile.name, rows }, { profile: other, rows: rowsUnder(other) }),
          );
  const cuts = new Cuts(limit);
  const answer = connectionsAnswer({
    profile: profile.name,
    model,
    problems,
    notes: notesOf(model, rows, profile),
    rows: cuts.take('connections', rows),
    differences: differences && cuts.take('differences', differences),
  });
  return ok({ lists: cuts.lists, answer });
}
