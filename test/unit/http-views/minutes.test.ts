import { describe, expect, test } from 'vitest';
import { MINUTES_AT_MOST, minuteChanges, minuteViews } from '../../../server/adapters/http/live/minutes.ts';
import { createMomentReader } from '../../../server/adapters/http/live/moment.ts';
import { FakeWorkspace } from '../../support/fake-workspace.ts';
import { flow, pod, START, SYN, SYN_ACK } from '../../support/flows.ts';

const WEB = pod('shop/web-7d9c5b6f4-x2x4z', '10.0.0.1', 40_000);
const CART = pod('shop/cart-5b6f47d9c-b2b4c', '10.0.0.2', 8080);
const DB = pod('data/db-0', '10.0.0.3', 5432);
const MINUTE = 60_000;
const FIRST = Math.floor(START / MINUTE) * MINUTE;

const talk = (client: typeof WEB, server: typeof CART, at: number) => [
  flow(client, server, { at: START + at, tcpFlags: SYN, isNew: true }),
  flow(server, client, { at: START + at, tcpFlags: SYN_ACK, reply: 'reply' }),
];
const denied = (client: typeof WEB, server: typeof CART, at: number) =>
  flow(client, server, {
    at: START + at,
    tcpFlags: SYN,
    isNew: true,
    verdict: 'dropped',
    dropReason: 'POLICY_DENIED',
  });
const minutesOf = (workspace: FakeWorkspace) => minuteViews(createMomentReader(workspace)());

describe('minutes of the whole graph', () => {
  test('add up every edge, with what was denied among them, and leave out minutes without any', () => {
    const workspace = new FakeWorkspace([
      ...talk(WEB, CART, 0),
      ...talk({ ...CART, port: 41_000 }, DB, 1000),
      denied({ ...WEB, port: 40_001 }, DB, 3 * MINUTE),
    ]);
    expect(minutesOf(workspace)).toEqual([
      { at: FIRST, conversations: 2, denied: 0 },
      { at: FIRST + 3 * MINUTE, conversations: 1, denied: 1 },
    ]);
  });

  test('go back a day and no further', () => {
    const last = MINUTES_AT_MOST * MINUTE;
    const workspace = new FakeWorkspace([
      ...talk(WEB, CART, 0),
      ...talk({ ...WEB, port: 40_001 }, CART, MINUTE),
      ...talk({ ...WEB, port: 40_002 }, CART, last),
    ]);
    expect(minutesOf(workspace).map(({ at }) => at)).toEqual([FIRST + MINUTE, FIRST + last]);
  });

  test('are empty while nothing was seen', () => {
    expect(minutesOf(new FakeWorkspace())).toEqual([]);
  });
});

describe('changes between two pictures', () => {
  const row = (minute: number, conversations: number, deniedCount = 0) => ({
    at: minute * MINUTE,
    conversations,
    denied: deniedCount,
  });

  test('name what is new or other, and take away what went', () => {
    const before = [row(1, 4), row(2, 5, 1), row(3, 6)];
    expect(minuteChanges(before, [row(2, 5, 2), row(3, 6), row(4, 1)])).toEqual([
      row(1, 0),
      row(2, 5, 2),
      row(4, 1),
    ]);
  });

  test('are none when nothing changed', () => {
    expect(minuteChanges([row(1, 4)], [row(1, 4)])).toEqual([]);
  });
});
