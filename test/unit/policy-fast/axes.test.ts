import { describe, expect, test } from 'vitest';
import { atomAt, atomsOf, describeSpan } from '#core/policy/fast/address-atoms.ts';
import { addressAt, blockOf, isInBlock, positionOf } from '#core/policy/fast/address-axis.ts';
import { covers, elementaryIntervals, portCode, portTermOf } from '#core/policy/fast/port-axis.ts';

const blocks = (...cidrs: readonly (string | readonly [string, ...string[]])[]) =>
  cidrs
    .map((each) =>
      typeof each === 'string' ? blockOf({ cidr: each }) : blockOf({ cidr: each[0], except: each.slice(1) }),
    )
    .filter((block) => block !== undefined);

describe('the line of addresses', () => {
  test.each(['0.0.0.0', '255.255.255.255', '192.0.2.1', '::', '2001:db8::1', 'ffff::ffff'])(
    '%s has a place and is found there again',
    (ip) => {
      const position = positionOf(ip) ?? 0;
      expect(addressAt(position)).toBe(ip);
    },
  );

  test('an IPv4 address written as IPv6 is the IPv4 address', () => {
    expect(positionOf('::ffff:192.0.2.1')).toBe(positionOf('192.0.2.1'));
    expect(blockOf({ cidr: '::ffff:192.0.2.0/120' })?.key).toBe(blockOf({ cidr: '192.0.2.0/24' })?.key);
  });

  test.each(['', '1.2.3', '01.2.3.4', '1.2.3.4::1', '1::2::3', 'fe80::1%eth0', '300.1.1.1'])(
    '%j has no place',
    (text) => {
      expect(positionOf(text)).toBeUndefined();
    },
  );

  test('IPv4 and IPv6 blocks never hold each other, though they are on one line', () => {
    const [all4, all6] = blocks('0.0.0.0/0', '::/0');
    const [v4, v6] = [positionOf('255.255.255.255') ?? 0, positionOf('::') ?? 0];
    expect([v4, v6].map((at) => all4 && isInBlock(all4, at))).toEqual([true, false]);
    expect([v4, v6].map((at) => all6 && isInBlock(all6, at))).toEqual([false, true]);
  });

  test('exceptions cut holes, at the edges of a family too', () => {
    const spansOf = (cidr: string, ...except: readonly string[]) =>
      blockOf({ cidr, except })?.spans.map(describeSpan);
    expect(spansOf('192.0.2.0/24', '192.0.2.128/25')).toEqual(['192.0.2.0-192.0.2.127']);
    expect(spansOf('0.0.0.0/0', '255.0.0.0/8', '0.0.0.0/8')).toEqual(['1.0.0.0-254.255.255.255']);
    expect(spansOf('10.0.0.0/31', '10.0.0.0/32', '10.0.0.1/32')).toEqual([]);
    expect(spansOf('255.255.255.254/31', '255.255.255.255/32')).toEqual(['255.255.255.254']);
    expect(spansOf('255.255.255.254/31', '255.255.255.254/31')).toBeUndefined();
    expect(spansOf('::/0', '8000::/1')).toEqual(['::-7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff']);
  });
});

describe('address atoms', () => {
  const cut = atomsOf(blocks(['10.0.0.0/8', '10.1.0.0/16'], '10.1.0.0/24', '2001:db8::/32'));

  test('every address is in one atom, and atoms are as few as the blocks allow', () => {
    expect(cut.spans.map((spans) => spans.map(describeSpan).join(' '))).toEqual([
      '0.0.0.0-9.255.255.255 10.1.1.0-10.1.255.255 11.0.0.0-255.255.255.255',
      '10.0.0.0-10.0.255.255 10.2.0.0-10.255.255.255',
      '10.1.0.0-10.1.0.255',
      '::-::fffe:ffff:ffff ::1:0:0:0-2001:db7:ffff:ffff:ffff:ffff:ffff:ffff 2001:db9::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
      '2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff',
    ]);
  });

  test('an address is found in the atom whose spans hold it', () => {
    const atomOf = (ip: string) => atomAt(cut, positionOf(ip) ?? 0);
    expect(['9.9.9.9', '10.0.0.1', '10.1.0.1', '10.1.1.1', '255.255.255.255'].map(atomOf)).toEqual([
      0, 1, 2, 0, 0,
    ]);
    expect(['::', '2001:db8::1', 'ffff::', '::ffff:10.0.0.1'].map(atomOf)).toEqual([3, 4, 3, 1]);
  });
});

describe('the line of ports', () => {
  const isCovered = (ports: unknown, protocol: 'TCP' | 'UDP' | 'SCTP', port: number) =>
    covers(portTermOf(ports)?.spans ?? [], portCode(protocol, port));

  test('ranges that touch or overlap are one', () => {
    const term = portTermOf([
      { port: 80, endPort: 90 },
      { port: 91 },
      { port: 85, endPort: 100 },
      { port: 200 },
    ]);
    expect(term?.spans.map(({ first, last }) => [first, last])).toEqual([
      [80, 100],
      [200, 200],
    ]);
  });

  test('the last port of one protocol is not the neighbour of the first of the next', () => {
    const ports = [{ port: 65_535 }, { protocol: 'UDP', port: 1 }];
    expect(isCovered(ports, 'TCP', 65_535)).toBe(true);
    expect(isCovered(ports, 'UDP', 1)).toBe(true);
    expect(isCovered(ports, 'UDP', 2)).toBe(false);
    expect(portTermOf(ports)?.spans.length).toBe(2);
  });

  test('what is no port is covered only where a whole protocol is', () => {
    for (const port of [-1, 65_536, 80.5, Number.NaN]) {
      expect(isCovered([{ port: 1, endPort: 65_535 }], 'TCP', port)).toBe(false);
      expect(isCovered([{ protocol: 'TCP' }], 'TCP', port)).toBe(true);
      expect(isCovered([{ protocol: 'TCP' }], 'UDP', port)).toBe(false);
      expect(isCovered([], 'SCTP', port)).toBe(true);
    }
  });

  test('intervals cover the ports from 1 to 65535 of each protocol, cut at every edge', () => {
    const spans =
      portTermOf([
        { port: 80, endPort: 90 },
        { protocol: 'UDP', port: 53 },
      ])?.spans ?? [];
    expect(elementaryIntervals(spans).map(({ protocol, from, to }) => `${protocol} ${from}-${to}`)).toEqual([
      'TCP 1-79',
      'TCP 80-90',
      'TCP 91-65535',
      'UDP 1-52',
      'UDP 53-53',
      'UDP 54-65535',
      'SCTP 1-65535',
    ]);
  });
});
