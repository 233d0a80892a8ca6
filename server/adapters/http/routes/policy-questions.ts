import type { FastifyReply } from 'fastify';
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
import {
  AssertQuestion,
  BlastQuestion,
  ConnectionsQuestion,
  DiffQuestion,
  ExplainQuestion,
  ExposureQuestion,
  LintQuestion,
  MOST_QUESTION_BYTES,
  PortsQuestion,
  ReplayQuestion,
} from '#contract/policy-questions.ts';
import type { Question } from '../../../app/policy-questions/question.ts';
import type { QuestionRunner } from '../../../app/ports/question-runner.ts';
import type { Api } from '../api.ts';
import { problemOf, QUESTIONS } from '../views/policy-questions.ts';
import { PROBLEM_ANSWERS } from './schemas.ts';

/** Each question costs up to seconds of a processor. */
export const QUESTIONS_PER_MINUTE = 120;

/** When to come back after too many questions, in seconds. */
const RETRY_AFTER = '5';

/** How a route takes one kind of question. */
interface Asking<Body extends z.ZodType> {
  readonly name: keyof typeof QUESTIONS;
  readonly summary: string;
  readonly body: Body;
  readonly answer: z.ZodType;
  readonly question: (body: z.output<Body>) => Question;
}

/** Aborts when whoever asked goes away before the answer. */
function goneWith({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => {
    if (!raw.writableEnded) gone.abort();
  });
  return gone.signal;
}

function addRoute<Body extends z.ZodType>(app: Api, runner: QuestionRunner, asking: Asking<Body>): void {
  const { name, summary, body, answer } = asking;
  const Answered = z.strictObject({
    question: z.literal(name),
    /** How much of each long list the answer holds; `limit` cuts them. */
    lists: z.array(LIST_COUNT),
    answer,
  });
  app.post(
    `/api/v1/questions/${name}`,
    {
      bodyLimit: MOST_QUESTION_BYTES,
      config: { access: 'ask', rateLimit: { max: QUESTIONS_PER_MINUTE, timeWindow: 60_000 } },
      schema: {
        operationId: `ask${name.charAt(0).toUpperCase()}${name.slice(1)}`,
        summary,
        tags: ['questions'],
        body,
        response: { 200: Answered, ...PROBLEM_ANSWERS },
      },
    },
    async (request, reply) => {
      const question = asking.question(request.body as z.output<Body>); // the schema of this route made it
      const answered = await runner.ask(question, goneWith(reply));
      if (answered.ok) {
        // Text already, made in another thread: to parse and print it again would hold every other request up.
        return reply
          .type('application/json; charset=utf-8')
          .serializer((text: unknown) => String(text))
          .send(answered.value as never);
      }
      const refusal = answered.error;
      if (refusal.code === 'question_dropped') return reply.hijack(); // nobody listens any more
      if (refusal.code === 'too_many_questions') reply.header('retry-after', RETRY_AFTER);
      throw problemOf(refusal);
    },
  );
}

/** Questions about policies: what they would do to whom, without doing it. */
export function policyQuestionRoutes(app: Api, runner: QuestionRunner): void {
  addRoute(app, runner, {
    name: 'connections',
    summary: 'Who may talk to whom on what',
    body: ConnectionsQuestion,
    answer: ConnectionsAnswer,
    question: QUESTIONS.connections,
  });
  addRoute(app, runner, {
    name: 'explain',
    summary: 'Whether a connection is allowed, by which rules, and if not, the smallest patch',
    body: ExplainQuestion,
    answer: ExplainAnswer,
    question: QUESTIONS.explain,
  });
  addRoute(app, runner, {
    name: 'replay',
    summary: 'Which conversations that were seen the policies would have blocked',
    body: ReplayQuestion,
    answer: ReplayAnswer,
    question: QUESTIONS.replay,
  });
  addRoute(app, runner, {
    name: 'diff',
    summary: 'What a change of policies opens, closes and breaks, and which rules are responsible',
    body: DiffQuestion,
    answer: DiffAnswer,
    question: QUESTIONS.diff,
  });
  addRoute(app, runner, {
    name: 'assert',
    summary: 'Whether declared segments are kept, by policies and by traffic',
    body: AssertQuestion,
    answer: AssertAnswer,
    question: QUESTIONS.assert,
  });
  addRoute(app, runner, {
    name: 'lint',
    summary: 'What about policies does not do what it looks like, and how to mend it',
    body: LintQuestion,
    answer: LintAnswer,
    question: QUESTIONS.lint,
  });
  addRoute(app, runner, {
    name: 'ports',
    summary: 'Every port, who gets to it, and whether anybody ever did',
    body: PortsQuestion,
    answer: PortsAnswer,
    question: QUESTIONS.ports,
  });
  addRoute(app, runner, {
    name: 'blast',
    summary: 'What a compromised pod reaches, hop by hop, before and after policies',
    body: BlastQuestion,
    answer: BlastAnswer,
    question: QUESTIONS.blast,
  });
  addRoute(app, runner, {
    name: 'exposure',
    summary: 'What a pod that does not exist yet could reach, and be reached by',
    body: ExposureQuestion,
    answer: ExposureAnswer,
    question: QUESTIONS.exposure,
  });
}
