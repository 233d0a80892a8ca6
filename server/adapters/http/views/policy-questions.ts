import type { z } from 'zod';
import type {
  AssertQuestion,
  BlastQuestion,
  ConnectionsQuestion,
  DiffQuestion,
  ExplainQuestion,
  ExposureQuestion,
  LintQuestion,
  PortsQuestion,
  ReplayQuestion,
} from '#contract/policy-questions.ts';
import { type NamespaceName, parseNamespaceName } from '#core/identity/names.ts';
import type { NewPod, Question } from '../../../app/policy-questions/question.ts';
import type { QuestionRefusal } from '../../../app/ports/question-runner.ts';
import { HttpProblem } from '../problem/http-problem.ts';

/** What was parsed by a schema, as the application asks it. */
type Body<Schema extends z.ZodType> = z.output<Schema>;

/** A name the schema let through and the domain does not is the request's fault all the same. */
function namespaceNamed(name: string, at: string): NamespaceName {
  const parsed = parseNamespaceName(name);
  if (parsed !== undefined) return parsed;
  throw new HttpProblem('request_malformed', { at, detail: 'It is no namespace name.' });
}

const namespacesOf = (names: readonly string[]): readonly NamespaceName[] =>
  names.map((name) => namespaceNamed(name, 'namespaces'));

const labelsOf = (labels: readonly { readonly key: string; readonly value: string }[]) =>
  Object.fromEntries(labels.map(({ key, value }) => [key, value]));

function podOf(pod: Body<typeof ExposureQuestion>['pod']): NewPod | undefined {
  if (pod === undefined) return undefined;
  const { namespaceLabels, ...rest } = pod;
  return {
    ...rest,
    namespace: namespaceNamed(pod.namespace, 'pod.namespace'),
    labels: labelsOf(pod.labels),
    namespaceLabels: namespaceLabels && labelsOf(namespaceLabels),
  };
}

/** A question for each body that a route takes. */
export const QUESTIONS = {
  connections: (body: Body<typeof ConnectionsQuestion>): Question => ({
    ask: 'connections',
    ...body,
    namespaces: namespacesOf(body.namespaces),
  }),
  explain: (body: Body<typeof ExplainQuestion>): Question => ({ ask: 'explain', ...body }),
  replay: (body: Body<typeof ReplayQuestion>): Question => ({
    ask: 'replay',
    ...body,
    namespaces: namespacesOf(body.namespaces),
  }),
  diff: (body: Body<typeof DiffQuestion>): Question => ({
    ask: 'diff',
    ...body,
    namespaces: namespacesOf(body.namespaces),
  }),
  assert: (body: Body<typeof AssertQuestion>): Question => ({ ask: 'assert', ...body }),
  lint: (body: Body<typeof LintQuestion>): Question => ({
    ask: 'lint',
    ...body,
    rules: Object.fromEntries(body.rules.map(({ rule, voice }) => [rule, voice])),
  }),
  ports: (body: Body<typeof PortsQuestion>): Question => ({
    ask: 'ports',
    ...body,
    namespaces: namespacesOf(body.namespaces),
  }),
  blast: (body: Body<typeof BlastQuestion>): Question => ({ ask: 'blast', ...body }),
  exposure: (body: Body<typeof ExposureQuestion>): Question => ({
    ask: 'exposure',
    ...body,
    pod: podOf(body.pod),
  }),
} as const;

/** Fields that are wrong in a way no schema can tell. */
const MISFITS = {
  rule_unknown: 'There is no such rule of lint; `bulkhead lint --list-rules` names them all.',
  namespace_known: 'This namespace is there already, with its own labels; leave these out.',
} as const;

/** Why there is no answer, as a problem. */
export function problemOf(refusal: Exclude<QuestionRefusal, { code: 'question_dropped' }>): HttpProblem {
  const { code } = refusal;
  if (code === 'rule_unknown' || code === 'namespace_known')
    return new HttpProblem('request_malformed', { at: refusal.at, detail: MISFITS[code] });
  if ('lines' in refusal) return new HttpProblem(code, { at: refusal.at, lines: refusal.lines });
  return new HttpProblem(code);
}
