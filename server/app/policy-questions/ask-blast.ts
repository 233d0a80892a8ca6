import { listenersOf } from '#core/policy/blast/listeners.ts';
import { seenLinksOf } from '#core/policy/blast/seen-links.ts';
import { failed, ok, type Result } from '#core/result.ts';
import { type BlastAnswers, blastAnswer, blastAnswersOf, stagesOf, usedBy } from './answers/blast.ts';
import type { AskedModel } from './asked-cluster.ts';
import { Cuts } from './cuts.ts';
import type { Ground, SeenGround } from './ground.ts';
import { jewelsNamed, type NamedWorkloadFailure, workloadNamed } from './named-workload.ts';
import type { Answered, BlastQuestion, QuestionFailure } from './question.ts';

const unknownEnd = (failure: NamedWorkloadFailure, at: string): Result<never, QuestionFailure> =>
  failed({ code: 'end_unknown', at, lines: 'similar' in failure ? failure.similar : [] });

interface Named {
  readonly start: number | undefined;
  readonly jewels: readonly number[];
}

function namedIn(
  { workload, crownJewels }: BlastQuestion,
  { model }: AskedModel,
): Result<Named, QuestionFailure> {
  const jewels = jewelsNamed(crownJewels, model);
  if (!jewels.ok) return unknownEnd(jewels.error, 'crownJewels');
  if (workload === undefined) return ok({ start: undefined, jewels: jewels.value });
  const start = workloadNamed(workload, model);
  if (!start.ok) return unknownEnd(start.error, 'workload');
  return ok({ start: start.value, jewels: jewels.value });
}

/** Cuts who is reached, or who is ranked, under each set of policies. */
function cutAnswers(answers: BlastAnswers, cuts: Cuts): BlastAnswers {
  const ports = answers.listeners === undefined ? 'every' : 'listening';
  return {
    ...answers,
    blasts: answers.blasts.map((blast) => ({
      ...blast,
      reached: cuts.take(`${ports}.${blast.stage}.reached`, blast.reached),
    })),
    clusters: answers.clusters.map((cluster) => {
      const { radius, stage } = cluster;
      return { ...cluster, radius: { ...radius, radii: cuts.take(`${ports}.${stage}.radii`, radius.radii) } };
    }),
  };
}

/** What a compromised pod reaches, hop by hop, before and after policies. */
export function askBlast(
  question: BlastQuestion,
  ground: Ground,
  seen: SeenGround,
): Result<Answered, QuestionFailure> {
  const current = ground.select(question.policies, seen, 'policies');
  if (!current.ok) return current;
  const later = question.proposal && ground.select(question.proposal, seen, 'proposal');
  if (later?.ok === false) return later;
  const found = ground.asked(current.value, seen, question.profile);
  if (!found.ok) return found;
  const asked = found.value;
  const named = namedIn(question, asked);
  if (!named.ok) return named;
  const { model, reading, cluster } = asked;
  const links = reading === undefined ? [] : seenLinksOf(reading.whole.edges.values(), model, cluster);
  const listeners = listenersOf(model, links);
  const blast = {
    asked,
    problems: [...asked.problems, ...(later?.value.problems ?? [])],
    stages: stagesOf(current.value, later?.value),
    placed: [...current.value.policies, ...(later?.value.policies ?? [])],
    links,
    listeners,
    ...named.value,
    hops: question.hops,
  };
  const cuts = new Cuts(question.limit);
  const answers = cutAnswers(blastAnswersOf(blast, listeners), cuts);
  const wide = listeners && cutAnswers(blastAnswersOf(blast, undefined), cuts);
  return ok({ lists: cuts.lists, answer: blastAnswer({ blast, answers, wide, used: usedBy(blast) }) });
}
