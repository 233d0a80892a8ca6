import { describe, expect, test } from 'vitest';
import type { EdgeKey } from '#core/graph/edge.ts';
import { createAttempts } from '../../../server/adapters/http/guard/attempts.ts';
import { bindingProblem } from '../../../server/adapters/http/guard/binding.ts';
import { createOriginOf } from '../../../server/adapters/http/guard/hosts.ts';
import { createSessions, isSameSecret, sessionIdIn } from '../../../server/adapters/http/guard/sessions.ts';
import { createEdgeIds } from '../../../server/adapters/http/live/edge-ids.ts';
import { quoted } from '../../../server/adapters/http/problem/http-problem.ts';
import { createPacketBudget, PACKET_BURST } from '../../../server/adapters/socket/packet-budget.ts';

const TOKEN = 'canary-token-0123456789abcdef';

describe('where the server may listen', () => {
  test.each(['127.0.0.1', '127.8.9.1', '::1', '[::1]', 'localhost'])('%s needs no token', (host) => {
    expect(bindingProblem(host, undefined)).toBeUndefined();
  });

  test.each(['0.0.0.0', '::', '192.0.2.1', 'bulkhead.example.com', '127.example.com', '', '1270.0.0.1'])(
    '%j is refused without a token, in one sentence, and allowed with one',
    (host) => {
      expect(bindingProblem(host, undefined)).toMatch(
        /^Listening on .* set BULKHEAD_TOKEN to a secret of at least 16 characters, or listen on 127\.0\.0\.1\.$/,
      );
      expect(bindingProblem(host, TOKEN)).toBeUndefined();
    },
  );

  test('a token that can be guessed is refused everywhere, and not repeated', () => {
    for (const token of ['', 'short-token']) {
      const problem = bindingProblem('127.0.0.1', token);
      expect(problem).toMatch(/at least 16/);
      if (token !== '') expect(problem).not.toContain(token);
    }
  });
});

describe('the list of allowed hosts', () => {
  const originOf = createOriginOf([
    'localhost',
    '[::1]',
    'https://bulkhead.example.com',
    'http://plain.example:8080',
  ]);
  const of = (...hosts: string[]) => originOf({ rawHeaders: hosts.flatMap((host) => ['Host', host]) });

  test.each([
    ['localhost:8080', 'http://localhost:8080'],
    ['LocalHost', 'http://localhost'],
    ['[::1]:9', 'http://[::1]:9'],
    ['bulkhead.example.com', 'https://bulkhead.example.com'],
    ['bulkhead.example.com:443', 'https://bulkhead.example.com'],
    ['plain.example:8080', 'http://plain.example:8080'],
    ['plain.example', undefined],
    ['127.0.0.1', undefined],
    ['localhost:8080:8080', undefined],
    ['local host', undefined],
    ['localhost\u0000', undefined],
  ])('%j belongs to %s', (host, origin) => {
    expect(of(host)).toBe(origin);
  });

  test('no host and two hosts belong to nobody', () => {
    expect(of()).toBeUndefined();
    expect(of('localhost', 'localhost')).toBeUndefined();
  });

  test('an IPv6 address may be given without its brackets', () => {
    expect(createOriginOf(['::1'])({ rawHeaders: ['Host', '[::1]:80'] })).toBe('http://[::1]:80');
  });

  test('text that is no host stops the start', () => {
    expect(() => createOriginOf(['not a host'])).toThrow('not a host name');
  });
});

describe('secrets', () => {
  test('are compared whole, whatever their length', () => {
    expect(isSameSecret(TOKEN, TOKEN)).toBe(true);
    for (const other of ['', TOKEN.slice(1), `${TOKEN} `, TOKEN.toUpperCase()]) {
      expect(isSameSecret(TOKEN, other)).toBe(false);
    }
  });

  test('a session cookie counts only when it comes once', () => {
    expect(sessionIdIn('a=1; bulkhead_session=x; b=2')).toBe('x');
    for (const header of [
      undefined,
      '',
      'a=1',
      'bulkhead_session=x; bulkhead_session=y',
      'xbulkhead_session=x',
    ]) {
      expect(sessionIdIn(header)).toBeUndefined();
    }
  });

  test('there is an end to the number of sessions, and room again when they have expired', () => {
    let at = 0;
    const sessions = createSessions(() => at);
    const ids = Array.from({ length: 1000 }, () => sessions.open());
    expect(new Set(ids).size).toBe(1000);
    expect(sessions.open()).toBeUndefined();
    at = 12 * 3_600_000;
    expect(sessions.open()).toMatch(/^[\w-]{43}$/);
  });

  test('a hundred thousand other addresses do not push a counter out of the table', () => {
    let at = 0;
    const attempts = createAttempts(() => at);
    for (let count = 0; count < 10; count += 1) attempts.failed('203.0.113.1');
    for (let count = 0; count < 100_000; count += 1) attempts.failed(`address-${count}`);
    expect(attempts.isAllowed('203.0.113.1')).toBe(false);
    expect(attempts.isAllowed('never seen, and the table is full')).toBe(false);
    at = 60_000;
    expect(attempts.isAllowed('203.0.113.1')).toBe(true);
    expect(attempts.isAllowed('never seen, and the table is full')).toBe(true);
  });
});

describe('small books', () => {
  test('a number is never given to a second edge', () => {
    const ids = createEdgeIds();
    const [a, b] = ['a' as EdgeKey, 'b' as EdgeKey];
    expect([ids.idOf(a), ids.idOf(b), ids.idOf(a)]).toEqual([1, 2, 1]);
    ids.retain(new Map([[b, true]]));
    expect([ids.keyOf(1), ids.keyOf(2), ids.knownIdOf(a)]).toEqual([undefined, b, undefined]);
    expect(ids.idOf(a)).toBe(3);
  });

  test('a client may send a burst, and then two packets a second', () => {
    let at = 0;
    const budget = createPacketBudget(() => at);
    const sent = () => Array.from({ length: 100 }, () => budget.take()).filter(Boolean).length;
    expect(sent()).toBe(PACKET_BURST);
    at = 3000;
    expect(sent()).toBe(6);
    at = 1_000_000;
    expect(sent()).toBe(PACKET_BURST);
  });

  test('text from outside stands in quotes, in printable ASCII, and short', () => {
    expect(quoted('cart')).toBe('"cart"');
    expect(quoted('a"b\\c\u202e\u009b\n')).toBe('"a\\u{22}b\\u{5c}c\\u{202e}\\u{9b}\\u{a}"');
    expect(quoted('x'.repeat(1000))).toHaveLength(85);
  });
});
