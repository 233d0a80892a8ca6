/** An address as its family and its big-endian 16-bit groups: two for IPv4, eight for IPv6. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly groups: readonly number[];
}

const IPV4_PART = /^(?:0|[1-9]\d{0,2})$/;

function parseIpv4(text: string): readonly number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => IPV4_PART.test(part))) return undefined;
  const [a = 256, b = 256, c = 256, d = 256] = parts.map(Number);
  return Math.max(a, b, c, d) > 255 ? undefined : [a * 256 + b, c * 256 + d];
}

const HEX_GROUP = /^[0-9a-fA-F]{1,4}$/;

/** Groups of one side of `::`; only the end of a whole address may be written as IPv4 (RFC 4291 §2.2). */
function parseGroups(text: string, place: 'inner' | 'last'): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const isLast = place === 'last' && index === parts.length - 1;
    const embedded = isLast && part.includes('.') ? parseIpv4(part) : undefined;
    if (embedded !== undefined) groups.push(...embedded);
    else if (HEX_GROUP.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

function parseIpv6(text: string): readonly number[] | undefined {
  const halves = text.split('::');
  const head = parseGroups(halves[0] ?? '', halves.length === 1 ? 'last' : 'inner');
  if (head === undefined || halves.length > 2) return undefined;
  if (halves.length === 1) return head.length === 8 ? head : undefined;
  const tail = parseGroups(halves[1] ?? '', 'last');
  if (tail === undefined || head.length + tail.length > 7) return undefined;
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

const isMappedIpv4 = (groups: readonly number[]): boolean =>
  groups.length === 8 && groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;

/** Reads an IPv4 or IPv6 address (RFC 4291); an IPv4-mapped one becomes IPv4. Undefined when it is neither. */
export function parseIp(text: string): IpAddress | undefined {
  const v4 = parseIpv4(text);
  if (v4 !== undefined) return { family: 4, groups: v4 };
  if (!text.includes(':')) return undefined;
  const v6 = parseIpv6(text);
  if (v6 === undefined) return undefined;
  return isMappedIpv4(v6) ? { family: 4, groups: v6.slice(6) } : { family: 6, groups: v6 };
}

function formatIpv6(groups: readonly number[]): string {
  let bestAt = -1;
  let bestLength = 1; // RFC 5952: a single zero group is not shortened
  for (let at = 0; at < 8; at += 1) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length += 1;
    if (length > bestLength) [bestAt, bestLength] = [at, length];
  }
  const hex = groups.map((group) => group.toString(16));
  if (bestAt === -1) return hex.join(':');
  return `${hex.slice(0, bestAt).join(':')}::${hex.slice(bestAt + bestLength).join(':')}`;
}

/** The canonical text of an address (RFC 5952 for IPv6). */
export function formatIp(ip: IpAddress): string {
  if (ip.family === 6) return formatIpv6(ip.groups);
  return ip.groups.map((group) => `${group >> 8}.${group & 255}`).join('.');
}

/** Address masked to its first `bits` bits. */
export function maskIp(ip: IpAddress, bits: number): IpAddress {
  const groups = ip.groups.map((group, index) => {
    const kept = Math.min(16, Math.max(0, bits - index * 16));
    return group & ((0xffff << (16 - kept)) & 0xffff);
  });
  return { family: ip.family, groups };
}

/** The canonical prefix of `bits` bits that holds the address, e.g. `192.0.2.0/24`. */
export const prefixOf = (ip: IpAddress, bits: number): string => `${formatIp(maskIp(ip, bits))}/${bits}`;

/** The prefix that holds only this address: `/32` or `/128`. */
export const hostPrefix = (ip: IpAddress): string => prefixOf(ip, ip.family === 4 ? 32 : 128);

const startsWith = (ip: IpAddress, prefix: IpAddress, bits: number): boolean =>
  ip.family === prefix.family && formatIp(maskIp(ip, bits)) === formatIp(prefix);

/** Ranges no public host has (RFC 1918, 6598, 3927, 4193, 4291, 1122), by family. */
export const NOT_PUBLIC: Readonly<Record<4 | 6, readonly string[]>> = {
  4: [
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '224.0.0.0/3',
  ],
  6: ['::/127', 'fc00::/7', 'fe80::/10', 'ff00::/8'],
};

const NOT_PUBLIC_PREFIXES = [...NOT_PUBLIC[4], ...NOT_PUBLIC[6]].flatMap((cidr) => {
  const [address = '', bits] = cidr.split('/');
  const ip = parseIp(address);
  return ip === undefined ? [] : [{ ip, bits: Number(bits) }];
});

/** True when the address can belong to a host on the internet. */
export const isPublicIp = (ip: IpAddress): boolean =>
  !NOT_PUBLIC_PREFIXES.some((range) => startsWith(ip, range.ip, range.bits));
