import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EvidenceShedder } from '../../../collector/sources/hubble/relay/evidence-shedder.ts';
import { isTellable } from '../../../collector/sources/hubble/relay/flow-intake.ts';
import { RecentFlows } from '../../../collector/sources/hubble/relay/recent-flows.ts';
import { KeyHash, RecentKeys } from '../../../collector/sources/hubble/relay/recent-keys.ts';
import { ACK, flow, pod, START, SYN } from '../../support/flows.ts';

const WEB = pod('shop/web-7d9c5b6f4-x2x4z', '10.0.0.1', 40_000);
const CART = pod('shop/cart-7d9c5b6f4-abcde', '10.0.0.2', 8080);

describe('keys met lately', () => {
  test('are known again, exactly, as long as they are among the last so many', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 300, size: 'max' }), (keys) => {
        const recent = new RecentKeys(64); // more than there are different ones
        const known = new Set<number>();
        for (const key of keys) {
          expect(recent.meet(key)).toBe(known.has(key));
          known.add(key);
        }
      }),
    );
  });

  test('are at most twice as many as asked for, however many are met', () => {
    const recent = new RecentKeys(1000);
    for (let key = 1; key <= 100_000; key += 1) recent.meet(key);
    expect(recent.size).toBeLessThanOrEqual(2000);
    expect(recent.meet(99_500)).toBe(true);
    expect(recent.meet(5)).toBe(false);
  });

  test('of a hundred thousand ids never fall together', () => {
    const hash = new KeyHash();
    const keys = new Set<number>();
    for (let id = 0; id < 100_000; id += 1) keys.add(hash.text(`c0a8-${id}`).take());
    expect(keys.size).toBe(100_000);
    expect(keys.has(0)).toBe(false);
  });
});

describe('a flow that comes again', () => {
  test('is known by its id', () => {
    const recent = new RecentFlows();
    expect(recent.meet(flow(WEB, CART, { uuid: 'one' }))).toBe(false);
    expect(recent.meet(flow(WEB, CART, { uuid: 'two' }))).toBe(false);
    expect(recent.meet(flow(WEB, CART, { uuid: 'one', at: START + 1 }))).toBe(true);
  });

  test('is known without an id by when, where, what and between whom', () => {
    const recent = new RecentFlows();
    expect(recent.meet(flow(WEB, CART, { tcpFlags: SYN }))).toBe(false);
    expect(recent.meet(flow(WEB, CART, { tcpFlags: SYN }))).toBe(true);
    const others = [
      flow(WEB, CART, { tcpFlags: ACK }),
      flow(CART, WEB, { tcpFlags: SYN }),
      flow(WEB, CART, { tcpFlags: SYN, atNanos: 1 }),
      flow(WEB, CART, { tcpFlags: SYN, at: START + 1 }),
      flow(WEB, CART, { tcpFlags: SYN, node: 'node-2' }),
      flow(WEB, CART, { tcpFlags: SYN, kind: 'policy-verdict' }),
      flow(WEB, CART, { tcpFlags: SYN, direction: 'ingress' }),
    ];
    expect(others.map((each) => recent.meet(each))).toEqual(others.map(() => false));
  });
});

describe('under pressure', () => {
  const trace = flow(WEB, CART, { tcpFlags: ACK, reply: 'request' });

  test('only a further sight of a connection is left out', () => {
    const shedder = new EvidenceShedder();
    expect([trace, trace, trace].map((each) => shedder.sheds(each, true))).toEqual([false, true, true]);
    expect(shedder.sheds(flow(pod('shop/web-7d9c5b6f4-x2x4z', '10.0.0.1', 40_001), CART), true)).toBe(false);
  });

  test('the first sight of each way and of each handshake passes', () => {
    const shedder = new EvidenceShedder();
    const sights = [
      trace,
      flow(CART, WEB, { tcpFlags: ACK, reply: 'reply' }),
      flow(WEB, CART, { tcpFlags: SYN, reply: 'request' }),
    ];
    expect(sights.map((each) => shedder.sheds(each, true))).toEqual([false, false, false]);
  });

  test('verdicts, drops, new connections, aggregates and DNS answers are never left out', () => {
    const shedder = new EvidenceShedder();
    const kept = [
      flow(WEB, CART, { kind: 'policy-verdict' }),
      flow(WEB, CART, { kind: 'drop', verdict: 'dropped', dropReason: 'POLICY_DENIED' }),
      flow(WEB, CART, { verdict: 'audit' }),
      flow(WEB, CART, { isNew: true }),
      flow(WEB, CART, { isAggregate: true, count: 7 }),
      flow(WEB, CART, { kind: 'l7', l7: { kind: 'response', dns: { query: 'a.b', ips: [], rcode: 0 } } }),
    ];
    for (const each of [...kept, ...kept]) expect(shedder.sheds(each, true)).toBe(false);
  });

  test('nothing is left out once it is over', () => {
    const shedder = new EvidenceShedder();
    shedder.sheds(trace, true);
    expect(shedder.sheds(trace, false)).toBe(false);
    expect(shedder.sheds(trace, true)).toBe(false);
  });
});

test('flows without a time and an id are never taken for the same one', () => {
  const record = { kind: 'flow', shape: 'wrapped', flow: flow(WEB, CART, { at: 0 }) } as const;
  expect(isTellable({ ...record, timeless: true })).toBe(false);
  expect(isTellable({ ...record, timeless: false })).toBe(true);
  expect(isTellable({ ...record, timeless: true, flow: { ...record.flow, uuid: 'one' } })).toBe(true);
});

describe('reports of lost events met lately', () => {
  const lost = {
    kind: 'lost',
    source: 'HUBBLE_RING_BUFFER',
    count: 7n,
    node: 'node-1',
    reportedAt: { ms: START, nanos: 1 },
  } as const;

  test('count once, however often a server sends them again after a reconnect', () => {
    const recent = new RecentFlows();
    expect([recent.meetLoss(lost), recent.meetLoss(lost)]).toEqual([false, true]);
  });

  test('are told apart by their time, node, buffer and count', () => {
    const recent = new RecentFlows();
    recent.meetLoss(lost);
    const others = [
      { ...lost, reportedAt: { ms: START, nanos: 2 } },
      { ...lost, node: 'node-2' },
      { ...lost, source: 'OBSERVER_EVENTS_QUEUE' },
      { ...lost, count: 8n },
    ];
    expect(others.map((other) => recent.meetLoss(other))).toEqual([false, false, false, false]);
  });

  test('count each time when they do not say when', () => {
    const recent = new RecentFlows();
    const timeless = { ...lost, reportedAt: undefined };
    expect([recent.meetLoss(timeless), recent.meetLoss(timeless)]).toEqual([false, false]);
  });
});
