import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Flow } from '#core/flow/flow.ts';
import type { Edge } from '#core/graph/edge.ts';
import { mergedByTime } from '../../collector/sources/hubble/merge-streams.ts';
import { ACK, flow, pod, RST, run, START, SYN, SYN_ACK } from '../support/flows.ts';

const NODES = ['node-1', 'node-2', 'node-3'];
const CLIENTS = ['shop/cart-7d9c5b6f4-x2x4z', 'shop/cart-7d9c5b6f4-b2b4z', 'ops/agent-0'];

/** One connection: what each node reports of it, with pauses in between. */
const anyConversation: fc.Arbitrary<readonly Flow[]> = fc
  .record({
    client: fc.nat(CLIENTS.length - 1),
    clientPort: fc.integer({ min: 40_000, max: 40_200 }),
    port: fc.constantFrom(5432, 8080),
    startMs: fc.nat(20 * 60_000),
    isDenied: fc.boolean(),
    steps: fc.array(
      fc.record({
        pauseMs: fc.oneof(fc.nat(50), fc.nat(6 * 60_000)),
        from: fc.constantFrom('client', 'server'),
        direction: fc.constantFrom('ingress', 'egress'),
        node: fc.constantFrom(...NODES),
        flags: fc.constantFrom(ACK, ACK, SYN, RST),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  })
  .map(({ client, clientPort, port, startMs, isDenied, steps }) => {
    const here = pod(CLIENTS[client] ?? '', `10.0.0.${client + 1}`, clientPort);
    const there = pod('shop/db-0', '10.0.0.9', port);
    let at = START + startMs;
    const opening = flow(here, there, { at, tcpFlags: SYN, reply: 'request', direction: 'egress' });
    if (isDenied)
      return [{ ...opening, verdict: 'dropped', dropReason: 'POLICY_DENIED', kind: 'drop' } as Flow];
    const later = steps.map(({ pauseMs, from, flags, direction, node }) => {
      at += pauseMs;
      const isReply = from === 'server';
      const tcpFlags = flags.syn && isReply ? SYN_ACK : flags;
      const [source, destination] = isReply ? [there, here] : [here, there];
      return flow(source, destination, {
        at,
        tcpFlags,
        reply: isReply ? 'reply' : 'request',
        direction,
        node,
      });
    });
    return [opening, ...later];
  });

const anyFlows = fc
  .array(anyConversation, { minLength: 15, maxLength: 60, size: 'max' })
  .map((all) => all.flat());

const inTimeOrder = (flows: readonly Flow[]): Flow[] => flows.toSorted((x, y) => x.at - y.at);

/** All that is counted of an edge. */
const counts = ({
  key,
  conversations,
  outcomes,
  proofs,
  minutes,
  firstSeenAt,
  lastSeenAt,
  fromPods,
}: Edge) => ({
  key,
  conversations,
  outcomes,
  proofs,
  minutes: [...minutes].sort(([x], [y]) => x - y),
  firstSeenAt,
  lastSeenAt,
  fromPods,
});

const TINY = { maxConversations: 10 };

test('a table that is far too small counts each conversation once, like one without bounds', () => {
  let early = 0;
  fc.assert(
    fc.property(anyFlows, (flows) => {
      const [all, few] = [run(inTimeOrder(flows)), run(inTimeOrder(flows), TINY)];
      early += few.coverage.closedEarly;
      expect(few.edges.map(counts)).toEqual(all.edges.map(counts));
      expect(few.coverage.conversations).toBe(all.coverage.conversations);
    }),
    { numRuns: 200 },
  );
  expect(early).toBeGreaterThan(1000);
});

test('with a table that is far too small not even the order of flows changes what is counted', () => {
  const shuffled = anyFlows.chain((flows) =>
    fc.tuple(fc.constant(flows), fc.shuffledSubarray(flows, { minLength: flows.length })),
  );
  fc.assert(
    fc.property(shuffled, ([flows, other]) => {
      const [all, few] = [run(inTimeOrder(flows)), run(other, TINY)];
      expect(few.edges.map(counts)).toEqual(all.edges.map(counts));
      expect(few.coverage.conversations).toBe(all.coverage.conversations);
    }),
    { numRuns: 200 },
  );
});

async function* chunks(flows: readonly Flow[], size: number) {
  for (let from = 0; from < flows.length; from += size) {
    const part = flows.slice(from, from + size);
    const records = part.map((each) => ({
      kind: 'flow' as const,
      flow: each,
      shape: 'wrapped' as const,
      timeless: false,
    }));
    yield {
      file: part[0]?.node ?? '',
      records,
      lines: part.map((_, i) => from + i + 1),
      times: part.map(({ at }) => at),
    };
  }
}

test('the streams of several nodes, merged, are the stream of all in order of time', async () => {
  await fc.assert(
    fc.asyncProperty(anyFlows, fc.integer({ min: 1, max: 9 }), async (flows, size) => {
      const ordered = inTimeOrder(flows);
      const byNode = NODES.map((node) => ordered.filter((each) => each.node === node));
      const merged: Flow[] = [];
      for await (const batch of mergedByTime(
        byNode.map((each) => chunks(each, size)),
        NODES.length,
      )) {
        for (const [i, record] of batch.records.entries()) {
          if (record.kind !== 'flow') continue;
          expect(batch.files[i]).toBe(record.flow.node);
          merged.push(record.flow);
        }
      }
      expect(merged.map(({ at }) => at)).toEqual(ordered.map(({ at }) => at));
      expect(run(merged, TINY).edges.map(counts)).toEqual(run(ordered).edges.map(counts));
    }),
    { numRuns: 100 },
  );
});
