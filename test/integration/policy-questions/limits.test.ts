import { afterEach, describe, expect, test } from 'vitest';
import { Problem } from '#contract/problem.ts';
import { QUESTIONS_PER_MINUTE } from '../../../server/adapters/http/routes/policy-questions.ts';
import {
  createThreadRunner,
  MOST_WAITING,
  QUESTION_LIMITS,
} from '../../../server/adapters/question-thread/thread-runner.ts';
import type { Question } from '../../../server/app/policy-questions/question.ts';
import type { QuestionRunner } from '../../../server/app/ports/question-runner.ts';
import { asking, NOBODY } from '../../support/asking.ts';
import { BLAST_CLUSTER, BLAST_POLICIES } from '../../support/blast-cluster.ts';
import { ANSWERS, parsedAnswer } from '../../support/question-schemas.ts';
import { HOST, serve } from '../http/running.ts';

let close: (() => Promise<void>) | undefined;
afterEach(async () => {
  await close?.();
  close = undefined;
});

async function started(...parts: Parameters<typeof asking>) {
  const server = await asking(...parts);
  close = server.close;
  return server;
}

const SHOP = [{ file: 'shop.yaml', text: `${BLAST_CLUSTER}---\n${BLAST_POLICIES}` }];
const CURRENT = { policies: { from: 'current' } };
const NAMES = Object.keys(ANSWERS);

/** The least that each question takes. */
const bodyOf = (name: string): Readonly<Record<string, unknown>> => {
  const more: Readonly<Record<string, object>> = {
    explain: { from: 'shop/web', to: 'shop/db', port: 5432 },
    assert: { segments: 'bulkhead: segments/v1' },
  };
  return name === 'diff'
    ? { old: { from: 'current' }, new: { from: 'none' } }
    : { ...CURRENT, ...more[name] };
};

const codeOf = (answer: { json(): unknown }): string => Problem.parse(answer.json()).code;

describe('who may ask', () => {
  const TOKEN = 'canary-token-0123456789abcdef';

  test.each(NAMES)('%s needs the login, our own origin and JSON, though it changes nothing', async (name) => {
    const { ask } = await started({ files: SHOP, bearerToken: TOKEN });
    const bearer = { authorization: `Bearer ${TOKEN}` };
    const body = bodyOf(name);
    expect(codeOf(await ask(name, body))).toBe('login_required');
    expect(codeOf(await ask(name, body, { ...bearer, origin: 'https://evil.example' }))).toBe(
      'origin_not_allowed',
    );
    expect(codeOf(await ask(name, body, { ...bearer, 'content-type': 'text/plain' }))).toBe('json_required');
    expect(codeOf(await ask(name, { ...body, more: 1 }, bearer))).toBe('request_malformed');
  });

  test('a question can not be asked by a GET', async () => {
    const { app } = await started({ files: SHOP });
    const url = '/api/v1/questions/lint';
    const answer = await app.inject({ method: 'GET', url, headers: { host: HOST } });
    expect(answer.statusCode).toBe(404);
  });

  test('without a runner there are no such routes', async () => {
    const { app, post } = await serve();
    close = () => app.close();
    expect((await post('/api/v1/questions/lint', CURRENT)).statusCode).toBe(404);
  });
});

describe('what can not be answered', () => {
  test('is a problem that says why, for each reason', async () => {
    const { ask } = await started();
    expect(codeOf(await ask('lint', CURRENT))).toBe('no_current_policies');
    expect(codeOf(await ask('lint', { policies: { from: 'proposal' } }))).toBe('no_proposal');
    for (const name of NAMES.filter((each) => each !== 'lint' && each !== 'assert'))
      expect(
        codeOf(await ask(name, JSON.parse(JSON.stringify(bodyOf(name)).replace('current', 'none')))),
      ).toBe('nobody_known');
  });

  test('an old proposal is not taken for the new one', async () => {
    const { ask } = await started({ ground: { ...NOBODY, proposal: { id: 'new', files: [] } } });
    const policies = { from: 'proposal', id: 'old' };
    expect(codeOf(await ask('lint', { policies }))).toBe('proposal_replaced');
    expect((await ask('lint', { policies: { ...policies, id: 'new' } })).statusCode).toBe(200);
  });

  test('an end, a workload, a label that nobody has is named by its field, with names that may be meant', async () => {
    const { ask } = await started({ files: SHOP });
    const problems = [
      await ask('explain', { ...bodyOf('explain'), from: 'shop/nobody' }),
      await ask('blast', { ...CURRENT, workload: 'shop/car' }),
      await ask('blast', { ...CURRENT, crownJewels: ['tier=none'] }),
    ].map((answer) => Problem.parse(answer.json()));
    expect(problems.map(({ code, at }) => [code, at])).toEqual([
      ['end_unknown', 'from'],
      ['end_unknown', 'workload'],
      ['end_unknown', 'crownJewels'],
    ]);
    expect(problems[1]?.lines).toEqual(['shop/cart[Deployment]']);
  });

  test('broken manifests and segments are told with their places; what could be read is answered', async () => {
    const { ask } = await started({ files: SHOP });
    const broken = await ask('connections', { policies: { from: 'manifests', text: 'kind: [\n' } });
    expect(Problem.parse(broken.json())).toMatchObject({ code: 'manifests_unreadable', at: 'policies' });
    expect(Problem.parse(broken.json()).lines?.[0]).toMatch(/^manifests\.yaml:\d+: document 1: /);
    const half = `${BLAST_POLICIES}---\nkind: NetworkPolicy\n`;
    const answered = await ask('connections', { policies: { from: 'manifests', text: half } });
    const { answer } = parsedAnswer('connections', answered.json());
    expect(answer).toMatchObject({ problems: [{ file: 'manifests.yaml', document: 3 }] });
    const segments = await ask('assert', { ...CURRENT, segments: 'bulkhead: segments/v1\nsegments: 7\n' });
    expect(Problem.parse(segments.json())).toMatchObject({ code: 'segments_unusable', at: 'segments' });
    expect(Problem.parse(segments.json()).lines?.[0]).toMatch(/^segments\.yaml:\d+: /);
  });

  test('a rule of lint that is not there, and labels of a namespace that is, are faults of the request', async () => {
    const { ask } = await started({ files: SHOP });
    const rule = await ask('lint', { ...CURRENT, rules: [{ rule: 'no-such-rule', voice: 'off' }] });
    const pod = { namespace: 'shop', namespaceLabels: [{ key: 'a', value: 'b' }] };
    const labels = await ask('exposure', { ...CURRENT, pod });
    expect([rule, labels].map((each) => Problem.parse(each.json()).at)).toEqual([
      'rules',
      'pod.namespaceLabels',
    ]);
  });
});

describe('what a question may cost', () => {
  test('policies of 2 MiB are the most that can be sent, and only here', async () => {
    const { ask, post } = await started({ files: SHOP });
    const text = `# ${'x'.repeat(1024 * 1024)}\n${BLAST_POLICIES}`;
    expect((await ask('lint', { policies: { from: 'manifests', text } })).statusCode).toBe(200);
    const tooLarge = await ask('lint', { policies: { from: 'manifests', text: text + text } });
    expect(Problem.parse(tooLarge.json())).toMatchObject({
      code: 'body_too_large',
      detail: 'The body is larger than 2 MiB.',
    });
    const decision = await post('/api/v1/baselines/current/decisions', { reason: text });
    expect(Problem.parse(decision.json())).toMatchObject({
      code: 'body_too_large',
      detail: 'The body is larger than 64 KiB.',
    });
  });

  test('a question that takes too long is ended with its thread, and the next one has a new one', async () => {
    const clocks: { run: () => void; afterMs: number }[] = [];
    const later = (run: () => void, afterMs: number) => {
      clocks.push({ run, afterMs });
      // The first question is over its time as soon as it is asked.
      if (clocks.length === 1) run();
      return () => undefined;
    };
    const { ask } = await started({ files: SHOP, later });
    expect(codeOf(await ask('connections', CURRENT))).toBe('question_too_long');
    expect((await ask('connections', CURRENT)).statusCode).toBe(200);
    expect(clocks[0]?.afterMs).toBe(QUESTION_LIMITS.ms);
  });

  test('aliases that would blow up are refused, and the server answers on', async () => {
    const { ask } = await started({ files: SHOP });
    const levels = Array.from({ length: 12 }, (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at},`.repeat(9)}]`);
    const text = `a0: &a0 [x]\n${levels.join('\n')}\n`;
    expect(codeOf(await ask('lint', { policies: { from: 'manifests', text } }))).toBe('manifests_unreadable');
    expect((await ask('lint', CURRENT)).statusCode).toBe(200);
  });

  test('few wait, one is answered at a time, and others are told when to come back', async () => {
    let isAnswering = 0;
    let most = 0;
    const runner = createThreadRunner({
      module: new URL('../../../server/question-thread.ts', import.meta.url),
      served: { files: SHOP, problems: [] },
      seen: () => {
        isAnswering += 1;
        most = Math.max(most, isAnswering);
        return NOBODY;
      },
      breathe: async () => undefined,
      later: () => () => {
        isAnswering -= 1;
      },
    });
    const { app, post } = await serve({ questions: runner });
    close = async () => {
      await runner.close();
      await app.close();
    };
    const answers = await Promise.all(
      Array.from({ length: MOST_WAITING + 3 }, () => post('/api/v1/questions/lint', CURRENT)),
    );
    const refused = answers.filter(({ statusCode }) => statusCode === 503);
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(MOST_WAITING + 1);
    expect(refused).toHaveLength(2);
    expect(refused.map(codeOf)).toEqual(['too_many_questions', 'too_many_questions']);
    expect(refused[0]?.headers['retry-after']).toBe('5');
    expect(most).toBe(1);
  });

  test('who asks too often is sent away for a minute', async () => {
    const runner: QuestionRunner = {
      ask: async () => ({ ok: false, error: { code: 'nobody_known' } }),
      close: async () => undefined,
    };
    const { app, post } = await serve({ questions: runner });
    close = () => app.close();
    let last = '';
    for (let asked = 0; asked <= QUESTIONS_PER_MINUTE; asked += 1)
      last = codeOf(await post('/api/v1/questions/lint', CURRENT));
    expect(last).toBe('too_many_requests');
    expect(codeOf(await post('/api/v1/questions/ports', CURRENT))).toBe('nobody_known');
  });

  test('a question of somebody who went away is dropped, with the thread that worked on it', async () => {
    const question: Question = {
      ask: 'lint',
      policies: { from: 'current' },
      limit: 1,
      rules: {},
      minSeverity: 'info',
    };
    const { questions } = await started({ files: SHOP });
    const gone = new AbortController();
    const first = questions.ask(question, gone.signal);
    const second = questions.ask(question, gone.signal);
    gone.abort();
    const answers = await Promise.all([first, second]);
    expect(answers).toEqual(answers.map(() => ({ ok: false, error: { code: 'question_dropped' } })));
    const next = await questions.ask(question, new AbortController().signal);
    expect(next.ok).toBe(true);
  });

  test('a fault in the thread says nothing to whoever asked, and ends no server', async () => {
    const { ask } = await started({
      module: new URL('data:text/javascript,throw new Error("secret")'),
      files: SHOP,
    });
    const answer = await ask('lint', CURRENT);
    expect(Problem.parse(answer.json()).code).toBe('unexpected');
    expect(answer.body).not.toContain('secret');
  });
});
