import type { IpBlock } from '../network-policy.ts';
import type { IpFamily } from '../world.ts';
import { type Fault, isAbsent, isObject, type Outcome } from './fault.ts';

/** An address as 16-bit groups: two for IPv4, eight for IPv6. */
export type Address = readonly number[];

interface Cidr {
  readonly address: Address;
  readonly prefixLength: number;
}

const OCTET = /^(?:0|[1-9]\d{0,2})$/;
const GROUP = /^[0-9A-Fa-f]{1,4}$/;
const PREFIX_LENGTH = /^(?:0|[1-9]\d{0,2})$/;
const IPV4_GROUPS = 2;
const IPV6_GROUPS = 8;
const MAPPED_BITS = 96;

/** Reads an IPv4 or IPv6 address, no zone; an IPv4-mapped IPv6 address is the IPv4 address. Undefined if it is none. */
export function parseAddress(text: unknown): Address | undefined {
  if (typeof text !== 'string') return undefined;
  if (!text.includes(':')) return parseIpv4(text);
  const address = parseIpv6(text);
  return address !== undefined && isMapped(address) ? address.slice(6) : address;
}

export const familyOf = (address: Address): IpFamily => (address.length === IPV4_GROUPS ? 'IPv4' : 'IPv6');

/** Leading zeros are refused: some readers take them for octal. */
function parseIpv4(text: string): Address | undefined {
  const octets = text.split('.');
  if (octets.length !== 4) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = octets.map((octet) => (OCTET.test(octet) ? Number(octet) : 256));
  if (a > 255 || b > 255 || c > 255 || d > 255) return undefined;
  return [a * 256 + b, c * 256 + d];
}

function parseIpv6(text: string): Address | undefined {
  const plain = withoutDottedTail(text);
  const halves = plain === undefined ? [] : plain.split('::');
  const [head, tail] = halves.map(parseGroups);
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === IPV6_GROUPS ? head : undefined;
  if (tail === undefined || halves.length > 2) return undefined;
  const missing = IPV6_GROUPS - head.length - tail.length;
  return missing < 1 ? undefined : [...head, ...Array.from({ length: missing }, () => 0), ...tail];
}

/** `::ffff:192.0.2.1` in groups only; undefined when the dotted part is no IPv4 address. */
function withoutDottedTail(text: string): string | undefined {
  if (!text.includes('.')) return text;
  const start = text.lastIndexOf(':') + 1;
  const tail = parseIpv4(text.slice(start));
  return tail && text.slice(0, start) + tail.map((group) => group.toString(16)).join(':');
}

function parseGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  return parts.every((part) => GROUP.test(part)) ? parts.map((part) => Number.parseInt(part, 16)) : undefined;
}

const isMapped = (address: Address): boolean =>
  address.slice(0, 5).every((group) => group === 0) && address[5] === 0xffff;

function parseCidr(text: unknown): Cidr | undefined {
  if (typeof text !== 'string') return undefined;
  const slash = text.indexOf('/');
  const length = text.slice(slash + 1);
  if (slash === -1 || !PREFIX_LENGTH.test(length)) return undefined;
  const written = text.slice(0, slash);
  const address = written.includes(':') ? parseIpv6(written) : parseIpv4(written);
  const prefixLength = Number(length);
  if (address === undefined || prefixLength > address.length * 16) return undefined;
  // A mapped block that fixes the whole mapping is a block of IPv4 addresses; a wider one holds IPv6 addresses.
  if (address.length === IPV6_GROUPS && isMapped(address) && prefixLength >= MAPPED_BITS) {
    return { address: address.slice(6), prefixLength: prefixLength - MAPPED_BITS };
  }
  return { address, prefixLength };
}

/** Compares only the bits of the prefix: host bits in a CIDR mean nothing, and families never match each other. */
function isInside(address: Address, cidr: Cidr): boolean {
  if (address.length !== cidr.address.length) return false;
  let bitsLeft = cidr.prefixLength;
  for (let index = 0; bitsLeft > 0; index += 1, bitsLeft -= 16) {
    const ignored = Math.max(0, 16 - bitsLeft);
    if ((address[index] ?? 0) >> ignored !== (cidr.address[index] ?? 0) >> ignored) return false;
  }
  return true;
}

/** Whether an address lies in the block and in none of its exceptions. */
export function ipBlockMatches(block: IpBlock, address: Address): Outcome {
  if (!isObject(block)) return 'not_an_object';
  const cidr = parseCidr(block.cidr);
  if (cidr === undefined) return 'cidr_invalid';
  if (!isInside(address, cidr)) return 'no';
  if (isAbsent(block.except)) return 'yes';
  if (!Array.isArray(block.except)) return 'not_a_list';
  let outcome: Outcome = 'yes';
  for (const text of block.except) {
    const fault = exceptFault(text, block.cidr);
    if (fault !== undefined) outcome = fault;
    else if (isExcepted(text, address)) return 'no';
  }
  return outcome;
}

function isExcepted(text: string, address: Address): boolean {
  const except = parseCidr(text);
  return except !== undefined && isInside(address, except);
}

/** True for a CIDR of either family, host bits allowed. */
export const isCidr = (text: unknown): boolean => parseCidr(text) !== undefined;

/** What is wrong with one exception of a block, or undefined; a block that is no CIDR itself says nothing here. */
export function exceptFault(text: unknown, blockText: unknown): Fault | undefined {
  const except = parseCidr(text);
  if (except === undefined) return 'except_invalid';
  const block = parseCidr(blockText);
  if (block === undefined) return undefined;
  const isStrictlyInside = isInside(except.address, block) && except.prefixLength > block.prefixLength;
  return isStrictlyInside ? undefined : 'except_outside_cidr';
}
