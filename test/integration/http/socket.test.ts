import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import {
  attachSocketServer,
  BACKLOG_AT_MOST,
  type SocketFeed,
  type SocketServer,
} from '../../../server/adapters/socket/socket-server.ts';
import type { FakeWorkspace } from '../../support/fake-workspace.ts';
import { pod, START } from '../../support/flows.ts';
import { portOf, serve, shop, talk } from './running.ts';
import {
  type Client,
  closed,
  heavyFeed,
  lastSeq,
  manualTimer,
  next,
  refused,
  slowClient,
  socketClient,
} from './socket-clients.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Started {
  readonly port: number;
  readonly sockets: SocketServer;
  readonly workspace: FakeWorkspace;
  readonly timer: ReturnType<typeof manualTimer>;
  readonly get: Awaited<ReturnType<typeof serve>>['get'];
  readonly post: Awaited<ReturnType<typeof serve>>['post'];
}

interface Changes {
  readonly bearerToken?: string;
  readonly feed?: SocketFeed;
  readonly maxClients?: number;
}

async function started({ bearerToken, feed, maxClients }: Changes = {}): Promise<Started> {
  const workspace = shop();
  const timer = manualTimer();
  const server = await serve({ workspace, schedule: timer.schedule, bearerToken });
  const sockets = attachSocketServer({
    server: server.app.server,
    feed: feed ?? server.feed,
    upgradeRefusal: server.upgradeRefusal,
    observer: server.metrics,
    now: () => START,
    ...(maxClients === undefined ? {} : { maxClients }),
  });
  server.app.addHook('preClose', () => sockets.close());
  await server.app.listen({ port: 0, host: '127.0.0.1' });
  closers.push(() => server.app.close());
  return { ...server, workspace, timer, sockets, port: portOf(server.app.addresses()) };
}

function client(port: number, headers?: Readonly<Record<string, string>>): Client {
  const socket = socketClient(port, headers);
  closers.push(async () => socket.disconnect());
  return socket;
}

async function connected(port: number, headers?: Readonly<Record<string, string>>) {
  const socket = client(port, headers);
  const snapshot = next(socket, 'snapshot');
  socket.connect();
  return { socket, snapshot: await snapshot };
}

const NEW_CLIENT = pod('shop/admin-7d9c5b6f4-b2b4c', '10.0.0.9', 43_000);
const CART = pod('shop/cart-5b6f47d9c-b2b4c', '10.0.0.2', 8080);

describe('who may connect', () => {
  const foreign: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['another site', { origin: 'https://evil.example' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:3000' }],
    ['another name of this machine', { origin: 'http://localhost' }],
    ['an opaque origin', { origin: 'null' }],
    ['a foreign Host', { host: 'evil.example', origin: 'http://evil.example' }],
  ];
  test.each(foreign)('%s is refused', async (_name, headers) => {
    const { port, sockets } = await started();
    expect(await refused(client(port, headers))).toBe('websocket error');
    expect(sockets.clients()).toBe(0);
  });

  test('with a bearer token only who shows it, or has traded it for a session, is let in', async () => {
    const bearerToken = 'canary-token-0123456789abcdef';
    const { port, post } = await started({ bearerToken });
    expect(await refused(client(port))).toBe('websocket error');
    expect(await refused(client(port, { authorization: `Bearer ${bearerToken}x` }))).toBe('websocket error');
    const { snapshot } = await connected(port, { authorization: `Bearer ${bearerToken}` });
    expect(snapshot.graph.edges).toHaveLength(2);
    const answer = await post('/api/v1/session', { token: bearerToken });
    const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
    expect((await connected(port, { cookie })).snapshot.graph.edges).toHaveLength(2);
  });

  test('a socket ends with its session', async () => {
    const bearerToken = 'canary-token-0123456789abcdef';
    const { port, post, workspace, timer } = await started({ bearerToken });
    const answer = await post('/api/v1/session', { token: bearerToken });
    const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
    const { socket } = await connected(port, { cookie });
    await post('/api/v1/session/end', {}, { cookie });
    const end = closed(socket);
    workspace.see(talk(NEW_CLIENT, CART, 60_000));
    timer.fire();
    expect(await end).toBe('io server disconnect');
  });

  test('no more pages than the limit are let in', async () => {
    const { port } = await started({ maxClients: 1 });
    await connected(port);
    expect(await refused(client(port))).toBe('websocket error');
  });

  test('long polling does not exist: its address is answered by the HTTP server with all its headers', async () => {
    const { port } = await started();
    const response = await new Promise<{ status: number; csp: unknown }>((resolve, reject) => {
      const request = httpRequest(
        { port, host: '127.0.0.1', path: '/socket.io/?EIO=4&transport=polling' },
        (answer) => {
          answer.resume();
          resolve({ status: answer.statusCode ?? 0, csp: answer.headers['content-security-policy'] });
        },
      );
      request.on('error', reject);
      request.end();
    });
    expect(response).toMatchObject({ status: 404, csp: expect.stringContaining("frame-ancestors 'none'") });
  });
});

describe('the live picture', () => {
  test('begins with a snapshot and goes on with numbered deltas of what changed', async () => {
    const { port, workspace, timer } = await started();
    const { socket, snapshot } = await connected(port);
    expect(snapshot.graph.nodes).toHaveLength(3);
    expect(snapshot.findings).toHaveLength(1);
    workspace.see(talk(NEW_CLIENT, CART, 1000));
    const delta = next(socket, 'delta');
    timer.fire();
    expect(await delta).toMatchObject({
      seq: snapshot.graph.seq + 1,
      nodes: [{ label: 'admin' }],
      edges: [{ from: 'workload:default/shop/Deployment/admin', state: 'new', admitted: 'blocked' }],
      ticks: [],
      removedEdges: [],
      minutes: [{ at: snapshot.graph.minutes[0]?.at, conversations: 3, denied: 0 }],
    });
  });

  test('many changes are one delta, and nothing is worked out while nobody is connected', async () => {
    const { port, workspace, timer } = await started();
    workspace.see(talk(NEW_CLIENT, CART, 1000));
    expect(timer.isWaiting()).toBe(false);
    const { socket, snapshot } = await connected(port);
    expect(snapshot.graph.edges).toHaveLength(3);
    for (let count = 0; count < 5; count += 1) {
      workspace.see(talk({ ...NEW_CLIENT, port: 44_000 + count }, CART, 2000 + count));
    }
    const delta = next(socket, 'delta');
    timer.fire();
    expect(timer.isWaiting()).toBe(false);
    const { ticks, edges, seq } = await delta;
    expect(seq).toBe(snapshot.graph.seq + 1);
    expect(edges).toEqual([]);
    expect(ticks.map(([, conversations]) => conversations)).toEqual([6]);
  });

  test('a client that missed a number asks again and gets the picture of the last delta', async () => {
    const { port, workspace, timer } = await started();
    const { socket } = await connected(port);
    workspace.see(talk(NEW_CLIENT, CART, 1000));
    const delta = next(socket, 'delta');
    timer.fire();
    const { seq } = await delta;
    const again = next(socket, 'snapshot');
    socket.emit('resync');
    expect((await again).graph).toMatchObject({ seq, edges: [{}, {}, {}] });
  });

  test('another baseline and proposal are announced by their ids', async () => {
    const { port, workspace, timer } = await started();
    const { socket } = await connected(port);
    const learning = next(socket, 'learning');
    workspace.learn();
    timer.fire();
    expect(await learning).toEqual({ baselineId: 'baseline-2', proposalId: 'proposal-2' });
  });

  test('the number of pages connected is a metric', async () => {
    const { port, get } = await started();
    await connected(port);
    expect((await get('/metrics')).body).toMatch(/^bulkhead_socket_clients 1$/m);
  });
});

describe('clients that misbehave', () => {
  test('one that sends too much is closed', async () => {
    const { port } = await started();
    const { socket } = await connected(port);
    const end = closed(socket);
    for (let count = 0; count < 100; count += 1) socket.emit('resync');
    expect(await end).toBe('transport close');
  });

  test('one that sends more than 64 KB at once is closed', async () => {
    const { port, get } = await started();
    const { socket } = await connected(port);
    const end = closed(socket);
    (socket as { emit(event: string, text: string): unknown }).emit('resync', 'x'.repeat(70_000));
    expect(await end).toBe('transport close');
    expect((await get('/healthz')).statusCode).toBe(200);
  });

  test('unknown events and keys change nothing', async () => {
    const { port, workspace } = await started();
    const { socket } = await connected(port);
    const raw = socket as unknown as { emit(event: string, value: unknown): void };
    raw.emit('join', 'live');
    raw.emit('decide', JSON.parse('{"__proto__":{"polluted":1}}'));
    const again = next(socket, 'snapshot');
    socket.emit('resync');
    await again;
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    expect(workspace.baselines()).toHaveLength(1);
  });

  test('one that reads too slowly misses deltas, and is brought up to date by a snapshot', async () => {
    const feed = heavyFeed();
    const { port, sockets } = await started({ feed });
    const { socket: fast } = await connected(port);
    const slow = await slowClient(port, () => sockets.clients() === 2);
    closers.push(async () => slow.close());
    const steps = BACKLOG_AT_MOST + 40;
    for (let step = 0; step < steps; step += 1) {
      const delta = next(fast, 'delta');
      feed.step();
      await delta;
    }
    const seen = await slow.readOn((text) => text.lastIndexOf('"snapshot"') > 0 && lastSeq(text) === steps);
    const deltas = seen.match(/"delta"/g)?.length ?? 0;
    expect(deltas).toBeLessThan(steps);
    expect(seen.lastIndexOf('"snapshot"')).toBeGreaterThan(seen.lastIndexOf('"delta"'));
  });
});
