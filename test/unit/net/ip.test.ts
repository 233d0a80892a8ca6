import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatIp, hostPrefix, isPublicIp, parseIp, prefixOf } from '#core/net/ip.ts';

test.each([
  ['10.0.0.1', '10.0.0.1'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['::', '::'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
])('%s is the address %s', (text, canonical) => {
  const ip = parseIp(text);
  expect(ip === undefined ? undefined : formatIp(ip)).toBe(canonical);
});

test.each([
  '',
  '1.2.3',
  '1.2.3.256',
  '01.2.3.4',
  '1.2.3.4::1',
  '1::2::3',
  '1:2:3:4:5:6:7:8:9',
  'fe80::1%eth0',
  ':::',
])('%j is no address', (text) => {
  expect(parseIp(text)).toBeUndefined();
});

test('what is an address, and its one form, agree with the platform for any text', () => {
  const anyText = fc.oneof(fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[0-9a-f:.]{0,24}$/));
  fc.assert(
    fc.property(anyText, (text) => {
      const ip = parseIp(text);
      expect(ip !== undefined).toBe(isIP(text) !== 0);
      if (ip !== undefined) expect(parseIp(formatIp(ip))).toEqual(ip);
    }),
    { numRuns: 5000 },
  );
});

test('a prefix is masked, and one address is its own prefix', () => {
  const [v4, v6] = [parseIp('203.0.113.77'), parseIp('2001:db8::ffff:1')];
  if (v4 === undefined || v6 === undefined) throw new Error('these are addresses');
  expect([prefixOf(v4, 24), prefixOf(v6, 64), hostPrefix(v4), hostPrefix(v6)]).toEqual([
    '203.0.113.0/24',
    '2001:db8::/64',
    '203.0.113.77/32',
    '2001:db8::ffff:1/128',
  ]);
});

test.each([
  ['8.8.8.8', true],
  ['10.1.2.3', false],
  ['172.31.255.255', false],
  ['172.32.0.1', true],
  ['100.64.0.1', false],
  ['169.254.169.254', false],
  ['2606:4700::1111', true],
  ['fd00::1', false],
  ['fe80::1', false],
])('%s can belong to a host on the internet: %s', (text, isPublic) => {
  const ip = parseIp(text);
  expect(ip !== undefined && isPublicIp(ip)).toBe(isPublic);
});
