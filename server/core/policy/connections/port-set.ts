import type { PortInterval } from '../certificate.ts';
import { FIRST_PORT, intervalsOf, LAST_PORT, POLICY_PROTOCOLS } from '../certify/port-intervals.ts';
import type { PolicyProtocol } from '../world.ts';

/** Ports of each protocol: intervals sorted by protocol and port, none touching the next. Empty: nothing. */
export type PortSet = readonly PortInterval[];

/** Everything a NetworkPolicy can speak about. */
export const ALL_PORTS: PortSet = POLICY_PROTOCOLS.flatMap((protocol) => intervalsOf(protocol, []));

/** Brings intervals in any order, overlapping or not, into the one form of their set. */
export function portSetOf(intervals: Iterable<PortInterval>): PortSet {
  const joined: PortInterval[] = [];
  for (const protocol of POLICY_PROTOCOLS) {
    const own = [...intervals].filter((each) => each.protocol === protocol && each.from <= each.to);
    for (const next of own.sort((a, b) => a.from - b.from)) {
      const last = joined.at(-1);
      if (last?.protocol === protocol && next.from <= last.to + 1)
        joined[joined.length - 1] = { ...last, to: Math.max(last.to, next.to) };
      else joined.push({ protocol, from: next.from, to: next.to });
    }
  }
  return joined;
}

/** What is in the first set and not in the second. */
export function withoutPorts(set: PortSet, removed: PortSet): PortSet {
  let left = [...set];
  for (const hole of removed) left = left.flatMap((interval) => cutOut(interval, hole));
  return left;
}

function cutOut(interval: PortInterval, hole: PortInterval): readonly PortInterval[] {
  const isApart = hole.protocol !== interval.protocol || hole.to < interval.from || hole.from > interval.to;
  if (isApart) return [interval];
  const below = { ...interval, to: hole.from - 1 };
  const above = { ...interval, from: hole.to + 1 };
  return [below, above].filter(({ from, to }) => from <= to);
}

/** What is in either set. */
export const joinPorts = (a: PortSet, b: PortSet): PortSet => portSetOf([...a, ...b]);

/** What is in both sets. */
export const sharedPorts = (a: PortSet, b: PortSet): PortSet => withoutPorts(a, withoutPorts(a, b));

/** One text for equal sets: `SCTP 1-65535; TCP 80,443`; `none` for the empty one. */
export const portSetKey = (set: PortSet): string => groupedText(set);

export const isSamePorts = (a: PortSet, b: PortSet): boolean => portSetKey(a) === portSetKey(b);

const intervalText = ({ from, to }: PortInterval): string => (from === to ? `${from}` : `${from}-${to}`);

const isWhole = ({ from, to }: PortInterval): boolean => from === FIRST_PORT && to === LAST_PORT;

const ORDER: readonly PolicyProtocol[] = ['TCP', 'UDP', 'SCTP'];

function groupedText(set: PortSet): string {
  const groups = ORDER.flatMap((protocol) => {
    const own = set.filter((each) => each.protocol === protocol);
    return own.length === 0 ? [] : [`${protocol} ${own.map(intervalText).join(',')}`];
  });
  return groups.length === 0 ? 'none' : groups.join('; ');
}

/** `TCP 5432`, `TCP 80,8000-8080; UDP 53`, `all ports`, or `none`. A protocol as a whole is `TCP 1-65535`. */
export const describePorts = (set: PortSet): string =>
  set.length === ALL_PORTS.length && set.every(isWhole) ? 'all ports' : groupedText(set);
