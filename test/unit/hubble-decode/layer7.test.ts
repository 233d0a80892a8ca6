import { expect, test } from 'vitest';
import { pathShape } from '../../../collector/sources/hubble/path-shape.ts';
import { flowIn, flowLine } from '../../support/hubble-lines.ts';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U';

test.each([
  ['http://reviews:9080/reviews/0', '/reviews/:id'],
  ['http://user:canary@host/login', '/login'],
  ['/api/v1/orders?id=42&token=canary', '/api/v1/orders'],
  ['/a#canary', '/a'],
  ['/cart;jsessionid=canary/items', '/cart/items'],
  [`/reset/${JWT}`, '/reset/:id'],
  ['/users/1b1647b0-30e7-4623-a1f4-2a87c9a9664f/avatar', '/users/:id/avatar'],
  ['/users/jane@example.com', '/users/:id'],
  ['/commit/deadbeef', '/commit/:id'],
  ['/report/2026-03-02', '/report/:id'],
  ['/k/AbCdXyZqWeRtYuIoPa', '/k/:id'],
  ['/caf%C3%A9', '/:id'],
  ['/hipstershop.CartService/GetCart', '/hipstershop.CartService/GetCart'],
  ['/api/v1beta2/getUserProfileById', '/api/v1beta2/getUserProfileById'],
  ['/static/app-main.css', '/static/app-main.css'],
  ['/.well-known/openid-configuration', '/.well-known/openid-configuration'],
  ['/test1', '/test1'],
  ['', '/'],
  ['/a/b/c/d/e/f/g/h/i/j/k/l/m/n', '/a/b/c/d/e/f/g/h/i/j/k/l/…'],
])('C26: the path of %s is kept as %s', (url, shape) => {
  expect(pathShape(url)).toBe(shape);
});

test('C26: no query string, user, token or header leaves the decoder', () => {
  const flow = flowIn(
    flowLine({
      l7: {
        type: 'REQUEST',
        latency_ns: '12',
        http: {
          method: 'get',
          url: `http://canary:canary@shop/reset/${JWT}?token=canary#canary`,
          protocol: 'HTTP/1.1',
          headers: [{ key: 'Authorization', value: 'Basic canary' }],
        },
      },
    }),
  );
  expect(flow.l7).toEqual({
    kind: 'request',
    http: { method: 'GET', path: '/reset/:id', code: undefined },
  });
  expect(JSON.stringify(flow)).not.toContain('canary');
});

test('a very long path costs little and stays short', () => {
  expect(pathShape(`/${'ab.'.repeat(300_000)}`).length).toBeLessThan(300);
});

test('a DNS answer keeps its name, addresses and code', () => {
  const dns = { query: 'api.github.com.', ips: ['140.82.114.5', 7], rcode: 0, qtypes: ['A'] };
  expect(flowIn(flowLine({ l7: { type: 'RESPONSE', dns } })).l7).toEqual({
    kind: 'response',
    dns: { query: 'api.github.com.', ips: ['140.82.114.5'], rcode: 0 },
  });
  expect(flowIn(flowLine({ l7: { type: 2, Record: { dns: { query: 'x.' } } } })).l7).toEqual({
    kind: 'response',
    dns: { query: 'x.', ips: [], rcode: 0 },
  });
});

test('nothing about the seventh layer makes a record bad', () => {
  expect(flowIn(flowLine({ l7: 'text' })).l7).toBeUndefined();
  expect(flowIn(flowLine({ l7: { type: [], http: { method: 1, url: {}, code: 'x' } } })).l7).toEqual({
    kind: 'unknown',
    http: { method: 'OTHER', path: '/', code: undefined },
  });
});
