import { describe, expect, test } from 'vitest';
import { ipBlockMatches, parseAddress } from '#core/policy/literal/ip-block.ts';
import type { IpBlock } from '#core/policy/network-policy.ts';

describe('addresses', () => {
  test.each([
    ['0.0.0.0', [0, 0]],
    ['10.1.2.3', [0x0a01, 0x0203]],
    ['255.255.255.255', [0xffff, 0xffff]],
    ['::', [0, 0, 0, 0, 0, 0, 0, 0]],
    ['::1', [0, 0, 0, 0, 0, 0, 0, 1]],
    ['2001:DB8::', [0x2001, 0xdb8, 0, 0, 0, 0, 0, 0]],
    ['1:2:3:4:5:6:7:8', [1, 2, 3, 4, 5, 6, 7, 8]],
    ['1:2:3:4:5:6:7::', [1, 2, 3, 4, 5, 6, 7, 0]],
    ['64:ff9b::192.0.2.33', [0x64, 0xff9b, 0, 0, 0, 0, 0xc000, 0x221]],
    ['::ffff:192.0.2.33', [0xc000, 0x221]],
    ['::ffff:c000:221', [0xc000, 0x221]],
  ])('%s is read as what it is', (text, groups) => {
    expect(parseAddress(text)).toEqual(groups);
  });

  test.each([
    '',
    '10.0.0',
    '10.0.0.1.2',
    '10.0.0.256',
    '010.0.0.1',
    '10.0.0.-1',
    '10.0.0.1e1',
    ' 10.0.0.1',
    '10.0.0.1/32',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    'fe80::1%eth0',
    '1.2.3.4::',
    '::1.2.3',
    '::1.2.3.4:5',
    'localhost',
  ])('"%s" is no address', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test.each([[undefined], [null], [7], [{}]])('%s is no address either', (value) => {
    expect(parseAddress(value)).toBeUndefined();
  });
});

/** What a block answers for an address that is one. */
function answer(block: unknown, text: string): string {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  return ipBlockMatches(block as IpBlock, address);
}

describe('blocks', () => {
  test.each([
    ['0.0.0.0/0', '255.1.2.3', 'yes'],
    ['10.0.0.0/8', '10.255.255.255', 'yes'],
    ['10.0.0.0/8', '11.0.0.0', 'no'],
    ['10.0.0.0/15', '10.1.255.255', 'yes'],
    ['10.0.0.0/15', '10.2.0.0', 'no'],
    ['10.0.0.0/16', '10.1.0.0', 'no'],
    ['10.0.0.128/25', '10.0.0.127', 'no'],
    ['10.0.0.1/32', '10.0.0.1', 'yes'],
    ['10.0.0.1/32', '10.0.0.2', 'no'],
    ['::/0', 'ffff::', 'yes'],
    ['2001:db8::/33', '2001:db8:7fff::', 'yes'],
    ['2001:db8::/33', '2001:db8:8000::', 'no'],
    ['::1/128', '::1', 'yes'],
    ['::1/128', '::2', 'no'],
    ['::ffff:10.0.0.0/104', '10.9.9.9', 'yes'],
    ['::ffff:0:0/96', '10.9.9.9', 'yes'],
    ['::ffff:0:0/95', '10.9.9.9', 'no'],
    ['0.0.0.0/0', '::1', 'no'],
  ])('%s holds %s: %s', (cidr, ip, expected) => {
    expect(answer({ cidr }, ip)).toBe(expected);
  });

  test.each([
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/08',
    '10.0.0.0/8 ',
    '10.0.0.0/0x8',
    '::/129',
    '/0',
    '',
    'any',
  ])('"%s" matches nothing', (cidr) => {
    expect(answer({ cidr }, '10.0.0.0')).toBe('cidr_invalid');
  });

  test.each([
    [{ except: ['10.1.0.0/16'] }, '10.1.2.3', 'no'],
    [{ except: ['10.1.0.0/16'] }, '10.2.2.3', 'yes'],
    [{ except: ['10.1.0.0/16', '10.2.0.0/16'] }, '10.2.2.3', 'no'],
    [{ except: [] }, '10.1.2.3', 'yes'],
    [{ except: null }, '10.1.2.3', 'yes'],
    [{ except: '10.1.0.0/16' }, '10.2.2.3', 'not_a_list'],
    [{ except: ['nonsense'] }, '10.2.2.3', 'except_invalid'],
    [{ except: [null] }, '10.2.2.3', 'except_invalid'],
    [{ except: ['::/64'] }, '10.2.2.3', 'except_outside_cidr'],
    [{ except: ['10.0.0.0/7'] }, '10.2.2.3', 'except_outside_cidr'],
    [{ except: ['10.0.0.0/8'] }, '10.2.2.3', 'except_outside_cidr'],
    [{ except: ['nonsense', '10.1.0.0/16'] }, '10.1.2.3', 'no'],
  ])('10.0.0.0/8 with %j holds %s: %s', (parts, ip, expected) => {
    expect(answer({ cidr: '10.0.0.0/8', ...parts }, ip)).toBe(expected);
  });

  test.each([[null], ['10.0.0.0/8'], [[]]])('%j in the place of a block matches nothing', (block) => {
    expect(answer(block, '10.0.0.0')).toBe('not_an_object');
  });
});
