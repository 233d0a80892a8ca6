import { expect, test } from 'vitest';
import { flow, pod, run, START, SYN, world } from '../../support/flows.ts';

const CART = 'shop/cart-7d9c5b6f4-x2x4z';
const cart = (port: number) => pod(CART, '10.0.0.1', port);
const db = (port: number) => pod('shop/db-0', '10.0.0.2', port);
const outside = (...names: string[]) => world('203.0.113.9', 443, { names });
const named = (port: number, ms: number, ...names: string[]) =>
  flow(cart(port), outside(...names), { tcpFlags: SYN, at: START + ms });

test('an address named in one conversation is the same peer in every other of that client', () => {
  const flows = [named(40_000, 0), named(40_001, 1, 'api.example.com'), named(40_002, 2)];
  for (const order of [flows, flows.toReversed()]) {
    const { lines, edges } = run(order);
    expect(lines).toEqual(['shop/cart[Deployment] => api.example.com : TCP 443']);
    expect(edges[0]?.conversations.total).toBe(3);
  }
});

test('a name one client knows is not used for another', () => {
  const { lines } = run([
    named(40_000, 0, 'api.example.com'),
    flow(db(40_001), outside(), { tcpFlags: SYN, at: START }),
  ]);
  expect(lines).toEqual([
    'shop/cart[Deployment] => api.example.com : TCP 443',
    'shop/db[StatefulSet] => 203.0.113.9/32 : TCP 443',
  ]);
});

test('of several names an unnamed connection takes the one that sorts first, in any order', () => {
  const flows = [
    named(40_000, 0),
    named(40_001, 1, 'b.example.com'),
    named(40_002, 2, 'a.example.com'),
    named(40_003, 3),
  ];
  for (const order of [flows, flows.toReversed()]) {
    const totals = run(order).edges.map(({ to, conversations }) => [
      to.kind === 'fqdn' ? to.name : to.kind,
      conversations.total,
    ]);
    expect(totals).toEqual([
      ['a.example.com', 3],
      ['b.example.com', 1],
    ]);
  }
});

test('a name learnt after edges to the bare address were sent moves them to the name', () => {
  const unnamed = Array.from({ length: 20 }, (_, i) => named(40_000 + i, i));
  const late = Array.from({ length: 20 }, (_, i) =>
    named(41_000 + i, 100 + i, ...(i === 7 ? ['api.example.com'] : [])),
  );
  const { lines, edges } = run([...unnamed, ...late], { maxConversations: 5 });
  expect(lines).toEqual(['shop/cart[Deployment] => api.example.com : TCP 443']);
  expect(edges[0]?.conversations.total).toBe(40);
  expect([...(edges[0]?.names ?? [])]).toEqual(['api.example.com']);
});

test('a name learnt in an earlier batch holds for later ones', () => {
  const flows = Array.from({ length: 20 }, (_, i) =>
    named(40_000 + i, i, ...(i === 0 ? ['api.example.com'] : [])),
  );
  const { lines } = run(flows, { maxConversations: 5 });
  expect(lines).toEqual(['shop/cart[Deployment] => api.example.com : TCP 443']);
});

test('names a workload knows stay with it when its kind is learnt', () => {
  const agent = (port: number, kind?: string) =>
    pod('ops/agent-x2x4z', '10.0.0.4', port, {
      workloads: kind === undefined ? [] : [{ name: 'agent', kind }],
    });
  const call = (i: number, kind: string | undefined, ...names: string[]) =>
    flow(agent(40_000 + i, kind), outside(...names), { tcpFlags: SYN, at: START + i });
  const flows = Array.from({ length: 30 }, (_, i) =>
    call(i, i >= 15 ? 'DaemonSet' : undefined, ...(i === 0 ? ['api.example.com'] : [])),
  );
  expect(run(flows, { maxConversations: 5 }).lines).toEqual([
    'ops/agent[DaemonSet] => api.example.com : TCP 443',
  ]);
});

test('a client that makes up names pushes out its own and nobody else’s', () => {
  const made = Array.from({ length: 1500 }, (_, i) =>
    flow(
      cart(40_000 + i),
      world(`198.51.${Math.floor(i / 250)}.${i % 250}`, 443, { names: [`n${i}.test`] }),
      {
        tcpFlags: SYN,
        at: START + 10 + i,
      },
    ),
  );
  const quiet = (ms: number, ...names: string[]) =>
    flow(db(40_000 + ms), outside(...names), { tcpFlags: SYN, at: START + ms });
  const { lines } = run([quiet(0, 'api.example.com'), ...made, quiet(5000)], { maxConversations: 50 });
  expect(lines.filter((line) => line.startsWith('shop/db'))).toEqual([
    'shop/db[StatefulSet] => api.example.com : TCP 443',
  ]);
});
