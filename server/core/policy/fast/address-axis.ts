import { formatIp, type IpAddress, parseIp } from '#core/net/ip.ts';
import { isMissing, isRecord, listOf } from './json-shape.ts';

/**
 * The place of an address on one line of both families: IPv4 below zero, as numbers; IPv6 from zero on, as bigints.
 * The two compare with each other. No address lies where IPv6 writes IPv4: such a one is the IPv4 address.
 */
export type Position = number | bigint;

/** Addresses from `first` to `last`, both inside and of one family. */
export interface AddressSpan {
  readonly first: Position;
  readonly last: Position;
}

/** The addresses of an ipBlock: its CIDR less its exceptions. */
export interface AddressBlock {
  /** The same text for the same addresses. */
  readonly key: string;
  /** Ascending and apart. */
  readonly spans: readonly AddressSpan[];
}

const IPV4_SIZE = 2 ** 32;
const IPV6_BITS = 128;
const MAPPED_BITS = 96;
export const FIRST_IPV4: Position = -IPV4_SIZE;
export const FIRST_IPV6: Position = 0n;
export const FIRST_MAPPED: Position = 0xffff_0000_0000n;
export const AFTER_MAPPED: Position = 0x1_0000_0000_0000n;
export const AFTER_IPV6: Position = 1n << 128n;

export type Family = 'IPv4' | 'IPv6';

export const familyAt = (position: Position): Family => (typeof position === 'number' ? 'IPv4' : 'IPv6');

/** The next address, across the families. */
export function after(position: Position): Position {
  if (typeof position === 'bigint') return position + 1n;
  return position === -1 ? FIRST_IPV6 : position + 1;
}

function before(position: Position): Position {
  return typeof position === 'bigint' ? position - 1n : position - 1;
}

/** Reads an address. Dotted octets may only stand at the end of an IPv6 address. */
function readAddress(text: unknown): IpAddress | undefined {
  if (typeof text !== 'string') return undefined;
  const dot = text.indexOf('.');
  return dot !== -1 && text.lastIndexOf(':') > dot ? undefined : parseIp(text);
}

/** The place of an address; undefined for what is none. */
export function positionOf(text: unknown): Position | undefined {
  const address = readAddress(text);
  return address === undefined ? undefined : placeOf(address);
}

function placeOf({ family, groups }: IpAddress): Position {
  if (family === 4) return (groups[0] ?? 0) * 65_536 + (groups[1] ?? 0) - IPV4_SIZE;
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
}

/** The text of the address at a place, e.g. `192.0.2.1`. */
export function addressAt(position: Position): string {
  if (typeof position === 'number') {
    const value = position + IPV4_SIZE;
    return formatIp({ family: 4, groups: [Math.floor(value / 65_536), value % 65_536] });
  }
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number((position >> BigInt(112 - 16 * index)) & 0xffffn),
  );
  return formatIp({ family: 6, groups });
}

interface Cidr {
  readonly at: Position;
  readonly bits: number;
  readonly span: AddressSpan;
}

const LENGTH = /^(?:0|[1-9]\d{0,2})$/;

/** Reads a CIDR, host bits allowed. One that fixes the whole IPv4 mapping is a block of IPv4 addresses. */
function readCidr(text: unknown): Cidr | undefined {
  if (typeof text !== 'string') return undefined;
  const slash = text.indexOf('/');
  const address = readAddress(text.slice(0, Math.max(0, slash)));
  if (address === undefined || !LENGTH.test(text.slice(slash + 1))) return undefined;
  const bits = Number(text.slice(slash + 1));
  const at = placeOf(address);
  const isMapped = address.family === 4 && text.slice(0, slash).includes(':');
  if (isMapped && bits < MAPPED_BITS)
    return ipv6Cidr(FIRST_MAPPED_BIG + BigInt(at) + BigInt(IPV4_SIZE), bits);
  return typeof at === 'bigint' ? ipv6Cidr(at, bits) : ipv4Cidr(at, isMapped ? bits - MAPPED_BITS : bits);
}

const FIRST_MAPPED_BIG = 0xffff_0000_0000n;

function ipv4Cidr(at: number, bits: number): Cidr | undefined {
  if (bits > 32) return undefined;
  const size = 2 ** (32 - bits);
  const first = Math.floor(at / size) * size;
  return { at, bits, span: { first, last: first + size - 1 } };
}

function ipv6Cidr(at: bigint, bits: number): Cidr | undefined {
  if (bits > IPV6_BITS) return undefined;
  const hostBits = BigInt(IPV6_BITS - bits);
  const first = (at >> hostBits) << hostBits;
  return { at, bits, span: { first, last: first + (1n << hostBits) - 1n } };
}

const holds = ({ first, last }: AddressSpan, position: Position): boolean =>
  first <= position && position <= last;

/** Reads an ipBlock; undefined when it, or one of its exceptions, is malformed: then it matches nothing. */
export function blockOf(value: unknown): AddressBlock | undefined {
  if (!isRecord(value)) return undefined;
  const cidr = readCidr(value['cidr']);
  const exceptions = isMissing(value['except']) ? [] : listOf(value['except']);
  if (cidr === undefined || exceptions === undefined) return undefined;
  const holes = exceptions.map(readCidr);
  const areInside = holes.every(
    (hole) => hole !== undefined && hole.bits > cidr.bits && holds(cidr.span, hole.at),
  );
  if (!areInside) return undefined;
  const spans = without(
    cidr.span,
    holes.map((hole) => hole?.span).filter((span) => span !== undefined),
  );
  return { key: spans.map(({ first, last }) => `${first}..${last}`).join(), spans };
}

function without(span: AddressSpan, holes: readonly AddressSpan[]): readonly AddressSpan[] {
  const spans: AddressSpan[] = [];
  let first = span.first;
  for (const hole of holes.toSorted((a, b) => (a.first < b.first ? -1 : 1))) {
    if (hole.first > first) spans.push({ first, last: before(hole.first) });
    if (hole.last >= first) first = after(hole.last);
  }
  // Behind the last address of a family the next one begins, so the end is compared before it is used.
  return first <= span.last ? [...spans, { first, last: span.last }] : spans;
}

export const isInBlock = ({ spans }: AddressBlock, position: Position): boolean =>
  spans.some((span) => holds(span, position));
