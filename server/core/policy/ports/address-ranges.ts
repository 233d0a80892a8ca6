import { NOT_PUBLIC } from '#core/net/ip.ts';
import {
  type AddressRange,
  elementaryRanges,
  joinedRanges,
  rangeOfCidr,
} from '../connections/address-range.ts';

const shared = (a: AddressRange, b: AddressRange): readonly AddressRange[] => {
  const first = a.first > b.first ? a.first : b.first;
  const last = a.last < b.last ? a.last : b.last;
  return a.family === b.family && first <= last ? [{ family: a.family, first, last }] : [];
};

/** What is in a range of the first list and in one of the second. */
export const sharedRanges = (
  first: readonly AddressRange[],
  second: readonly AddressRange[],
): readonly AddressRange[] => joinedRanges(first.flatMap((a) => second.flatMap((b) => shared(a, b))));

/** The ranges of CIDRs; what is no CIDR is passed over. */
export const rangesOfCidrs = (cidrs: readonly string[]): readonly AddressRange[] =>
  joinedRanges(cidrs.map(rangeOfCidr).filter((range) => range !== undefined));

const NOT_PUBLIC_CIDRS = [...NOT_PUBLIC[4], ...NOT_PUBLIC[6]];

const isWithin = (range: AddressRange, outer: AddressRange): boolean =>
  range.family === outer.family && outer.first <= range.first && range.last <= outer.last;

const SPECIAL = rangesOfCidrs(NOT_PUBLIC_CIDRS);
const PUBLIC = elementaryRanges(NOT_PUBLIC_CIDRS).filter(
  (range) => !SPECIAL.some((special) => isWithin(range, special)),
);

/** True when an address of the public internet lies in one of the ranges. */
export const hasPublicAddress = (ranges: readonly AddressRange[]): boolean =>
  sharedRanges(ranges, PUBLIC).length > 0;
