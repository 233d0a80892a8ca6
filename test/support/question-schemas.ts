import { z } from 'zod';
import { LIST_COUNT } from '#contract/policy-answer-parts.ts';
import {
  AssertAnswer,
  ConnectionsAnswer,
  DiffAnswer,
  ExplainAnswer,
  ReplayAnswer,
} from '#contract/policy-answers.ts';
import { BlastAnswer, ExposureAnswer, LintAnswer, PortsAnswer } from '#contract/policy-answers-reach.ts';

/** What each question is answered with. */
export const ANSWERS: Readonly<Record<string, z.ZodType>> = {
  connections: ConnectionsAnswer,
  explain: ExplainAnswer,
  replay: ReplayAnswer,
  diff: DiffAnswer,
  assert: AssertAnswer,
  lint: LintAnswer,
  ports: PortsAnswer,
  blast: BlastAnswer,
  exposure: ExposureAnswer,
};

/** An answer of the API, checked against the contract. */
export function parsedAnswer(question: string, json: unknown) {
  const answer = ANSWERS[question];
  if (answer === undefined) throw new Error(`no answer is known for ${question}`);
  const Answered = z.strictObject({
    question: z.literal(question),
    lists: z.array(LIST_COUNT),
    answer: z.unknown(),
  });
  const parsed = Answered.parse(json);
  answer.parse(parsed.answer);
  return parsed;
}
