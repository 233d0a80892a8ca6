import { expect, test } from 'vitest';
import type { Flow } from '#core/flow/flow.ts';
import { ACK, endpoint, flow, pod, RST, run, SYN, SYN_ACK, world } from '../../support/flows.ts';

const CART = 'shop/cart-7d9c5b6f4-x2x4z';
const DB = 'shop/db-0';
const cart = (port?: number) => pod(CART, '10.0.0.1', port);
const db = (port?: number) => pod(DB, '10.0.0.2', port);
const EDGE = 'shop/cart[Deployment] => shop/db[StatefulSet] : TCP 5432';

test('a SYN without ACK shows its sender to be the client', () => {
  expect(run([flow(cart(40_000), db(5432), { tcpFlags: SYN })]).lines).toEqual([EDGE]);
});

test('a SYN with ACK shows its receiver to be the client', () => {
  expect(run([flow(db(5432), cart(40_000), { tcpFlags: SYN_ACK })]).lines).toEqual([EDGE]);
});

test('a reply mark swaps the ends and the ports', () => {
  expect(run([flow(db(5432), cart(40_000), { reply: 'reply' })]).lines).toEqual([EDGE]);
});

test('flags win over a wrong reply mark, and the conflict is counted', () => {
  const { lines, coverage } = run([
    flow(cart(40_000), db(5432), { tcpFlags: SYN }),
    flow(db(5432), cart(40_000), { reply: 'request', tcpFlags: ACK }),
  ]);
  expect(lines).toEqual([EDGE]);
  expect(coverage.directionConflicts).toBe(1);
});

test('an L7 response comes from the server when nothing stronger speaks', () => {
  const { lines, edges } = run([flow(db(5432), cart(40_000), { kind: 'l7', l7: { kind: 'response' } })]);
  expect(lines).toEqual([EDGE]);
  expect(edges[0]?.proofs.l7).toBe(1);
});

test('a listener proven by one conversation decides another that has no proof of its own', () => {
  const { lines, edges } = run([
    flow(db(5432), cart(40_001), { tcpFlags: ACK }),
    flow(cart(40_000), db(5432), { tcpFlags: SYN }),
  ]);
  expect(lines).toEqual([EDGE]);
  expect(edges[0]?.proofs).toMatchObject({ handshake: 1, listener: 1 });
});

test('a low port that meets three distinct client ports is the server, two are not enough', () => {
  const seen = (ports: readonly number[]) => run(ports.map((port) => flow(db(5432), cart(port))));
  expect(seen([40_001, 40_002, 40_003]).lines).toEqual([EDGE]);
  expect(seen([40_001, 40_002]).lines).toEqual([]);
  expect(seen([40_001, 40_002]).coverage.setAside['undecided-direction'].conversations).toBe(2);
});

test('a reply wrongly marked as a request never makes an ephemeral port a server port', () => {
  const { lines, coverage } = run([flow(db(5432), cart(54_468), { reply: 'request' })]);
  expect(lines).toEqual([]);
  expect(coverage.setAside['ephemeral-server-port'].conversations).toBe(1);
});

test('a swapped reply is put right once the listener is known', () => {
  const { lines } = run([
    flow(db(5432), cart(54_468), { reply: 'request' }),
    flow(cart(40_000), db(5432), { tcpFlags: SYN }),
  ]);
  expect(lines).toEqual([EDGE]);
});

test('a server on a high port is accepted when a handshake proves it', () => {
  const { lines } = run([flow(cart(40_000), db(50_051), { tcpFlags: SYN })]);
  expect(lines).toEqual(['shop/cart[Deployment] => shop/db[StatefulSet] : TCP 50051']);
});

test('socket and translation records make no edge and no port', () => {
  const { lines, coverage } = run([
    flow(cart(0), db(5432), { kind: 'socket', verdict: 'traced' }),
    flow(cart(undefined), db(5432), { verdict: 'translated' }),
  ]);
  expect(lines).toEqual([]);
  expect(coverage.socketRecords).toBe(2);
});

test('an echo request shows the client of a ping, and the edge has no port', () => {
  const { lines } = run([
    flow(db(), cart(), { protocol: 'ICMPv4', icmpType: 0 }),
    flow(cart(), db(), { protocol: 'ICMPv4', icmpType: 8 }),
  ]);
  expect(lines).toEqual(['shop/cart[Deployment] => shop/db[StatefulSet] : ICMPv4']);
});

test('an ICMP error about another connection is set aside and counted', () => {
  const { lines, coverage } = run([flow(db(), cart(), { protocol: 'ICMPv4', icmpType: 3 })]);
  expect(lines).toEqual([]);
  expect(coverage.setAside['icmp-error'].conversations).toBe(1);
});

test('IPv6 conversations are edges like any other', () => {
  const { lines } = run([
    flow(pod(CART, 'fd00::1', 40_000), pod(DB, 'fd00::2', 5432), { tcpFlags: SYN }),
    flow(pod(CART, 'fd00::1', 40_001), world('2001:db8::9', 443), { tcpFlags: SYN }),
  ]);
  expect(lines).toEqual([EDGE, 'shop/cart[Deployment] => 2001:db8::9/128 : TCP 443'].sort());
});

test('a pod that reaches itself through its own Service is a hairpin, not an edge', () => {
  const { lines, coverage } = run([
    flow(endpoint({ ip: '169.254.42.1', port: 40_000 }), cart(8080), { tcpFlags: SYN }),
    flow(cart(40_001), cart(8080), { tcpFlags: SYN }),
  ]);
  expect(lines).toEqual([]);
  expect(coverage.setAside.hairpin.conversations).toBe(2);
});

test('a reset after a SYN is a refusal; a reset alone is not', () => {
  const refused = run([
    flow(cart(40_000), db(5432), { tcpFlags: SYN }),
    flow(db(5432), cart(40_000), { tcpFlags: RST, reply: 'reply' }),
  ]);
  const ended = run([flow(db(5432), cart(40_000), { tcpFlags: RST, reply: 'reply' })]);
  expect(refused.edges[0]?.conversations).toMatchObject({ total: 1, opened: 1, refused: 1, answered: 0 });
  expect(ended.edges[0]?.conversations).toMatchObject({ total: 1, refused: 0 });
});

const denied = (more: Partial<Flow>): Partial<Flow> => ({
  kind: 'drop',
  verdict: 'dropped',
  dropReason: 'POLICY_DENIED',
  protocol: 'UDP',
  ...more,
});

test('a UDP packet that policy dropped is the first of its conversation, which its sender opened', () => {
  const { lines, edges } = run([flow(cart(40_000), db(53), denied({}))]);
  expect(lines).toEqual(['shop/cart[Deployment] => shop/db[StatefulSet] : UDP 53']);
  expect(edges[0]?.proofs['first-packet']).toBe(1);
  expect(edges[0]?.outcomes.denied).toBe(1);
});

test.each<[what: string, dropped: Flow]>([
  ['from a low port to an ephemeral one', flow(db(53), cart(40_000), denied({}))],
  ['for a reason that is not policy', flow(cart(40_000), db(53), denied({ dropReason: 'STALE_CT' }))],
  ['from the middle of a connection', flow(cart(1), db(2), denied({ protocol: 'TCP', tcpFlags: ACK }))],
])('a packet dropped %s does not show who the client is', (_what, dropped) => {
  const { lines, coverage } = run([dropped]);
  expect(lines).toEqual([]);
  expect(coverage.setAside['undecided-direction'].conversations).toBe(1);
});
