import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Flow } from '#core/flow/flow.ts';
import { EDGE_LIMITS } from '#core/graph/edge.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import { flow, pod, run, SYN, world } from '../support/flows.ts';

const BUDGET = 8;
const CLIENTS = ['shop/cart-7d9c5b6f4-x2x4z', 'shop/db-0'];

const anyOutside = fc.record({
  client: fc.nat(CLIENTS.length - 1),
  // Often one of two: only then do many peers meet on one port.
  port: fc.oneof(fc.constantFrom(443, 8443), fc.integer({ min: 1, max: 12 })),
  ip: fc.nat(2000).map((n) => `203.0.${Math.floor(n / 100)}.${(n % 100) + 1}`),
  name: fc.option(
    fc.nat(40).map((n) => `n${n}.example.com`),
    { nil: undefined },
  ),
  isInbound: fc.boolean(),
});

const toFlow = (
  { client, port, ip, name, isInbound }: typeof anyOutside extends fc.Arbitrary<infer T> ? T : never,
  i: number,
): Flow => {
  const names = name === undefined ? [] : [name];
  const inside = pod(CLIENTS[client] ?? '', `10.0.0.${client + 1}`, isInbound ? port : 40_000 + i);
  const outside = world(ip, isInbound ? 40_000 + i : port, { names });
  return isInbound ? flow(outside, inside, { tcpFlags: SYN }) : flow(inside, outside, { tcpFlags: SYN });
};

const limits = { externalPeers: BUDGET, portsPerPair: 64, outsidePorts: 6, minutes: 1_000_000 };

function folded(deltas: ReturnType<typeof run>['edges']) {
  const builder = new GraphBuilder(limits);
  for (const edge of deltas) builder.add(edge);
  return [...builder.snapshot().edges.values()];
}

test('names and addresses outside never cost more edges than the budget, and fold alike in any order', () => {
  const shuffled = fc.array(anyOutside, { maxLength: 120, size: 'max' }).chain((calls) => {
    const deltas = calls.flatMap((call, i) => run([toFlow(call, i)]).edges);
    return fc.tuple(fc.constant(deltas), fc.shuffledSubarray(deltas, { minLength: deltas.length }));
  });
  fc.assert(
    fc.property(shuffled, ([deltas, other]) => {
      const edges = folded(deltas);
      expect(folded(other)).toEqual(edges);
      const groups = Object.groupBy(edges, ({ from, to, port }) =>
        from.kind === 'workload'
          ? `${from.id} to ${port}`
          : `${to.kind === 'workload' ? to.id : ''} from ${port}`,
      );
      for (const group of Object.values(groups)) expect(group?.length).toBeLessThanOrEqual(BUDGET);
      const total = edges.reduce((sum, { conversations }) => sum + conversations.total, 0);
      expect(total).toBe(deltas.length);
      for (const { addresses, names } of edges) {
        expect(addresses.size).toBeLessThanOrEqual(EDGE_LIMITS.addresses);
        expect(names.size).toBeLessThanOrEqual(EDGE_LIMITS.names);
      }
    }),
    { numRuns: 60 },
  );
});
