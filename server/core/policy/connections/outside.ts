import { compareText } from '#core/order.ts';
import { cidrsOf } from '../certify/policy-facts.ts';
import type { ClusterModel } from '../cluster/cluster-model.ts';
import type { Endpoint } from '../world.ts';
import {
  type AddressRange,
  addressText,
  describeRange,
  elementaryRanges,
  isNextTo,
} from './address-range.ts';
import { type Tally, tallied } from './pair-tally.ts';
import type { PodClass } from './pod-class.ts';
import { isSamePorts, type PortSet } from './port-set.ts';

type Direction = 'ingress' | 'egress';

/** Ranges outside, and what is open between each and a workload, or some class of its pods. */
export type Outside = readonly (readonly [AddressRange, PortSet])[];
export type TalliedOutside = readonly (readonly [AddressRange, Tally])[];

export const compareRanges = (a: AddressRange, b: AddressRange): number =>
  compareText(a.family, b.family) || (a.first < b.first ? -1 : a.first > b.first ? 1 : 0);

/** The ranges that the policies of a namespace tell apart, found once for each. */
export class RangesOutside {
  private readonly known = new Map<string, readonly AddressRange[]>();
  private readonly model: ClusterModel;

  constructor(model: ClusterModel) {
    this.model = model;
  }

  of(namespace: string, direction: Direction): readonly AddressRange[] {
    const key = `${direction} ${namespace}`;
    const known = this.known.get(key) ?? elementaryRanges(this.cidrs(namespace, direction));
    this.known.set(key, known);
    return known;
  }

  private cidrs(namespace: string, direction: Direction): readonly string[] {
    return this.model.policies
      .filter(({ policy }) => policy.metadata.namespace === namespace)
      .flatMap(({ policy }) => cidrsOf(policy, direction));
  }
}

/** What a class may open to each elementary range outside, or each of them to it. */
export function outsideOf(
  inside: PodClass,
  ranges: readonly AddressRange[],
  ask: (address: Endpoint) => PortSet,
): Outside {
  return ranges
    .filter(({ family }) => inside.families.includes(family))
    .map((range) => [range, ask({ kind: 'address', ip: addressText(range.family, range.first) })]);
}

/** Ranges side by side that are alike in everything are one. */
function joined(ranges: TalliedOutside): TalliedOutside {
  const kept: (readonly [AddressRange, Tally])[] = [];
  for (const [range, tally] of ranges) {
    const last = kept.at(-1);
    const isAlike =
      last !== undefined &&
      isNextTo(last[0], range) &&
      isSamePorts(last[1].any, tally.any) &&
      isSamePorts(last[1].every, tally.every);
    if (isAlike) kept[kept.length - 1] = [{ ...last[0], last: range.last }, tally];
    else kept.push([range, tally]);
  }
  return kept;
}

/** One workload's classes lie in one namespace, so that their ranges are cut alike, less a family that one lacks. */
export function tallyOutside(classes: readonly Outside[]): TalliedOutside {
  const tallies = new Map<string, readonly [AddressRange, Tally]>();
  for (const [range, ports] of classes.flat()) {
    const key = describeRange(range);
    tallies.set(key, [range, tallied(tallies.get(key)?.[1], ports)]);
  }
  const sorted = [...tallies.values()].sort(([a], [b]) => compareRanges(a, b));
  return joined(sorted);
}
