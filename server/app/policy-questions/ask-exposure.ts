import { exposureOf } from '#core/policy/exposure/openings.ts';
import { podExposureOf } from '#core/policy/exposure/pod-exposure.ts';
import { failed, ok, type Result } from '#core/result.ts';
import { exposureAnswer, podAsked, podExposureAnswer } from './answers/exposure.ts';
import type { AskedModel } from './asked-cluster.ts';
import { Cuts } from './cuts.ts';
import type { Ground, SeenGround } from './ground.ts';
import type { Answered, ExposureQuestion, NewPod, QuestionFailure } from './question.ts';

function askPod(question: NewPod, asked: AskedModel, cuts: Cuts): Result<Answered, QuestionFailure> {
  const { model, profile } = asked;
  const pod = podAsked(question, model);
  if (!pod.ok) return failed({ ...pod.error, at: 'pod.namespaceLabels' });
  const found = podExposureOf({ ...pod.value, model, profile }).map((each) => ({
    ...each,
    met: cuts.take(`${each.direction}.met`, each.met),
  }));
  return ok({ lists: cuts.lists, answer: podExposureAnswer(asked, pod.value, found) });
}

/** What a pod that does not exist yet could reach, and be reached by. */
export function askExposure(
  question: ExposureQuestion,
  ground: Ground,
  seen: SeenGround,
): Result<Answered, QuestionFailure> {
  const selected = ground.select(question.policies, seen, 'policies');
  if (!selected.ok) return selected;
  const asked = ground.asked(selected.value, seen, question.profile);
  if (!asked.ok) return asked;
  const cuts = new Cuts(question.limit);
  if (question.pod !== undefined) return askPod(question.pod, asked.value, cuts);
  const { model, profile } = asked.value;
  const report = exposureOf({ model, profile });
  const openings = cuts.take('openings', report.openings);
  return ok({ lists: cuts.lists, answer: exposureAnswer(asked.value, { ...report, openings }) });
}
