import { expect, test } from 'vitest';
import type { Edge } from '#core/graph/edge.ts';
import { testOf } from '#core/query/match-query.ts';
import { matchesPattern } from '#core/query/match-text.ts';
import { parseQuery } from '#core/query/parse-query.ts';
import { queryEdgeOf } from '#core/query/query-edge.ts';
import { cidr, edge, entity, fqdn, workload } from '../../support/baseline-fixture.ts';

const [cart, db, web] = [
  workload('shop/cart'),
  workload('data/orders-db', { kind: 'StatefulSet' }),
  workload('shop/web'),
];

const EDGES: Readonly<Record<string, Edge>> = {
  query: {
    ...edge(cart, db, { port: 5432 }),
    allowedBy: new Map([['k', { kind: 'NetworkPolicy', namespace: 'data', name: 'orders-db' }]]) as never,
  },
  denied: edge(web, db, { port: 5432, outcomes: { forwarded: 0, denied: 3 } }),
  call: edge(cart, fqdn('api.pay.example.com'), { port: 443, addresses: ['203.0.113.9'] }),
  visit: edge(cidr('198.51.100.7/32'), web, { port: 8443, addresses: ['198.51.100.7'] }),
  ping: edge(entity('host'), web, { protocol: 'ICMPv4', port: 'none' }),
};

const LABELS = new Map([[cart.id as string, ['app=cart', 'tier=backend']]]);

const shown = Object.entries(EDGES).map(([name, each]) => ({
  name,
  edge: queryEdgeOf(each, {
    labelsOf: (peer) => (peer.kind === 'workload' ? LABELS.get(peer.id) : undefined),
    isNew: (of) => of.port === 8443,
    rateOf: (of) => (of.port === 5432 ? 12 : 0.5),
  }),
}));

function found(text: string): readonly string[] {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const holds = testOf(parsed.value);
  return shown.filter((each) => holds(each.edge)).map(({ name }) => name);
}

test.each<[string, readonly string[]]>([
  ['', ['query', 'denied', 'call', 'visit', 'ping']],
  ['from:cart', ['query', 'call']],
  ['from:shop', ['query', 'denied', 'call']],
  ['from:shop/c*', ['query', 'call']],
  ['from:"shop/cart[Deployment]"', ['query', 'call']],
  ['to:orders-db', ['query', 'denied']],
  ['either:web', ['denied', 'visit', 'ping']],
  ['from:host', ['ping']],
  ['from:198.51.100.0/24', ['visit']],
  ['to:203.0.113.9', ['call']],
  ['from:203.0.113.9', []],
  ['ns:data', ['query', 'denied']],
  ['workload:shop/web', ['denied', 'visit', 'ping']],
  ['label:app=cart', ['query', 'call']],
  ['label:tier', ['query', 'call']],
  ['label:app=c*', ['query', 'call']],
  ['port:5432', ['query', 'denied']],
  ['port:8000-8999', ['visit']],
  ['port>=443 port<=8443', ['query', 'denied', 'call', 'visit']],
  ['port:none', ['ping']],
  ['proto:tcp', ['query', 'denied', 'call', 'visit']],
  ['proto:ICMP*', ['ping']],
  ['verdict:denied', ['denied']],
  ['-verdict:allowed', ['denied']],
  ['policy:orders-db', ['query']],
  ['policy:data/orders-db', ['query']],
  ['fqdn:*.example.com', ['call']],
  ['cidr:203.0.113.0/24', ['call']],
  ['cidr:0.0.0.0/0', ['call', 'visit']],
  ['cidr:::/0', []],
  ['new:yes', ['visit']],
  ['new:no', ['query', 'denied', 'call', 'ping']],
  ['rate>10', ['query', 'denied']],
  ['rate<1', ['call', 'visit', 'ping']],
  ['pay.example', ['call']],
  ['CART', ['query', 'call']],
  ['from:cart (port:443 OR ns:data) -fqdn:*', ['query']],
  ['ns:shop,data verdict:allowed -from:cart', ['visit', 'ping']],
])('%j finds %j', (text, expected) => {
  expect(found(text)).toEqual(expected);
});

test.each([
  ['cart', 'cart', true],
  ['cart', 'car', false],
  ['cart', 'CART', true],
  ['cart', '*', true],
  ['', '*', true],
  ['', '**', true],
  ['cart', 'c*t', true],
  ['cart', 'c*r', false],
  ['ab', 'ab*b', false],
  ['abb', 'ab*b', true],
  ['a-b-c', 'a*b*c', true],
  ['aXbXc', 'a*c*b', false],
])('%j fits %j: %s', (text, pattern, expected) => {
  expect(matchesPattern(text, pattern)).toBe(expected);
});
