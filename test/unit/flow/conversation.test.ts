import { expect, test } from 'vitest';
import { createConversationTable } from '#core/flow/conversation-table.ts';
import type { Flow } from '#core/flow/flow.ts';
import { MINUTE_MS } from '#core/flow/time.ts';
import { ACK, endpoint, flow, pod, run, START, SYN, SYN_ACK, world } from '../../support/flows.ts';

const raise = (): never => {
  throw new Error('no conversation was closed');
};
const cart = (port?: number) => pod('shop/cart-7d9c5b6f4-x2x4z', '10.0.0.1', port);
const db = (port?: number) => pod('shop/db-0', '10.0.0.2', port);

test('one conversation reported at nine points counts once, and as seen at both ends', () => {
  const reports = [0, 1, 2, 3, 4].map((ms) =>
    flow(cart(40_000), db(5432), { at: START + ms, tcpFlags: SYN, direction: ms < 2 ? 'egress' : 'ingress' }),
  );
  const answers = [5, 6, 7, 8].map((ms) =>
    flow(db(5432), cart(40_000), { at: START + ms, tcpFlags: SYN_ACK, reply: 'reply', direction: 'egress' }),
  );
  const [edge] = run([...reports, ...answers]).edges;
  expect(edge?.conversations).toEqual({
    total: 1,
    opened: 1,
    answered: 1,
    refused: 0,
    proxyLegs: 0,
    atSource: 1,
    atDestination: 1,
  });
});

test('a denied packet reported as policy verdict and as drop is one denied conversation', () => {
  const denied = { verdict: 'dropped', dropReason: 'POLICY_DENIED', direction: 'egress' } as const;
  const [edge] = run([
    flow(cart(40_000), db(5432), { ...denied, kind: 'policy-verdict' }),
    flow(cart(40_000), db(5432), { ...denied, kind: 'drop' }),
  ]).edges;
  expect(edge?.conversations.total).toBe(1);
  expect(edge?.outcomes).toMatchObject({ denied: 1, forwarded: 0, failed: 0 });
});

test('forwarded at the source and denied at the destination is denied', () => {
  const [edge] = run([
    flow(cart(40_000), db(5432), { tcpFlags: SYN, direction: 'egress' }),
    flow(cart(40_000), db(5432), { verdict: 'dropped', dropReason: 'POLICY_DENIED', direction: 'ingress' }),
  ]).edges;
  expect(edge?.outcomes).toMatchObject({ denied: 1, forwarded: 0 });
});

test('a drop that is not about policy is a failure, never a denial', () => {
  const [edge] = run([
    flow(cart(40_000), db(5432), {
      tcpFlags: SYN,
      kind: 'drop',
      verdict: 'dropped',
      dropReason: 'CT_MAP_INSERTION_FAILED',
    }),
  ]).edges;
  expect(edge?.outcomes).toMatchObject({ denied: 0, failed: 1 });
});

test('a redirect to the proxy passed, and an audited packet would have been denied', () => {
  const redirected = run([flow(cart(40_000), db(5432), { kind: 'policy-verdict', verdict: 'redirected' })]);
  const audited = run([flow(cart(40_000), db(5432), { kind: 'policy-verdict', verdict: 'audit' })]);
  expect(redirected.edges[0]?.outcomes).toMatchObject({ redirected: 1 });
  expect(audited.edges[0]?.outcomes).toMatchObject({ audited: 1, forwarded: 0 });
});

test('the connection a proxy opens for a redirected conversation is not a second conversation', () => {
  const leg = endpoint({
    ip: '10.0.9.9',
    port: 41_000,
    namespace: 'shop',
    labels: new Map([['app', 'cart']]),
  });
  const proxied = flow(cart(40_000), db(5432), { kind: 'policy-verdict', verdict: 'redirected' });
  const [edge] = run([proxied, flow(leg, db(5432), { tcpFlags: SYN })]).edges;
  expect(edge?.conversations).toMatchObject({ total: 1, proxyLegs: 1 });
  const [alone] = run([
    flow(cart(40_001), db(5433), { tcpFlags: SYN }),
    flow(leg, db(5432), { tcpFlags: SYN }),
  ]).edges;
  expect(alone?.conversations).toMatchObject({ total: 1, proxyLegs: 0 });
});

test('a reused client port hours later is a second conversation', () => {
  const [edge] = run([
    flow(cart(40_000), db(5432), { tcpFlags: SYN }),
    flow(cart(40_000), db(5432), { tcpFlags: SYN, at: START + 120 * MINUTE_MS }),
  ]).edges;
  expect(edge?.conversations).toMatchObject({ total: 2, opened: 2 });
  expect(edge?.minutes.size).toBe(2);
});

test('a handshake across the turn of a minute is one conversation', () => {
  const [edge] = run([
    flow(cart(40_000), db(5432), { tcpFlags: SYN, at: START + MINUTE_MS - 1 }),
    flow(cart(40_000), db(5432), { kind: 'policy-verdict', at: START + MINUTE_MS + 1 }),
  ]).edges;
  expect(edge?.conversations.total).toBe(1);
});

test('an aggregated record stands for as many conversations as it says, and is marked', () => {
  const [edge] = run([
    flow(cart(), db(5432), { reply: 'request', isAggregate: true, count: 42 }),
    flow(cart(), db(5432), { reply: 'request', isAggregate: true, count: 8 }),
  ]).edges;
  expect(edge?.conversations.total).toBe(50);
  expect(edge?.aggregated).toBe(50);
  expect(edge?.outcomes.forwarded).toBe(50);
});

test('names on some packets of an address hold for the whole conversation', () => {
  const named = world('203.0.113.9', 443, { names: ['api.example.com.'] });
  const { lines } = run([
    flow(cart(40_000), world('203.0.113.9', 443), { tcpFlags: SYN }),
    flow(cart(40_000), named, { reply: 'request' }),
  ]);
  expect(lines).toEqual(['shop/cart[Deployment] => api.example.com : TCP 443']);
});

test('conversations beyond the bound are closed early, counted, and still become edges', () => {
  const flows = Array.from({ length: 50 }, (_, i) =>
    flow(cart(40_000 + i), db(5432), { tcpFlags: SYN, at: START + i }),
  );
  const { edges, coverage } = run(flows, { maxConversations: 10 });
  expect(edges[0]?.conversations.total).toBe(50);
  expect(coverage.closedEarly).toBeGreaterThan(0);
});

test('what one conversation names is bounded while it is open, and the edge shows that there was more', () => {
  const table = createConversationTable();
  const many = Array.from({ length: 1000 }, (_, i) =>
    flow(cart(40_000), world('203.0.113.9', 443, { names: [`n${i}.example.com`, `not a name ${i}`] }), {
      tcpFlags: SYN,
      l7: {
        kind: 'request',
        http: { method: `M${i}`, path: `/p/${i}`, code: undefined },
        dns: { query: `q${i}.example.com`, ips: [], rcode: 0 },
      },
      service: { namespace: 'shop', name: `s${i}` },
      allowedBy: [{ kind: 'CiliumNetworkPolicy', namespace: 'shop', name: `p${i}` }],
      deniedBy: [{ kind: 'CiliumNetworkPolicy', namespace: 'shop', name: `p${i}` }],
    }),
  );
  for (const each of many) table.add(each);
  const [open] = table.close();
  const { a, b, methods, paths, dnsNames, services, allowedBy, deniedBy } = open ?? raise();
  for (const { size } of [a.names, b.names, methods, paths, dnsNames, services, allowedBy, deniedBy]) {
    expect(size).toBeLessThanOrEqual(65);
  }
  expect([...paths.values()].reduce((sum, count) => sum + count, 0)).toBe(1000);
  const [edge] = run(many).edges;
  expect([...(edge?.truncated ?? [])].sort()).toEqual(['dnsNames', 'names', 'paths', 'policies', 'services']);
});

test('of flows at the same instant the same one is the sample, whatever their order', () => {
  const flows = ([ACK, SYN, undefined] as const).flatMap((tcpFlags) =>
    (['trace', 'drop'] as const).map((kind) => flow(cart(40_000), db(5432), { tcpFlags, kind })),
  );
  const sampleOf = (order: readonly Flow[]) => run(order).edges[0]?.sample;
  expect(sampleOf(flows.toReversed())).toEqual(sampleOf(flows));
  expect(sampleOf([...flows.slice(3), ...flows.slice(0, 3)])).toEqual(sampleOf(flows));
});

test('conversations between the same addresses of two clusters are two, and close when the last of them is quiet', () => {
  const table = createConversationTable();
  const inCluster = (cluster: string | undefined, at: number) =>
    table.add(
      flow(
        pod('shop/web-0', '10.0.0.1', 40_000, { cluster }),
        pod('shop/db-0', '10.0.0.2', 5432, { cluster }),
        {
          at: START + at,
        },
      ),
    );
  inCluster('east', 0);
  inCluster('west', 5);
  inCluster(undefined, 9);
  expect(table.size).toBe(3);
  expect(table.close(START + 9)).toEqual([]);
  expect(table.close(START + 10).map(({ a }) => a.endpoint.cluster)).toEqual(['east', 'west', undefined]);
  expect(table.size).toBe(0);
});
