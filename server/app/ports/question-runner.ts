import type { Result } from '#core/result.ts';
import type { Question, QuestionFailure } from '../policy-questions/question.ts';

/** Why a question got no answer: there is none, or it would cost too much. */
export type QuestionRefusal =
  | QuestionFailure
  /** Others wait already. */
  | { readonly code: 'too_many_questions' }
  /** It took longer, or more memory, than one question may. */
  | { readonly code: 'question_too_long' }
  | { readonly code: 'answer_too_large' }
  /** Whoever asked went away. */
  | { readonly code: 'question_dropped' };

/** Answers questions about policies beside the work of the server: one at a time, within limits, never in its way. */
export interface QuestionRunner {
  /**
   * Answers from what is known now, as the JSON text of `{ question, lists, answer }`. An aborted signal drops the
   * question, wherever it is.
   */
  ask(question: Question, signal: AbortSignal): Promise<Result<string, QuestionRefusal>>;
  close(): Promise<void>;
}
