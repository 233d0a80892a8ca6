import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { EdgeDetail, GraphSnapshot, NodeDetail } from '#contract/graph.ts';
import {
  BaselineDetail,
  BaselineSummary,
  DecisionAnswer,
  FindingView,
  Training,
} from '#contract/learning.ts';
import { Problem } from '#contract/problem.ts';
import { ProposalDetail, ProposalSummary } from '#contract/proposal.ts';
import { SourceHealth } from '#contract/source.ts';
import { FakeWorkspace } from '../../support/fake-workspace.ts';
import { builtPage, serve } from './running.ts';

let close: (() => Promise<void>) | undefined;
afterEach(async () => close?.());

async function started(...parts: Parameters<typeof serve>) {
  const server = await serve(...parts);
  close = () => server.app.close();
  return server;
}

const READS = [
  ['/api/v1/graph', GraphSnapshot],
  ['/api/v1/edges/1', EdgeDetail],
  [`/api/v1/nodes/${encodeURIComponent('workload:default/shop/Deployment/cart')}`, NodeDetail],
  ['/api/v1/training', Training],
  ['/api/v1/baselines', z.array(BaselineSummary)],
  ['/api/v1/baselines/current', BaselineDetail],
  ['/api/v1/proposals', z.array(ProposalSummary)],
  ['/api/v1/proposals/current', ProposalDetail],
  ['/api/v1/findings', z.array(FindingView)],
  ['/api/v1/sources', z.array(SourceHealth)],
] as const;

describe('reading', () => {
  test.each(READS)('GET %s answers with exactly what its schema says', async (url, schema) => {
    const { get } = await started();
    await get('/api/v1/graph');
    const answer = await get(url);
    expect(answer.statusCode).toBe(200);
    expect(schema.parse(answer.json())).toEqual(answer.json());
  });

  test('the graph shows the edges, their state, and what the proposal makes of them', async () => {
    const { get } = await started();
    const { nodes, edges, minutes, trust } = GraphSnapshot.parse((await get('/api/v1/graph')).json());
    expect(minutes.map(({ conversations, denied }) => [conversations, denied])).toEqual([[2, 0]]);
    expect(nodes.map(({ label, isolation, pods }) => [label, isolation, pods])).toEqual([
      ['db', 'both', 1],
      ['cart', 'ingress', 1],
      ['web', 'none', 1],
    ]);
    expect(
      edges.map(({ to, port, state, admitted, findings }) => [to, port, state, admitted, findings]),
    ).toEqual([
      ['workload:default/data/StatefulSet/db', 5432, 'known', 'admitted', 1],
      ['workload:default/shop/Deployment/cart', 8080, 'known', 'admitted', 0],
    ]);
    expect(trust).toMatchObject({ conversations: 2, badLines: 1, sources: 1 });
  });

  test('an edge keeps its number from one answer to the next', async () => {
    const { get } = await started();
    const first = GraphSnapshot.parse((await get('/api/v1/graph')).json());
    const second = GraphSnapshot.parse((await get('/api/v1/graph')).json());
    expect(second.edges.map(({ id }) => id)).toEqual(first.edges.map(({ id }) => id));
    for (const { id, key } of first.edges)
      expect((await get(`/api/v1/edges/${id}`)).json()).toMatchObject({ key });
  });

  test.each([
    ['/api/v1/edges/999', 'unknown_edge'],
    ['/api/v1/nodes/nobody', 'unknown_node'],
    ['/api/v1/nodes/__proto__', 'unknown_node'],
    ['/api/v1/nodes/constructor', 'unknown_node'],
    ['/api/v1/nowhere', 'not_found'],
  ])('GET %s is a problem with the code %s', async (url, code) => {
    const { get } = await started();
    const answer = await get(url);
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(Problem.parse(answer.json())).toMatchObject({ status: 404, code });
  });

  test('two ids that do not exist get the same bytes', async () => {
    const { get } = await started();
    expect((await get('/api/v1/edges/998')).body).toBe((await get('/api/v1/edges/999')).body);
    expect((await get('/api/v1/nodes/a')).body).toBe((await get('/api/v1/nodes/b')).body);
  });

  test('before anything is learnt, baseline and proposal say so and the rest answers', async () => {
    const workspace = new FakeWorkspace();
    workspace.isReadyNow = false;
    const { get } = await started({ workspace });
    expect((await get('/api/v1/baselines/current')).json()).toMatchObject({ code: 'no_baseline' });
    expect((await get('/api/v1/proposals/current')).json()).toMatchObject({ code: 'no_proposal' });
    expect((await get('/api/v1/training')).json()).toMatchObject({ window: null, baseline: null });
    expect((await get('/api/v1/graph')).json()).toMatchObject({ span: null, nodes: [], edges: [] });
    expect((await get('/readyz')).json()).toMatchObject({ status: 503, code: 'not_ready' });
    expect((await get('/healthz')).json()).toEqual({ status: 'ok' });
  });
});

describe('changing', () => {
  test('a decision makes a new baseline and a new proposal, with who and why', async () => {
    const { get, post } = await started();
    const before = BaselineDetail.parse((await get('/api/v1/baselines/current')).json());
    const edge = before.edges[0]?.key;
    const answer = await post('/api/v1/baselines/current/decisions', {
      edge,
      decision: 'rejected',
      reason: ' No. ',
    });
    expect(answer.statusCode).toBe(200);
    expect(DecisionAnswer.parse(answer.json()).baseline).toMatchObject({
      version: 2,
      rejected: 1,
      actor: 'local',
    });
    const after = BaselineDetail.parse((await get('/api/v1/baselines/current')).json());
    expect(after.edges[0]).toMatchObject({ decision: 'rejected', reason: 'No.', actor: 'local' });
  });

  test('a finding can be acknowledged, and no longer counts as open', async () => {
    const { get, post } = await started();
    const [finding] = z.array(FindingView).parse((await get('/api/v1/findings')).json());
    const url = `/api/v1/findings/${encodeURIComponent(finding?.id ?? '')}/state`;
    const answer = await post(url, { state: 'acknowledged', reason: 'Known.' });
    expect(FindingView.parse(answer.json())).toMatchObject({ id: finding?.id, state: 'acknowledged' });
    const { edges } = GraphSnapshot.parse((await get('/api/v1/graph')).json());
    expect(edges.map(({ findings }) => findings)).toEqual([0, 0]);
  });

  test.each([
    ['an unknown edge', { edge: 'x', decision: 'held', reason: 'Why.' }, 404, 'unknown_edge'],
    ['an unknown decision', { edge: 'x', decision: 'maybe', reason: 'Why.' }, 400, 'request_malformed'],
    ['no reason', { edge: 'x', decision: 'held', reason: '  ' }, 400, 'request_malformed'],
    ['text that is no JSON', '{"edge"', 400, 'request_malformed'],
    ['a __proto__ key', '{"__proto__":{"polluted":1},"edge":"x"}', 400, 'request_malformed'],
    ['a constructor.prototype', '{"constructor":{"prototype":{"polluted":1}}}', 400, 'request_malformed'],
    [
      'more than 64 KiB',
      { edge: 'x'.repeat(70_000), decision: 'held', reason: 'Why.' },
      413,
      'body_too_large',
    ],
  ])('a decision with %s is refused', async (_name, body, status, code) => {
    const { post } = await started();
    const answer = await post('/api/v1/baselines/current/decisions', body);
    expect(Problem.parse(answer.json())).toMatchObject({ status, code });
    expect(answer.statusCode).toBe(status);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test('the problem names the field that was wrong and does not repeat its value', async () => {
    const { post } = await started();
    const secret = 'canary-7f3a';
    const answer = await post('/api/v1/baselines/current/decisions', {
      edge: 'x',
      decision: secret,
      reason: 'Why.',
    });
    expect(answer.json()).toMatchObject({ at: 'decision' });
    expect(answer.body).not.toContain(secret);
  });
});

describe('faults', () => {
  test('an unexpected fault says nothing of itself, and tells the log everything', async () => {
    const logged: Readonly<Record<string, unknown>>[] = [];
    const workspace = new FakeWorkspace();
    workspace.coverage = () => {
      throw new Error('canary at /home/somebody');
    };
    const { get } = await started({ workspace, logger: { error: (facts) => logged.push(facts) } });
    const answer = await get('/api/v1/graph');
    expect(Problem.parse(answer.json())).toMatchObject({ status: 500, code: 'unexpected' });
    expect(answer.body).not.toMatch(/canary|somebody|\.ts/);
    expect(logged).toMatchObject([
      { fault: expect.stringContaining('canary at /home/somebody'), route: '/api/v1/graph', request: 'r1' },
    ]);
  });
});

describe('the page', () => {
  test('is served with a new nonce each time, and the header names the same one', async () => {
    const { get } = await started({ webRoot: builtPage() });
    const nonces = await Promise.all(
      ['/', '/'].map(async (url) => {
        const answer = await get(url);
        const nonce = /nonce="([0-9a-f]+)"/.exec(answer.body)?.[1] ?? '';
        expect(answer.body).not.toContain('__CSP_NONCE__');
        expect(answer.headers['content-security-policy']).toContain(`'nonce-${nonce}'`);
        return nonce;
      }),
    );
    expect(new Set(nonces).size).toBe(2);
  });

  test('says how to build it when it is not there', async () => {
    const { get } = await started();
    const answer = await get('/');
    expect(answer.json()).toMatchObject({ status: 503, code: 'page_not_built' });
    expect(answer.json().detail).toContain('npm run build:web');
  });

  test('serves the files of the build and nothing else', async () => {
    const { get } = await started({ webRoot: builtPage() });
    const script = await get('/assets/main-abc.js');
    expect(script.headers).toMatchObject({
      'content-type': 'application/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    expect((await get('/icon.svg')).statusCode).toBe(200);
  });

  test.each([
    '/index.html',
    '/.env',
    '/assets/main-abc.js.map',
    '/assets/',
    '/assets/..%2f.env',
    '/assets/%2e%2e/.env',
    '/assets/..%5c.env',
    '/assets/main-abc.js%00',
    '//etc/passwd',
    '/..%2f..%2f..%2fetc%2fpasswd',
  ])('GET %s is not found', async (url) => {
    const { get } = await started({ webRoot: builtPage() });
    expect((await get(url)).statusCode).toBe(404);
  });
});

describe('operations', () => {
  test('every route that exists is in the description, with the schemas of the contract', async () => {
    const { get } = await started();
    const document = (await get('/api/v1/openapi.json')).json();
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toEqual([
      '/api/v1/graph',
      '/api/v1/edges/{id}',
      '/api/v1/nodes/{id}',
      '/api/v1/training',
      '/api/v1/baselines',
      '/api/v1/baselines/current',
      '/api/v1/baselines/current/decisions',
      '/api/v1/proposals',
      '/api/v1/proposals/current',
      '/api/v1/findings',
      '/api/v1/findings/{id}/state',
      '/api/v1/sources',
      '/healthz',
      '/readyz',
      '/metrics',
    ]);
    const graph = document.paths['/api/v1/graph'].get.responses['200'].content['application/json'];
    expect(graph.schema).toEqual({ $ref: '#/components/schemas/GraphSnapshot' });
  });

  test('health and readiness show neither version nor data', async () => {
    const { get } = await started();
    expect((await get('/healthz')).body).toBe('{"status":"ok"}');
    expect((await get('/readyz')).body).toBe('{"status":"ready"}');
  });

  test('metrics have a fixed set of series, whatever is asked for', async () => {
    const { get } = await started();
    await get('/metrics');
    const series = async () =>
      (await get('/metrics')).body.split('\n').filter((line) => line.startsWith('bulkhead_')).length;
    await get('/api/v1/nodes/one');
    await get('/nowhere');
    const before = await series();
    for (const name of ['two', '<img src=x onerror=alert(1)>', '%22%7D%0A', 'a'.repeat(200)]) {
      await get(`/api/v1/nodes/${encodeURIComponent(name)}`);
      await get(`/${encodeURIComponent(name)}`);
    }
    expect(await series()).toBe(before);
  });
});
