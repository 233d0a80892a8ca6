import { type PortSet, portSetOf } from '../connections/port-set.ts';
import type { SeenLink } from './seen-links.ts';

/** Workloads that connected to each other in a recording, hop by hop, and on which ports. */
export interface SeenReach {
  /** New workloads at each hop; the last list is empty. */
  readonly byHop: readonly (readonly number[])[];
  /** What the workload itself used: by workload, the ports. Ports that were too many to tell are not among them. */
  readonly direct: ReadonlyMap<number, PortSet>;
  /** Workload-port pairs used up to each hop. */
  readonly pairsByHop: readonly number[];
  /** Peers outside the model that the workload itself connected to. */
  readonly outside: ReadonlySet<string>;
}

export type ByFrom = ReadonlyMap<number, readonly SeenLink[]>;

/** Links by who connected, less those that nobody answered to: a port that refuses is not used. */
export function linksByFrom(links: readonly SeenLink[]): ByFrom {
  const byFrom = new Map<number, SeenLink[]>();
  for (const link of links) {
    if (link.from === undefined || link.isRefused) continue;
    const own = byFrom.get(link.from);
    if (own === undefined) byFrom.set(link.from, [link]);
    else own.push(link);
  }
  return byFrom;
}

function directPorts(links: readonly SeenLink[], start: number): ReadonlyMap<number, PortSet> {
  const ports = new Map<number, PortSet>();
  for (const { to, point } of links) {
    if (to === undefined || to === start || point === undefined) continue;
    const { protocol, port } = point;
    ports.set(to, portSetOf([...(ports.get(to) ?? []), { protocol, from: port, to: port }]));
  }
  return ports;
}

interface Tally {
  readonly known: Set<number>;
  readonly pairs: Set<string>;
}

/** Workloads used for the first time, and the pairs beside. */
function oneHop(links: readonly SeenLink[], start: number, { known, pairs }: Tally): readonly number[] {
  const found: number[] = [];
  for (const { to, point } of links) {
    if (to === undefined || to === start) continue;
    if (point !== undefined) pairs.add(`${to} ${point.protocol}/${point.port}`);
    if (!known.has(to)) found.push(to);
    known.add(to);
  }
  return found.sort((a, b) => a - b);
}

/** What a workload used in a recording, and what those it used used in turn. */
export function seenReachOf(byFrom: ByFrom, start: number): SeenReach {
  const tally = { known: new Set([start]), pairs: new Set<string>() };
  const byHop: (readonly number[])[] = [];
  const pairsByHop: number[] = [];
  for (let from: readonly number[] = [start]; from.length > 0; from = byHop.at(-1) ?? []) {
    const links = from.flatMap((each) => byFrom.get(each) ?? []);
    byHop.push(oneHop(links, start, tally));
    pairsByHop.push(tally.pairs.size);
  }
  const own = byFrom.get(start) ?? [];
  const outside = own.filter(({ to }) => to === undefined).map(({ toText }) => toText);
  return { byHop, direct: directPorts(own, start), pairsByHop, outside: new Set(outside) };
}
