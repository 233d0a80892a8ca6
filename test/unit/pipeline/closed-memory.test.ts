import { expect, test } from 'vitest';
import type { Conversation } from '#core/flow/conversation.ts';
import { createConversationTable } from '#core/flow/conversation-table.ts';
import type { Flow } from '#core/flow/flow.ts';
import { createClosedMemory } from '../../../collector/closed-memory.ts';
import { ACK, flow, pod, START, SYN, SYN_ACK } from '../../support/flows.ts';

const MINUTE = 60_000;

function conversation(
  port: number,
  flows: readonly Partial<Flow>[] = [{ tcpFlags: SYN }],
  cluster = 'one',
): Conversation {
  const table = createConversationTable();
  const client = pod('shop/cart-7d9c5b6f4-x2x4z', '10.0.0.1', port, { cluster });
  for (const each of flows) table.add(flow(client, pod('shop/db-0', '10.0.0.9', 5432, { cluster }), each));
  const [only] = table.close();
  if (only === undefined) throw new Error('no conversation');
  return only;
}

test('a conversation that goes on is completed with what was seen before it was closed', () => {
  const memory = createClosedMemory();
  const first = conversation(40_000, [{ tcpFlags: SYN }, { tcpFlags: ACK, at: START + MINUTE }]);
  memory.remember(first, 'counted');
  const second = conversation(40_000, [{ tcpFlags: ACK, at: START + 5 * MINUTE }]);
  const resumed = memory.resume(second);
  expect(resumed?.wasSetAside).toBe(false);
  expect(resumed?.before.minutes).toEqual(first.minutes);
  expect(resumed?.before.evidence).toEqual(first.evidence);
  expect(second.minutes.map(({ at }) => at).sort()).toEqual([START, START + MINUTE, START + 5 * MINUTE]);
  expect(second.evidence).toEqual(first.evidence);
});

test('evidence for either end, and a conversation that was set aside, are remembered as such', () => {
  const memory = createClosedMemory();
  const reports = [{ tcpFlags: SYN_ACK }, { reply: 'reply' }, { reply: 'reply' }] as const;
  memory.remember(conversation(40_000, reports), 'set-aside');
  const resumed = memory.resume(conversation(40_000, [{}]));
  expect(resumed?.wasSetAside).toBe(true);
  expect(resumed?.before.evidence).toEqual(conversation(40_000, reports).evidence);
});

test('the same addresses and ports in another cluster are another conversation', () => {
  const memory = createClosedMemory();
  memory.remember(conversation(40_000), 'counted');
  expect(memory.resume(conversation(40_000, [{ tcpFlags: ACK }], 'two'))).toBeUndefined();
  expect(memory.resume(conversation(40_001))).toBeUndefined();
  expect(memory.resume(conversation(40_000))).toBeDefined();
});

test('beyond its limits the memory forgets what was closed first', () => {
  const few = createClosedMemory({ conversations: 2, minutes: 100 });
  for (const port of [40_000, 40_001, 40_002]) few.remember(conversation(port), 'counted');
  expect([40_000, 40_001, 40_002].map((port) => few.resume(conversation(port)) !== undefined)).toEqual([
    false,
    true,
    true,
  ]);
  const short = createClosedMemory({ conversations: 100, minutes: 3 });
  const long = [0, 1, 2].map((minute) => ({ tcpFlags: ACK, at: START + minute * MINUTE }));
  short.remember(conversation(40_000), 'counted');
  short.remember(conversation(40_001, long), 'counted');
  expect(short.resume(conversation(40_000))).toBeUndefined();
  expect(short.resume(conversation(40_001))).toBeDefined();
});
