import type { PortInterval } from '../certificate.ts';
import { type PortSet, portSetKey, portSetOf } from '../connections/port-set.ts';
import { describeSpan } from '../fast/address-atoms.ts';
import { type AddressSpan, after, familyAt } from '../fast/address-axis.ts';
import type { ClassId } from '../fast/end-class.ts';
import type { Doors } from './doors.ts';
import { addressClasses, type ReachGraph } from './reach-graph.ts';

/** Addresses outside that are reached on the same ports. */
export interface OutsideReach {
  readonly ports: PortSet;
  /** Every address there is. */
  readonly isAnywhere: boolean;
  /** `192.0.2.0-192.0.2.255`; sorted, none touching the next. */
  readonly ranges: readonly string[];
}

const compareSpans = (a: AddressSpan, b: AddressSpan): number =>
  a.first < b.first ? -1 : a.first > b.first ? 1 : 0;

/** Ascending spans in which those side by side are one. */
export function joinedSpans(spans: readonly AddressSpan[]): readonly AddressSpan[] {
  const kept: AddressSpan[] = [];
  for (const span of spans.toSorted(compareSpans)) {
    const last = kept.at(-1);
    const isNext =
      last !== undefined && familyAt(last.first) === familyAt(span.first) && after(last.last) === span.first;
    if (last !== undefined && isNext) kept[kept.length - 1] = { first: last.first, last: span.last };
    else kept.push(span);
  }
  return kept;
}

/** What is reached outside within so many hops, widest first. */
export function outsideOf({ engine }: ReachGraph, doors: Doors, hop: number): readonly OutsideReach[] {
  const ports = new Map<ClassId, PortInterval[]>();
  for (const door of doors.outside.filter((each) => each.hop <= hop)) {
    ports.set(door.classId, [...(ports.get(door.classId) ?? []), door.ports]);
  }
  const groups = new Map<string, { readonly ports: PortSet; readonly classes: ClassId[] }>();
  for (const [classId, intervals] of ports) {
    const set = portSetOf(intervals);
    const key = portSetKey(set);
    const group = groups.get(key) ?? { ports: set, classes: [] };
    groups.set(key, group);
    group.classes.push(classId);
  }
  const all = addressClasses(engine).length;
  const reach = [...groups.values()].map((group): OutsideReach => {
    const spans = group.classes.flatMap((id) => engine.classes()[id]?.spans ?? []);
    const isAnywhere = group.classes.length === all;
    return { ports: group.ports, isAnywhere, ranges: joinedSpans(spans).map(describeSpan) };
  });
  return reach.sort((a, b) => Number(b.isAnywhere) - Number(a.isAnywhere) || b.ports.length - a.ports.length);
}
