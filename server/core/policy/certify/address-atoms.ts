import { formatIp, type IpAddress, maskIp, parseIp, prefixOf } from '#core/net/ip.ts';
import { compareText } from '#core/order.ts';

/** A set of addresses that no block of the policies tells apart, with one of them to ask about. */
export interface AddressAtom {
  /** Canonical CIDR; the atom is the part of it that lies in no smaller one. */
  readonly cidr: string;
  readonly ip: string;
  /** `192.0.2.1/32`, `192.0.2.0/24 (rest)`, `any other IPv4 address`. */
  readonly text: string;
}

interface Prefix {
  readonly ip: IpAddress;
  readonly bits: number;
}

const ROOTS = ['0.0.0.0/0', '::/0'] as const;

const widthOf = ({ family }: IpAddress): number => (family === 4 ? 32 : 128);

function parsePrefix(cidr: string): Prefix | undefined {
  const slash = cidr.lastIndexOf('/');
  const ip = parseIp(cidr.slice(0, slash));
  const written = Number(cidr.slice(slash + 1));
  if (ip === undefined || slash === -1 || !Number.isInteger(written)) return undefined;
  // A block written as `::ffff:192.0.2.0/120` is a block of IPv4 addresses.
  const bits = ip.family === 4 && cidr.includes(':') ? written - 96 : written;
  return bits >= 0 && bits <= widthOf(ip) ? { ip: maskIp(ip, bits), bits } : undefined;
}

const cidrOf = ({ ip, bits }: Prefix): string => prefixOf(ip, bits);

function isSameIp(a: IpAddress, b: IpAddress): boolean {
  return a.family === b.family && a.groups.every((group, index) => group === b.groups[index]);
}

const holds = (outer: Prefix, inner: Prefix): boolean =>
  outer.ip.family === inner.ip.family &&
  outer.bits <= inner.bits &&
  isSameIp(maskIp(inner.ip, outer.bits), outer.ip);

/** By address, a prefix before those inside it. */
function inNestingOrder(a: Prefix, b: Prefix): number {
  if (a.ip.family !== b.ip.family) return a.ip.family - b.ip.family;
  for (const [index, group] of a.ip.groups.entries()) {
    const difference = group - (b.ip.groups[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.bits - b.bits;
}

interface Nested {
  readonly prefix: Prefix;
  /** The largest prefixes inside it. */
  readonly holes: Prefix[];
}

/** Prefixes nest or are apart, so that in their order each lies in the nearest one before it that has not ended. */
function nested(prefixes: readonly Prefix[]): readonly Nested[] {
  const open: Nested[] = [];
  return [...prefixes].sort(inNestingOrder).map((prefix) => {
    while (open.length > 0 && !holds(open[open.length - 1]?.prefix ?? prefix, prefix)) open.pop();
    open.at(-1)?.holes.push(prefix);
    const each: Nested = { prefix, holes: [] };
    open.push(each);
    return each;
  });
}

function upperHalf({ ip, bits }: Prefix): Prefix {
  const groups = ip.groups.map((group, index) =>
    index === bits >> 4 ? group | (0x8000 >> (bits & 15)) : group,
  );
  return { ip: { family: ip.family, groups }, bits: bits + 1 };
}

const lowerHalf = ({ ip, bits }: Prefix): Prefix => ({ ip, bits: bits + 1 });

/** An address of the prefix outside every hole, or undefined when the holes fill it. */
function addressOutside(prefix: Prefix, holes: readonly Prefix[]): IpAddress | undefined {
  const inside = holes.filter((hole) => holds(prefix, hole));
  if (inside.length === 0) return prefix.ip;
  if (inside.some((hole) => hole.bits === prefix.bits)) return undefined;
  return addressOutside(upperHalf(prefix), inside) ?? addressOutside(lowerHalf(prefix), inside);
}

function textOf(prefix: Prefix, hasHoles: boolean): string {
  if (prefix.bits === 0) return `any ${hasHoles ? 'other ' : ''}IPv${prefix.ip.family} address`;
  return hasHoles ? `${cidrOf(prefix)} (rest)` : cidrOf(prefix);
}

/**
 * Cuts both address families into atoms: within one, every block of the given CIDRs holds all addresses or none.
 * Each prefix is one atom, less the smaller ones inside it; what is no CIDR is passed over.
 */
export function addressAtoms(cidrs: Iterable<string>): readonly AddressAtom[] {
  const parsed = [...ROOTS, ...cidrs].map(parsePrefix).filter((prefix) => prefix !== undefined);
  const unique = [...new Map(parsed.map((prefix) => [cidrOf(prefix), prefix])).values()];
  const atoms: AddressAtom[] = [];
  for (const { prefix, holes } of nested(unique)) {
    const ip = addressOutside(prefix, holes);
    if (ip === undefined) continue;
    atoms.push({ cidr: cidrOf(prefix), ip: formatIp(ip), text: textOf(prefix, holes.length > 0) });
  }
  return atoms.sort((a, b) => compareText(a.cidr, b.cidr));
}
