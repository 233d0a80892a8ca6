import { isPublicIp, NOT_PUBLIC, parseIp } from '#core/net/ip.ts';
import {
  type AddressRange,
  addressText,
  describeRange,
  elementaryRanges,
  joinedRanges,
  rangeOfCidr,
} from '../connections/address-range.ts';

/** The whole world, cut where one of these blocks, or the internet, begins or ends. */
export const outsideRanges = (cidrs: Iterable<string>): readonly AddressRange[] =>
  elementaryRanges([...NOT_PUBLIC[4], ...NOT_PUBLIC[6], ...cidrs]);

/** The first address of a range, which speaks for all of it. */
export const firstAddress = ({ family, first }: AddressRange): string => addressText(family, first);

export function isPublicRange(range: AddressRange): boolean {
  const ip = parseIp(firstAddress(range));
  return ip !== undefined && isPublicIp(ip);
}

const isWithin = (inner: AddressRange, outer: AddressRange | undefined): boolean =>
  outer !== undefined &&
  inner.family === outer.family &&
  outer.first <= inner.first &&
  inner.last <= outer.last;

/** True when a range lies in one of the first blocks and in none of the second. */
export const isInBlocks = (
  range: AddressRange,
  { cidrs, except }: { readonly cidrs: readonly string[]; readonly except: readonly string[] },
): boolean =>
  cidrs.some((cidr) => isWithin(range, rangeOfCidr(cidr))) &&
  !except.some((cidr) => isWithin(range, rangeOfCidr(cidr)));

const MOST_RANGES = 3;

/** `203.0.113.0/24`, or the first few of several ranges: neighbours are one. */
export function rangesText(ranges: readonly AddressRange[]): string {
  const joined = joinedRanges(ranges);
  const shown = joined.slice(0, MOST_RANGES).map(describeRange).join(', ');
  const hidden = joined.length - MOST_RANGES;
  return hidden > 0 ? `${shown} and ${hidden} more` : shown;
}
