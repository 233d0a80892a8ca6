import { formatIp, type IpAddress, parseIp } from '#core/net/ip.ts';
import type { IpFamily } from '../world.ts';

/** Addresses `first` to `last`, both inside, of one family, as numbers. */
export interface AddressRange {
  readonly family: IpFamily;
  readonly first: bigint;
  readonly last: bigint;
}

const WIDTH: Readonly<Record<IpFamily, number>> = { IPv4: 32, IPv6: 128 };
const IP_FAMILIES: readonly IpFamily[] = ['IPv4', 'IPv6'];

const familyOf = ({ family }: IpAddress): IpFamily => (family === 4 ? 'IPv4' : 'IPv6');

const numberOf = ({ groups }: IpAddress): bigint =>
  groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);

function addressAt(family: IpFamily, value: bigint): IpAddress {
  const count = WIDTH[family] / 16;
  const groups = Array.from({ length: count }, (_, index) =>
    Number((value >> BigInt(16 * (count - 1 - index))) & 0xffffn),
  );
  return { family: family === 'IPv4' ? 4 : 6, groups };
}

/** The text of one address of a range's family. */
export const addressText = (family: IpFamily, value: bigint): string => formatIp(addressAt(family, value));

/** An address as a range of one; undefined for what is no address. */
export function rangeOfAddress(text: string): AddressRange | undefined {
  const ip = parseIp(text);
  return ip && { family: familyOf(ip), first: numberOf(ip), last: numberOf(ip) };
}

/** The addresses of a CIDR, host bits ignored; undefined for what is no CIDR. */
export function rangeOfCidr(cidr: string): AddressRange | undefined {
  const [text = '', length = ''] = cidr.split('/');
  const ip = parseIp(text);
  if (ip === undefined || !/^\d{1,3}$/.test(length)) return undefined;
  const family = familyOf(ip);
  // A block written as `::ffff:192.0.2.0/120` is a block of IPv4 addresses.
  const bits = family === 'IPv4' && text.includes(':') ? Number(length) - 96 : Number(length);
  if (bits < 0 || bits > WIDTH[family]) return undefined;
  const size = 1n << BigInt(WIDTH[family] - bits);
  const first = (numberOf(ip) / size) * size;
  return { family, first, last: first + size - 1n };
}

/**
 * Cuts both families into ranges: each block of the given CIDRs holds a range as a whole or none of it. Sorted; without
 * any CIDR one range a family.
 */
export function elementaryRanges(cidrs: Iterable<string>): readonly AddressRange[] {
  const blocks = [...cidrs].map(rangeOfCidr).filter((range) => range !== undefined);
  return IP_FAMILIES.flatMap((family) => {
    const end = 1n << BigInt(WIDTH[family]);
    const own = blocks.filter((block) => block.family === family);
    const starts = new Set([0n, ...own.flatMap(({ first, last }) => [first, last + 1n])]);
    const sorted = [...starts].filter((start) => start < end).sort((a, b) => (a < b ? -1 : 1));
    return sorted.map((first, index) => ({ family, first, last: (sorted[index + 1] ?? end) - 1n }));
  });
}

/** True when the second range goes on where the first ends. */
export const isNextTo = (a: AddressRange, b: AddressRange): boolean =>
  a.family === b.family && a.last + 1n === b.first;

/** The range as one CIDR; undefined when it takes several. */
export function cidrOfRange({ family, first, last }: AddressRange): string | undefined {
  const size = last - first + 1n;
  const isPowerOfTwo = (size & (size - 1n)) === 0n;
  if (!isPowerOfTwo || first % size !== 0n) return undefined;
  return `${addressText(family, first)}/${WIDTH[family] - (size.toString(2).length - 1)}`;
}

/** `10.0.0.0/8`, or `11.0.0.0-172.20.255.255` for what is no single block. */
export const describeRange = (range: AddressRange): string =>
  cidrOfRange(range) ?? `${addressText(range.family, range.first)}-${addressText(range.family, range.last)}`;

/** Ranges in any order, overlapping or not, as their union: sorted, none touching the next. */
export function joinedRanges(ranges: readonly AddressRange[]): readonly AddressRange[] {
  const sorted = ranges.toSorted((a, b) => {
    if (a.family !== b.family) return a.family === 'IPv4' ? -1 : 1;
    return a.first < b.first ? -1 : a.first > b.first ? 1 : 0;
  });
  const kept: AddressRange[] = [];
  for (const range of sorted) {
    const last = kept.at(-1);
    const doesTouch = last?.family === range.family && range.first <= last.last + 1n;
    if (last === undefined || !doesTouch) kept.push(range);
    else if (range.last > last.last) kept[kept.length - 1] = { ...last, last: range.last };
  }
  return kept;
}
