import { expect, test } from 'vitest';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import type { WorkloadId } from '#core/identity/peer.ts';
import { flow, pod, run, START, SYN, world } from '../../support/flows.ts';

const client = (port: number) => pod('shop/cart-7d9c5b6f4-x2x4z', '10.0.0.1', port);
const scan = (ports: number) =>
  Array.from({ length: ports }, (_, i) =>
    flow(client(40_000 + i), pod('shop/db-0', '10.0.0.2', 1000 + i), { tcpFlags: SYN, at: START + i }),
  );
const crowd = (addresses: number) =>
  Array.from({ length: addresses }, (_, i) =>
    flow(
      client(40_000 + i),
      world(`203.${Math.floor(i / 50_000)}.${Math.floor(i / 250) % 200}.${(i % 250) + 1}`, 443),
      { tcpFlags: SYN },
    ),
  );

test('up to 64 ports between a pair are edges of their own', () => {
  expect(run(scan(64)).edges).toHaveLength(64);
});

test('a port scan folds into one edge and loses no conversation', () => {
  const { edges, lines } = run(scan(500));
  expect(lines).toEqual(['shop/cart[Deployment] => shop/db[StatefulSet] : TCP many ports']);
  expect(edges[0]?.conversations.total).toBe(500);
});

test('up to 256 outside addresses are peers of their own, then prefixes, then one', () => {
  expect(run(crowd(256)).edges).toHaveLength(256);
  const prefixes = run(crowd(300));
  expect(prefixes.lines).toEqual([
    'shop/cart[Deployment] => 203.0.0.0/24 : TCP 443',
    'shop/cart[Deployment] => 203.0.1.0/24 : TCP 443',
  ]);
  expect(prefixes.edges.reduce((sum, edge) => sum + edge.conversations.total, 0)).toBe(300);
  const all = run(crowd(250 * 257).filter((_, i) => i % 250 === 0));
  expect(all.lines).toEqual(['shop/cart[Deployment] => other external addresses : TCP 443']);
  expect(all.edges[0]?.conversations.total).toBe(257);
});

test('folding depends on what was seen, not on its order', () => {
  const flows = [...scan(100), ...crowd(400)];
  expect(run([...flows].reverse()).lines).toEqual(run(flows).lines);
});

test('edges that changed are reported once', () => {
  const builder = new GraphBuilder();
  for (const edge of run(scan(2)).edges) builder.add(edge);
  expect(builder.takeChanged()).toHaveLength(2);
  expect(builder.takeChanged()).toEqual([]);
});

test('history stays within its budget, and how far back it goes is known', () => {
  const limits = { externalPeers: 256, portsPerPair: 64, outsidePorts: 128, minutes: 20 };
  const builder = new GraphBuilder(limits);
  for (let minute = 0; minute < 50; minute += 1) {
    const { edges, coverage } = run([
      flow(client(40_000), pod('shop/db-0', '10.0.0.2', 5432), {
        tcpFlags: SYN,
        at: START + minute * 60_000,
      }),
    ]);
    builder.apply({ edges, coverage, renames: [], namings: [] });
  }
  const { edges, historyFrom } = builder.snapshot();
  const [edge] = [...edges.values()];
  expect(edge?.minutes.size).toBeLessThanOrEqual(20);
  expect(edge?.conversations.total).toBe(50);
  expect(Math.min(...(edge?.minutes.keys() ?? []))).toBe(historyFrom);
});

const called = (names: number) =>
  Array.from({ length: names }, (_, i) =>
    flow(client(40_000 + i), world('198.51.100.1', 443, { names: [`n${i}.example.com`] }), { tcpFlags: SYN }),
  );

test('up to 256 names are peers of their own, then all that is outside is one', () => {
  expect(run(called(256)).edges).toHaveLength(256);
  const folded = run(called(2000));
  expect(folded.lines).toEqual(['shop/cart[Deployment] => other external addresses : TCP 443']);
  expect(folded.edges[0]?.conversations.total).toBe(2000);
  expect(folded.edges[0]?.names.size).toBeLessThanOrEqual(32);
});

test('names share their budget with addresses, which fold into prefixes first', () => {
  const { lines } = run([...crowd(250), ...called(10)]);
  expect(lines).toContain('shop/cart[Deployment] => n3.example.com : TCP 443');
  expect(lines).toContain('shop/cart[Deployment] => 203.0.0.0/24 : TCP 443');
  expect(lines).toHaveLength(11);
});

test('Services of an edge are bounded, and it shows that there were more', () => {
  const flows = Array.from({ length: 100 }, (_, i) =>
    flow(client(40_000 + i), pod('shop/db-0', '10.0.0.2', 5432), {
      tcpFlags: SYN,
      service: { namespace: 'shop', name: `db-${i}` },
    }),
  );
  const [edge] = run(flows).edges;
  expect(edge?.services.size).toBe(32);
  expect(edge?.truncated.has('services')).toBe(true);
});

test('a scan of many ports of many outside addresses costs no more than one of few', () => {
  const scattered = Array.from({ length: 3000 }, (_, i) =>
    flow(client(30_000 + i), world(`203.${i % 200}.${i % 150}.1`, 1 + i), { tcpFlags: SYN }),
  );
  for (const order of [scattered, scattered.toReversed()]) {
    const { lines, edges } = run(order);
    expect(lines).toEqual(['shop/cart[Deployment] => other external addresses : TCP many ports']);
    expect(edges[0]?.conversations.total).toBe(3000);
    expect(edges[0]?.addresses.size).toBeLessThanOrEqual(256);
  }
});

test('a workload that is renamed stays folded', () => {
  const builder = new GraphBuilder();
  const { edges } = run(called(300));
  for (const edge of edges) builder.add(edge);
  const [folded] = edges;
  const other = { kind: 'workload', id: 'default/shop/Deployment/basket' as WorkloadId } as const;
  builder.rename(folded?.from ?? other, other);
  for (const edge of run(called(1)).edges) builder.add({ ...edge, from: other });
  expect([...builder.snapshot().edges.values()].map(({ to }) => to.kind)).toEqual(['other-external']);
});
