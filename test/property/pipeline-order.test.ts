import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Flow } from '#core/flow/flow.ts';
import { ACK, endpoint, flow, pod, RST, run, START, SYN, SYN_ACK, world } from '../support/flows.ts';

const PODS = ['shop/cart-7d9c5b6f4-x2x4z', 'shop/cart-7d9c5b6f4-b2b4z', 'shop/db-0', 'ops/agent-x2x4z'];

const anyEnd = (port: number) =>
  fc.oneof(
    fc
      .tuple(fc.nat(PODS.length - 1), fc.constantFrom(undefined, undefined, 'east', 'west'))
      .map(([i, cluster]) => pod(PODS[i] ?? '', `10.0.0.${i + 1}`, port, { cluster })),
    fc
      .tuple(fc.nat(3), fc.constantFrom([], ['api.example.com'], ['cdn.example.com']))
      .map(([i, names]) => world(`203.0.113.${i}`, port, { names })),
    fc.nat(PODS.length).map((i) => endpoint({ ip: `10.0.0.${i + 1}`, port })),
  );

const anyFlow: fc.Arbitrary<Flow> = fc
  .record({
    client: fc.constantFrom(40_000, 40_001, 40_002, 33_000).chain(anyEnd),
    server: fc.constantFrom(53, 5432, 50_051).chain(anyEnd),
    isReply: fc.boolean(),
    mark: fc.constantFrom('request', 'reply', 'unknown'),
    flags: fc.constantFrom(undefined, SYN, SYN_ACK, ACK, RST),
    verdict: fc.constantFrom('forwarded', 'redirected', 'dropped', 'audit'),
    kind: fc.constantFrom('trace', 'policy-verdict', 'drop', 'l7'),
    // Often the same instant: which flow is kept as evidence must not depend on order even then.
    ms: fc.oneof(fc.constant(0), fc.nat(10 * 60_000)),
    direction: fc.constantFrom('ingress', 'egress', 'unknown'),
    protocol: fc.constantFrom('TCP', 'UDP'),
  })
  .map(({ client, server, isReply, mark, flags, ms, ...more }) => {
    const [source, destination] = isReply ? [server, client] : [client, server];
    const tcpFlags = more.protocol === 'TCP' ? flags : undefined;
    const dropReason = more.verdict === 'dropped' ? 'POLICY_DENIED' : undefined;
    return flow(source, destination, {
      ...more,
      reply: mark,
      tcpFlags,
      dropReason,
      at: START + ms,
    } as Partial<Flow>);
  });

test('the order in which flows arrive changes neither edges nor coverage nor the world', () => {
  const shuffled = fc
    .array(anyFlow, { maxLength: 60, size: 'max' })
    .chain((flows) => fc.tuple(fc.constant(flows), fc.shuffledSubarray(flows, { minLength: flows.length })));
  fc.assert(
    fc.property(shuffled, ([flows, other]) => {
      const [a, b] = [run(flows), run(other)];
      expect(b.edges).toEqual(a.edges);
      expect(b.coverage).toEqual(a.coverage);
      expect(b.world).toEqual(a.world);
    }),
    { numRuns: 300 },
  );
});

test('every conversation becomes an edge or is set aside with a reason, never both and never neither', () => {
  fc.assert(
    fc.property(fc.array(anyFlow, { maxLength: 60, size: 'max' }), (flows) => {
      const { coverage, edges } = run(flows);
      const aside = Object.values(coverage.setAside).reduce((sum, each) => sum + each.conversations, 0);
      const proven = edges
        .flatMap((edge) => Object.values(edge.proofs))
        .reduce((sum, count) => sum + count, 0);
      expect(aside + proven).toBe(coverage.conversations);
    }),
    { numRuns: 300 },
  );
});
