import type { MessagePort } from 'node:worker_threads';
import type { Edge } from '#core/graph/edge.ts';
import type { SeenPod } from '#core/identity/seen-pod.ts';
import { failed, ok } from '#core/result.ts';
import { answerQuestion } from '../../app/policy-questions/answer-question.ts';
import { Ground, type SeenGround } from '../../app/policy-questions/ground.ts';
import type { Question } from '../../app/policy-questions/question.ts';
import type { ManifestTools } from '../../app/ports/manifest-tools.ts';
import type { FromThread, ToThread } from './messages.ts';

/** Longest answer, in UTF-16 units: what a browser still takes in at once. */
const MOST_ANSWER = 16 * 1024 * 1024;

/** bigint has no JSON; its decimal text is exact. */
const exact = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value;

function answerOf(question: Question, ground: Ground, seen: SeenGround): FromThread {
  const answered = answerQuestion(question, ground, seen);
  if (!answered.ok) return answered;
  const text = JSON.stringify({ question: question.ask, ...answered.value }, exact);
  return text.length > MOST_ANSWER ? failed({ code: 'answer_too_large' }) : ok(text);
}

/** Answers what comes through the port, one question after the other, until the thread is ended. */
export function answerThrough(port: MessagePort, tools: ManifestTools): void {
  let ground = new Ground(undefined, tools);
  let pods: SeenPod[] = [];
  let edges: Edge[] = [];
  port.on('message', (message: ToThread) => {
    if (message.kind === 'served') ground = new Ground(message.served, tools);
    else if (message.kind === 'pods') pods.push(...message.pods);
    else if (message.kind === 'edges') edges.push(...message.edges);
    else {
      const { question, ground: rest } = message;
      const seen = { ...rest, world: { ...rest.world, pods }, edges };
      [pods, edges] = [[], []];
      port.postMessage(answerOf(question, ground, seen));
    }
  });
}
