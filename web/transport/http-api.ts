import { z } from 'zod';
import { EdgeDetail, GraphSnapshot, NodeDetail } from '#contract/graph.ts';
import {
  BaselineDetail,
  BaselineSummary,
  DecisionAnswer,
  FindingView,
  Training,
} from '#contract/learning.ts';
import { LIST_COUNT } from '#contract/policy-answer-parts.ts';
import { ExplainAnswer } from '#contract/policy-answers.ts';
import { BlastAnswer } from '#contract/policy-answers-reach.ts';
import { Problem } from '#contract/problem.ts';
import { ProposalDetail, ProposalSummary } from '#contract/proposal.ts';
import { SourceHealth } from '#contract/source.ts';
import { failed, ok, type Result } from '#core/result.ts';
import {
  type Answer,
  type Api,
  type Asked,
  isLoginRequired,
  type PolicyQuestions,
  type RequestFailure,
} from '../model/ports.ts';
import { encodedText } from '../model/url-state.ts';

const BASE = '/api/v1';

/** The one part of the API's own description that the page looks at. */
const Description = z.object({ paths: z.record(z.string(), z.unknown()) });

const asked = <T>(answer: z.ZodType<T>): z.ZodType<Asked<T>> =>
  z.object({ lists: z.array(LIST_COUNT), answer });

/** What each question is answered with. */
const ASKED: {
  readonly [Name in keyof PolicyQuestions]: z.ZodType<Asked<PolicyQuestions[Name]['answer']>>;
} = { explain: asked(ExplainAnswer), blast: asked(BlastAnswer) };

const posted = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { accept: 'application/json', 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

/**
 * The server's API over fetch; every answer is checked against the contract before it goes on. `onLoginRequired` hears
 * of each refusal for want of a login.
 */
export function httpApi(onLoginRequired: () => void): Api {
  const noted = async <T>(asked: Answer<T>): Answer<T> => {
    const answer = await asked;
    if (!answer.ok && isLoginRequired(answer.error)) onLoginRequired();
    return answer;
  };
  const get = <T>(path: string, schema: z.ZodType<T>): Answer<T> =>
    noted(ask(path, schema, { headers: { accept: 'application/json' } }));
  const post = <T>(path: string, body: unknown, schema: z.ZodType<T>): Answer<T> =>
    noted(ask(path, schema, posted(body)));
  return {
    graph: () => get('/graph', GraphSnapshot),
    edge: (id) => get(`/edges/${id}`, EdgeDetail),
    node: (id) => get(`/nodes/${encodedText(id)}`, NodeDetail),
    training: () => get('/training', Training),
    baselines: () => get('/baselines', z.array(BaselineSummary)),
    currentBaseline: () => get('/baselines/current', BaselineDetail),
    decide: (request) => post('/baselines/current/decisions', request, DecisionAnswer),
    proposals: () => get('/proposals', z.array(ProposalSummary)),
    currentProposal: () => get('/proposals/current', ProposalDetail),
    setFindingState: (id, request) => post(`/findings/${encodedText(id)}/state`, request, FindingView),
    sources: () => get('/sources', z.array(SourceHealth)),
    ask: (question, body, signal) =>
      noted(
        ask(`/questions/${question}`, ASKED[question], {
          ...posted(body),
          ...(signal === undefined ? {} : { signal }),
        }),
      ),
    logIn: (token) => post('/session', { token }, z.undefined()),
    logOut: () => post('/session/end', {}, z.undefined()),
    async hasLogin() {
      const answer = await get('/openapi.json', Description);
      return answer.ok ? ok(Object.hasOwn(answer.value.paths, `${BASE}/session`)) : answer;
    },
  };
}

async function ask<T>(path: string, schema: z.ZodType<T>, init: RequestInit): Answer<T> {
  let response: Response;
  try {
    response = await fetch(`${BASE}${path}`, { ...init, credentials: 'same-origin' });
  } catch (error) {
    return failed({ code: 'unreachable', path, detail: String(error) });
  }
  const body = await bodyOf(response);
  if (!response.ok) return failed(refusal(path, response, body));
  return parsed(path, schema, body);
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined; // no JSON: reported below as a shape this page does not know
  }
}

function refusal(path: string, response: Response, body: unknown): RequestFailure {
  const problem = Problem.safeParse(body);
  if (problem.success) return { code: 'problem', problem: problem.data, path };
  const { status, statusText } = response;
  return {
    code: 'problem',
    path,
    problem: { type: 'about:blank', title: statusText, status, detail: '', code: `http_${status}` },
  };
}

function parsed<T>(path: string, schema: z.ZodType<T>, body: unknown): Result<T, RequestFailure> {
  const answer = schema.safeParse(body);
  if (answer.success) return ok(answer.data);
  const issue = answer.error.issues[0];
  const detail = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
  return failed({ code: 'unknown_shape', path, detail });
}
