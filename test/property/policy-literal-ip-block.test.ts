import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ipBlockMatches, parseAddress } from '#core/policy/literal/ip-block.ts';

const RUNS = { numRuns: 3000 };
const anyOctet = fc.nat({ max: 255 });
const anyIpv4 = fc.tuple(anyOctet, anyOctet, anyOctet, anyOctet).map((octets) => octets.join('.'));
const anyIpv6 = fc.ipV6();

/** An address, a prefix length, and a second address that often shares the prefix. */
const nearby = (address: fc.Arbitrary<string>, bits: number) =>
  fc.tuple(address, address, fc.nat({ max: bits }), fc.boolean()).map(([block, other, length, isSame]) => ({
    block,
    address: isSame ? block : other,
    length,
  }));

function platformSays(block: string, length: number, address: string): boolean {
  const family = isIP(block) === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(block, length, family);
  return list.check(address, family);
}

describe('address blocks against the platform', () => {
  test.each([
    ['IPv4', nearby(anyIpv4, 32)],
    ['IPv6', nearby(anyIpv6, 128)],
  ])('an %s block holds the addresses the platform says it holds', (_, anyPair) => {
    fc.assert(
      fc.property(anyPair, ({ block, length, address }) => {
        const parsed = parseAddress(address);
        fc.pre(parsed !== undefined && !block.toLowerCase().includes('ffff:'));
        const expected = platformSays(block, length, address) ? 'yes' : 'no';
        expect(ipBlockMatches({ cidr: `${block}/${length}` }, parsed ?? [])).toBe(expected);
      }),
      RUNS,
    );
  });

  test('text is an address exactly when the platform says so', () => {
    const anyText = fc.oneof(
      anyIpv4,
      anyIpv6,
      fc.stringMatching(/^[0-9a-f:.]{0,24}$/),
      fc
        .array(fc.constantFrom('0', '1', 'ff', '::', ':', '.', '255', '256', '12345'), { maxLength: 12 })
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        expect(parseAddress(text) !== undefined).toBe(isIP(text) !== 0);
      }),
      { numRuns: 20_000 },
    );
  });
});
