import { connect } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { Problem } from '#contract/problem.ts';
import { FakeWorkspace } from '../../support/fake-workspace.ts';
import { builtPage, HOST, portOf, serve } from './running.ts';

let close: (() => Promise<void>) | undefined;
afterEach(async () => close?.());

async function started(...parts: Parameters<typeof serve>) {
  const server = await serve(...parts);
  close = () => server.app.close();
  return server;
}

const TOKEN = 'canary-token-0123456789abcdef';
const DECISIONS = '/api/v1/baselines/current/decisions';

const HEADERS = {
  'content-security-policy':
    "default-src 'self';script-src 'self' 'nonce-N';style-src 'self' 'nonce-N';img-src 'self' data:;worker-src 'self';connect-src 'self';object-src 'none';base-uri 'none';frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
};

type Answer = Awaited<ReturnType<Awaited<ReturnType<typeof started>>['get']>>;

function securityHeaders(answer: Answer): Readonly<Record<string, unknown>> {
  const entries = Object.keys(HEADERS).map((name) => {
    const value = answer.headers[name];
    return [name, typeof value === 'string' ? value.replaceAll(/'nonce-[0-9a-f]{32}'/g, "'nonce-N'") : value];
  });
  return Object.fromEntries(entries);
}

describe('headers', () => {
  test('every answer of every route carries them, problems included, and none allows another origin', async () => {
    const { app, get, post } = await started({ webRoot: builtPage(), bearerToken: TOKEN });
    const bearer = { authorization: `Bearer ${TOKEN}` };
    const answers: Answer[] = [];
    await app.ready();
    const document = app.swagger() as { paths: Record<string, Record<string, unknown>> };
    for (const [path, methods] of Object.entries(document.paths)) {
      const url = path.replace('{id}', '1');
      for (const headers of [{}, bearer]) {
        answers.push('get' in methods ? await get(url, headers) : await post(url, {}, headers));
      }
    }
    answers.push(await get('/'), await get('/nowhere'), await get('/api/v1/graph', { host: 'evil.example' }));
    answers.push(await post(DECISIONS, {}, { origin: 'https://evil.example' }));
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(
      new Set([200, 204, 400, 401, 403, 404, 421]),
    );
    for (const answer of answers) {
      expect(securityHeaders(answer)).toEqual(HEADERS);
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
      expect(answer.headers['strict-transport-security']).toBeUndefined();
    }
  });

  test('a fault of ours carries them too', async () => {
    const workspace = new FakeWorkspace();
    workspace.sources = () => {
      throw new Error('broken');
    };
    const { get } = await started({ workspace });
    const answer = await get('/api/v1/sources');
    expect(answer.statusCode).toBe(500);
    expect(securityHeaders(answer)).toEqual(HEADERS);
  });

  test('an address that can not be read is a problem without any data', async () => {
    const { get } = await started();
    const answer = await get('/api/v1/edges/%zz');
    expect(answer.statusCode).toBe(400);
    expect(Problem.parse(answer.json())).toMatchObject({ code: 'request_malformed' });
    expect(answer.headers).toMatchObject({
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
  });
});

describe('the Host header', () => {
  test.each([
    ['localhost', 200],
    ['localhost:8080', 200],
    ['LOCALHOST:8080', 200],
    ['127.0.0.1:8080', 200],
    ['[::1]:8080', 200],
    ['evil.example', 421],
    ['localhost.evil.example', 421],
    ['localhost.', 421],
    ['127.0.0.1.evil.example', 421],
    ['localhost@evil.example', 421],
    ['localhost:8080/', 421],
    ['localhost:abc', 421],
  ])('%j answers %i', async (host, status) => {
    const { get } = await started();
    const answer = await get('/api/v1/graph', { host });
    expect(answer.statusCode).toBe(status);
    if (status === 421) expect(Problem.parse(answer.json()).code).toBe('host_not_allowed');
  });

  test.each([
    ['https://bulkhead.example.com', 'bulkhead.example.com', 200],
    ['https://bulkhead.example.com', 'bulkhead.example.com:443', 200],
    ['https://bulkhead.example.com', 'bulkhead.example.com:8080', 421],
    ['localhost:8080', 'localhost:8081', 421],
    ['localhost:8080', 'localhost:8080', 200],
  ])('with %s allowed, %s answers %i', async (allowed, host, status) => {
    const { get } = await started({ allowedHosts: [allowed] });
    expect((await get('/healthz', { host })).statusCode).toBe(status);
  });

  test.each([
    ['no Host', 421, 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['an empty Host', 421, 'GET /healthz HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n'],
    ['two Hosts', 421, `GET /healthz HTTP/1.1\r\nHost: ${HOST}\r\nHost: evil\r\nConnection: close\r\n\r\n`],
    ['one Host', 200, `GET /healthz HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`],
    ['no HTTP at all', 400, 'HELLO\r\n\r\n'],
    ['headers without end', 431, `GET / HTTP/1.1\r\nHost: ${HOST}\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
  ])('%s on the wire answers %i', async (_name, status, request) => {
    const { app } = await started();
    await app.listen({ port: 0, host: '127.0.0.1' });
    const text = await sent(portOf(app.addresses()), request);
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(text).toMatch(/x-content-type-options: nosniff/i);
    expect(text).toMatch(/content-security-policy: /i);
  });
});

/** Everything the server says to these bytes, until it closes. */
const sent = (port: number, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });

describe('a change', () => {
  const body = { edge: 'x', decision: 'held', reason: 'Why.' };

  test.each([
    ['from our own page', {}, 404, 'unknown_edge'],
    ['from another site', { origin: 'https://evil.example' }, 403, 'origin_not_allowed'],
    ['from another port of this machine', { origin: 'http://localhost:3000' }, 403, 'origin_not_allowed'],
    ['from another name of this machine', { origin: 'http://127.0.0.1:8080' }, 403, 'origin_not_allowed'],
    ['over another scheme', { origin: 'https://localhost:8080' }, 403, 'origin_not_allowed'],
    ['from an opaque origin', { origin: 'null' }, 403, 'origin_not_allowed'],
    ['without an origin', { origin: '' }, 403, 'origin_not_allowed'],
    ['as plain text', { 'content-type': 'text/plain' }, 415, 'json_required'],
    ['as a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'json_required'],
    ['as a lookalike of JSON', { 'content-type': 'application/json5' }, 415, 'json_required'],
    ['without a type', { 'content-type': '' }, 415, 'json_required'],
  ])('%s answers %i %s', async (_name, headers, status, code) => {
    const { post } = await started();
    const answer = await post(DECISIONS, body, headers);
    expect(Problem.parse(answer.json())).toMatchObject({ status, code });
  });

  test('a page behind a public address changes things under its own origin alone', async () => {
    const host = 'bulkhead.example.com';
    const { post } = await started({ allowedHosts: [`https://${host}`] });
    expect((await post(DECISIONS, body, { host, origin: `https://${host}` })).statusCode).toBe(404);
    expect((await post(DECISIONS, body, { host, origin: `http://${host}` })).statusCode).toBe(403);
  });

  test('a preflight gets no permission', async () => {
    const { app } = await started();
    const headers = { host: HOST, origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    const answer = await app.inject({ method: 'OPTIONS', url: DECISIONS, headers });
    expect(answer.statusCode).toBe(403);
  });
});

describe('with a bearer token', () => {
  test('only what is public answers without it', async () => {
    const { app, get, post } = await started({ bearerToken: TOKEN, webRoot: builtPage() });
    await app.ready();
    const document = app.swagger() as { paths: Record<string, Record<string, unknown>> };
    const open: string[] = [];
    for (const [path, methods] of Object.entries(document.paths)) {
      const url = path.replace('{id}', '1');
      const answer = 'get' in methods ? await get(url) : await post(url, {});
      if (answer.statusCode !== 401) open.push(path);
      else expect(answer.json()).toMatchObject({ code: 'login_required' });
    }
    expect(open).toEqual(['/healthz', '/readyz', '/api/v1/session']);
    expect((await get('/')).statusCode).toBe(200);
  });

  test.each([
    [`Bearer ${TOKEN}`, 200],
    [`bearer ${TOKEN}`, 200],
    [`Bearer ${TOKEN}x`, 401],
    [`Bearer ${TOKEN.slice(0, -1)}`, 401],
    ['Bearer ', 401],
    [`Basic ${TOKEN}`, 401],
    [TOKEN, 401],
  ])('Authorization: %s answers %i', async (authorization, status) => {
    const { get } = await started({ bearerToken: TOKEN });
    expect((await get('/api/v1/graph', { authorization })).statusCode).toBe(status);
  });

  test('the token buys a session that a script can not read, and that can be ended', async () => {
    const { get, post } = await started({ bearerToken: TOKEN });
    const answer = await post('/api/v1/session', { token: TOKEN });
    expect(answer.statusCode).toBe(204);
    const header = String(answer.headers['set-cookie']);
    expect(header).toMatch(/^bulkhead_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    const cookie = header.split(';')[0] ?? '';
    expect((await get('/api/v1/graph', { cookie })).statusCode).toBe(200);
    expect((await get('/api/v1/graph', { cookie: `${cookie}; ${cookie}` })).statusCode).toBe(401);
    expect((await post('/api/v1/session/end', {}, { cookie })).statusCode).toBe(204);
    expect((await get('/api/v1/graph', { cookie })).statusCode).toBe(401);
  });

  test('a session ends after twelve hours', async () => {
    let at = 0;
    const { get, post } = await started({ bearerToken: TOKEN, now: () => at });
    const answer = await post('/api/v1/session', { token: TOKEN });
    const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
    at = 12 * 3_600_000 - 1;
    expect((await get('/api/v1/graph', { cookie })).statusCode).toBe(200);
    at += 1;
    expect((await get('/api/v1/graph', { cookie })).statusCode).toBe(401);
  });

  test('over TLS the cookie is for TLS alone', async () => {
    const host = 'bulkhead.example.com';
    const { post } = await started({ bearerToken: TOKEN, allowedHosts: [`https://${host}`] });
    const answer = await post('/api/v1/session', { token: TOKEN }, { host, origin: `https://${host}` });
    expect(answer.headers['set-cookie']).toMatch(/; Secure$/);
  });

  test('wrong tokens are refused, and after ten of them even the right one for a minute', async () => {
    let at = 0;
    const { post } = await started({ bearerToken: TOKEN, now: () => at });
    for (let attempt = 0; attempt < 10; attempt += 1) {
      expect((await post('/api/v1/session', { token: `wrong-${attempt}` })).json()).toMatchObject({
        code: 'token_wrong',
      });
    }
    expect((await post('/api/v1/session', { token: TOKEN })).json()).toMatchObject({
      code: 'too_many_attempts',
    });
    at = 60_001;
    expect((await post('/api/v1/session', { token: TOKEN })).statusCode).toBe(204);
  });

  test('neither an answer nor the log ever holds the token', async () => {
    const logged: unknown[] = [];
    const workspace = new FakeWorkspace();
    workspace.sources = () => {
      throw new Error('broken');
    };
    const { get, post } = await started({
      workspace,
      bearerToken: TOKEN,
      logger: { error: (f) => logged.push(f) },
    });
    const authorization = `Bearer ${TOKEN}`;
    const urls = [
      '/metrics',
      '/api/v1/openapi.json',
      '/api/v1/sources',
      '/',
      '/nowhere',
      `/${TOKEN.slice(0, 6)}`,
    ];
    for (const url of urls) {
      const answer = await get(url, { authorization });
      expect(JSON.stringify(answer.headers) + answer.body).not.toContain(TOKEN);
    }
    expect((await post('/api/v1/session', { token: TOKEN })).body).not.toContain(TOKEN);
    expect(logged).toHaveLength(2);
    expect(inspect(logged, { depth: 9, showHidden: true })).not.toContain(TOKEN);
  });
});

describe('limits', () => {
  test('too many requests from one address are refused with a problem', async () => {
    const { get } = await started();
    let answer = await get('/api/v1/training');
    for (let count = 0; count < 1200; count += 1) answer = await get('/api/v1/training');
    expect(answer.statusCode).toBe(429);
    expect(Problem.parse(answer.json())).toMatchObject({ code: 'too_many_requests' });
    expect((await get('/healthz')).statusCode).toBe(200);
  });

  test('a forwarded address is not believed', async () => {
    const { get } = await started();
    for (let count = 0; count < 1200; count += 1)
      await get('/api/v1/training', { 'x-forwarded-for': `10.0.0.${count}` });
    expect((await get('/api/v1/training', { 'x-forwarded-for': '192.0.2.1' })).statusCode).toBe(429);
    expect((await get('/healthz', { host: 'evil', 'x-forwarded-host': HOST })).statusCode).toBe(421);
  });

  test('a request that does not come to its end is cut off', async () => {
    const { app } = await started();
    expect(app.server.requestTimeout).toBe(30_000);
    expect(app.server.headersTimeout).toBe(15_000);
  });

  test('a route that does not say who may call it, or says the wrong thing, can not be added', async () => {
    const { app } = await started();
    expect(() => app.get('/late', () => 1)).toThrow('does not say who may call it');
    expect(() => app.get('/late', { config: { access: 'change' } }, () => 1)).toThrow('says change');
    expect(() => app.post('/late', { config: { access: 'read' } }, () => 1)).toThrow('says read');
  });
});
