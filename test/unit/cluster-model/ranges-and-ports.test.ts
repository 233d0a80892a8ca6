import { describe, expect, test } from 'vitest';
import {
  cidrOfRange,
  describeRange,
  elementaryRanges,
  rangeOfAddress,
  rangeOfCidr,
} from '#core/policy/connections/address-range.ts';
import {
  ALL_PORTS,
  describePorts,
  joinPorts,
  portSetOf,
  sharedPorts,
  withoutPorts,
} from '#core/policy/connections/port-set.ts';

const tcp = (from: number, to = from) => ({ protocol: 'TCP', from, to }) as const;
const udp = (from: number, to = from) => ({ protocol: 'UDP', from, to }) as const;

describe('sets of ports', () => {
  test('have one form, whatever they were made of', () => {
    expect(portSetOf([tcp(81, 90), udp(53), tcp(80), tcp(85, 100)])).toEqual([tcp(80, 100), udp(53)]);
  });

  test('join, share and take away within a protocol', () => {
    const [a, b] = [portSetOf([tcp(1, 10), udp(53)]), portSetOf([tcp(5, 20)])];
    expect(joinPorts(a, b)).toEqual([tcp(1, 20), udp(53)]);
    expect(sharedPorts(a, b)).toEqual([tcp(5, 10)]);
    expect(withoutPorts(a, b)).toEqual([tcp(1, 4), udp(53)]);
    expect(withoutPorts(a, a)).toEqual([]);
  });

  test('are written in one line, the whole and the empty one by name', () => {
    expect(describePorts(ALL_PORTS)).toBe('all ports');
    expect(describePorts([])).toBe('none');
    expect(describePorts(portSetOf([udp(53), tcp(80), tcp(443, 445)]))).toBe('TCP 80,443-445; UDP 53');
    expect(describePorts(portSetOf([tcp(1, 65_535)]))).toBe('TCP 1-65535');
  });
});

describe('ranges of addresses', () => {
  test('host bits of a CIDR mean nothing, and a mapped one is IPv4', () => {
    expect(rangeOfCidr('10.1.2.3/8')).toEqual(rangeOfCidr('10.0.0.0/8'));
    expect(rangeOfCidr('::ffff:10.0.0.0/104')).toEqual(rangeOfCidr('10.0.0.0/8'));
    expect(['', '10.0.0.0', '10.0.0.0/33', 'x/8', '::/129'].map(rangeOfCidr)).toEqual(
      Array(5).fill(undefined),
    );
  });

  test('cover both families without gap or overlap', () => {
    const ranges = elementaryRanges(['10.0.0.0/8', '10.1.0.0/16', '2001:db8::/32', 'nonsense']);
    expect(ranges.map(describeRange)).toEqual([
      '0.0.0.0-9.255.255.255',
      '10.0.0.0/16',
      '10.1.0.0/16',
      '10.2.0.0-10.255.255.255',
      '11.0.0.0-255.255.255.255',
      '::-2001:db7:ffff:ffff:ffff:ffff:ffff:ffff',
      '2001:db8::/32',
      '2001:db9::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    ]);
  });

  test('are one CIDR only where one CIDR holds just them', () => {
    const range = rangeOfAddress('192.0.2.1');
    expect(range && cidrOfRange(range)).toBe('192.0.2.1/32');
    expect(range && cidrOfRange({ ...range, last: range.last + 1n })).toBeUndefined();
    expect(elementaryRanges([]).map(cidrOfRange)).toEqual(['0.0.0.0/0', '::/0']);
  });
});
