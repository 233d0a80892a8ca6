import { expect, test } from 'vitest';
import { failed, ok } from '#core/result.ts';
import type { Answer, Api, Asked, Blast, PolicyQuestions } from '../../../web/model/ports.ts';
import { createReachDesk } from '../../../web/ui/reach-desk.ts';

const NOTHING: Asked<Blast> = {
  lists: [],
  answer: { cluster: 'c', profile: 'cilium', workloads: 0, policies: [], readings: [], problems: [] },
};

/** An API that refuses every question that needs one of these, and writes down what it was asked. */
function apiWithout(...lacks: readonly string[]) {
  const asked: string[] = [];
  const answer = (body: PolicyQuestions['blast']['body']): Awaited<Answer<Asked<Blast>>> => {
    asked.push([body.policies.from, body.proposal?.from ?? '-', ...(body.crownJewels ?? [])].join(' '));
    const code =
      body.policies.from === 'current' && lacks.includes('no_current_policies')
        ? 'no_current_policies'
        : body.proposal !== undefined && lacks.includes('no_proposal')
          ? 'no_proposal'
          : undefined;
    if (code === undefined) return ok(NOTHING);
    const problem = { type: '', title: '', status: 404, detail: '', code };
    return failed({ code: 'problem', path: '', problem });
  };
  const ask = async (_: string, body: unknown) => answer(body as PolicyQuestions['blast']['body']);
  return { asked, api: { ask } as unknown as Api };
}

test('a reach is asked for under the current policies and the proposal', async () => {
  const { api, asked } = apiWithout();
  expect(await createReachDesk(api).ask('shop/web', 'tier=data')).toEqual(ok(NOTHING));
  expect(asked).toEqual(['current proposal tier=data']);
});

test('what the server lacks is left out; that it has no current policies is found out once', async () => {
  const { api, asked } = apiWithout('no_current_policies', 'no_proposal');
  const desk = createReachDesk(api);
  await Promise.all([desk.ask('shop/web', ''), desk.ask('shop/web', 'data/db'), desk.ask('shop/web', '')]);
  expect(asked).toEqual([
    'current proposal',
    'none proposal',
    'none -',
    'none proposal data/db',
    'none - data/db',
  ]);
});

test('the same question is under way once, and is asked anew afterwards', async () => {
  const { api, asked } = apiWithout();
  const desk = createReachDesk(api);
  await Promise.all([desk.ask('shop/web', ''), desk.ask('shop/web', '')]);
  await desk.ask('shop/web', '');
  expect(asked).toHaveLength(2);
});

test('any other refusal is the answer', async () => {
  const refusal = failed({ code: 'unreachable', path: '', detail: 'gone' } as const);
  const api = { ask: async () => refusal } as unknown as Api;
  expect(await createReachDesk(api).ask('shop/web', '')).toEqual(refusal);
});
