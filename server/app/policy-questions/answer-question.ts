import { type Result, unreachable } from '#core/result.ts';
import { askAssert } from './ask-assert.ts';
import { askBlast } from './ask-blast.ts';
import { askConnections } from './ask-connections.ts';
import { askDiff } from './ask-diff.ts';
import { askExplain } from './ask-explain.ts';
import { askExposure } from './ask-exposure.ts';
import { askLint } from './ask-lint.ts';
import { askPorts } from './ask-ports.ts';
import { askReplay } from './ask-replay.ts';
import type { Ground, SeenGround } from './ground.ts';
import type { Answered, Question, QuestionFailure } from './question.ts';

/** Answers one question in one go; whoever can not wait for it asks in another thread. */
export function answerQuestion(
  question: Question,
  ground: Ground,
  seen: SeenGround,
): Result<Answered, QuestionFailure> {
  switch (question.ask) {
    case 'connections':
      return askConnections(question, ground, seen);
    case 'explain':
      return askExplain(question, ground, seen);
    case 'replay':
      return askReplay(question, ground, seen);
    case 'diff':
      return askDiff(question, ground, seen);
    case 'assert':
      return askAssert(question, ground, seen);
    case 'lint':
      return askLint(question, ground, seen);
    case 'ports':
      return askPorts(question, ground, seen);
    case 'blast':
      return askBlast(question, ground, seen);
    case 'exposure':
      return askExposure(question, ground, seen);
    default:
      return unreachable(question);
  }
}
