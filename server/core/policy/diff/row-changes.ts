import { sortedText } from '#core/order.ts';
import { type AddressRange, isNextTo } from '../connections/address-range.ts';
import { type ConnectivityEnd, type ConnectivityRow, describeEnd } from '../connections/connectivity.ts';
import { type PortSet, sharedPorts } from '../connections/port-set.ts';
import type { BothWorlds, WorkloadNames } from './both-worlds.ts';
import {
  CLOSED,
  type ConnectionChange,
  isSameOpenness,
  type Openness,
  openedBetween,
} from './connection-change.ts';
import type { Witnesses } from './reasons.ts';

/** What the policies of each world say of one pair of ends, whether or not the ends are there. */
interface Pair {
  readonly from: ConnectivityEnd;
  readonly to: ConnectivityEnd;
  readonly old: Openness;
  readonly new: Openness;
}

interface RangeRow {
  readonly range: AddressRange;
  readonly openness: Openness;
}

/** The rows of one workload with what is outside, in one direction, of each world. */
interface OutsideRows {
  readonly endsFor: (range: AddressRange) => Pick<Pair, 'from' | 'to'>;
  readonly old: RangeRow[];
  readonly new: RangeRow[];
}

type Which = 'old' | 'new';

const opennessOf = ({ ports, onlySomePods }: ConnectivityRow): Openness => ({ ports, onlySomePods });

const rangeOf = ({ from, to }: ConnectivityRow): AddressRange | undefined =>
  from.kind === 'external' ? from.range : to.kind === 'external' ? to.range : undefined;

function endsAround({ from, to }: ConnectivityRow): OutsideRows['endsFor'] {
  if (from.kind === 'external') return (range) => ({ from: { kind: 'external', range }, to });
  return (range) => ({ from, to: { kind: 'external', range } });
}

/** Rows of both worlds, brought together by their ends. */
class Pairing {
  readonly inside = new Map<string, Pair>();
  readonly outside = new Map<string, OutsideRows>();

  add(row: ConnectivityRow, which: Which): void {
    const range = rangeOf(row);
    if (range === undefined) this.addInside(row, which);
    else this.addOutside(row, range, which);
  }

  private addInside(row: ConnectivityRow, which: Which): void {
    const { from, to } = row;
    const key = `${describeEnd(from)} ${describeEnd(to)}`;
    const known = this.inside.get(key) ?? { from, to, old: CLOSED, new: CLOSED };
    this.inside.set(key, { ...known, [which]: opennessOf(row) });
  }

  private addOutside(row: ConnectivityRow, range: AddressRange, which: Which): void {
    const { from, to } = row;
    const key = from.kind === 'external' ? `> ${describeEnd(to)}` : `${describeEnd(from)} >`;
    const known = this.outside.get(key) ?? { endsFor: endsAround(row), old: [], new: [] };
    this.outside.set(key, known);
    known[which].push({ range, openness: opennessOf(row) });
  }
}

const compareBigint = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** Rows do not overlap and are sorted, so that the one that holds an address is the next that does not end before it. */
function finder(rows: readonly RangeRow[]): (address: bigint) => Openness {
  const sorted = rows.toSorted((a, b) => compareBigint(a.range.first, b.range.first));
  let next = 0;
  return (address) => {
    while ((sorted[next]?.range.last ?? address) < address) next += 1;
    const row = sorted[next];
    return row !== undefined && row.range.first <= address ? row.openness : CLOSED;
  };
}

/** What both worlds say of the addresses between two bounds. */
interface Piece {
  readonly range: AddressRange;
  readonly old: Openness;
  readonly new: Openness;
}

const isAlike = (a: Piece, b: Piece): boolean =>
  isNextTo(a.range, b.range) && isSameOpenness(a.old, b.old) && isSameOpenness(a.new, b.new);

/** Pieces side by side that are alike in both worlds are one. */
function joined(pieces: readonly Piece[]): readonly Piece[] {
  const kept: Piece[] = [];
  for (const piece of pieces) {
    const last = kept.at(-1);
    if (last === undefined || !isAlike(last, piece)) kept.push(piece);
    else kept[kept.length - 1] = { ...last, range: { ...last.range, last: piece.range.last } };
  }
  return kept;
}

/** Cuts the ranges of both worlds, of one family, at each other's bounds. */
function piecesOf(old: readonly RangeRow[], later: readonly RangeRow[]): readonly Piece[] {
  const bounds = new Set([...old, ...later].flatMap(({ range }) => [range.first, range.last + 1n]));
  const starts = [...bounds].sort(compareBigint);
  const family = (old[0] ?? later[0])?.range.family ?? 'IPv4';
  const [oldAt, newAt] = [finder(old), finder(later)];
  return starts.flatMap((first, index) => {
    const end = starts[index + 1];
    if (end === undefined) return [];
    return [{ range: { family, first, last: end - 1n }, old: oldAt(first), new: newAt(first) }];
  });
}

function overlaid({ endsFor, old, new: later }: OutsideRows): readonly Pair[] {
  const families = new Set([...old, ...later].map(({ range }) => range.family));
  return sortedText(families).flatMap((family) => {
    const own = (rows: readonly RangeRow[]) => rows.filter(({ range }) => range.family === family);
    const pieces = joined(piecesOf(own(old), own(later)));
    return pieces.map(({ range, ...said }) => ({ ...endsFor(range), ...said }));
  });
}

const isThere = (end: ConnectivityEnd, present: WorkloadNames): boolean =>
  end.kind === 'external' || present.has(describeEnd(end));

function changeOf(
  { from, to, ...said }: Pair,
  { worlds, witnesses }: Compared,
): ConnectionChange | undefined {
  const actual = (which: Which): Openness => {
    const { present } = worlds[which];
    return isThere(from, present) && isThere(to, present) ? said[which] : CLOSED;
  };
  const [before, after] = [actual('old'), actual('new')];
  if (isSameOpenness(before, after)) return undefined;
  const opened = openedBetween(before, after);
  // Pods may come and go with their workload unchanged: a replica, an address of another family.
  const isComparable = witnesses.old.hasPair({ from, to }) && witnesses.new.hasPair({ from, to });
  const byPolicy = (ports: PortSet, was: Openness, is: Openness): PortSet =>
    isComparable ? sharedPorts(ports, openedBetween(was, is)) : [];
  const closed = openedBetween(after, before);
  return {
    from,
    to,
    kind: before.ports.length === 0 ? 'added' : after.ports.length === 0 ? 'removed' : 'changed',
    before,
    after,
    opened,
    closed,
    openedByPolicy: byPolicy(opened, said.old, said.new),
    closedByPolicy: byPolicy(closed, said.new, said.old),
  };
}

/** The worlds that the lists are about, and who can tell whether two ends could meet in them. */
export interface Compared {
  readonly worlds: BothWorlds;
  readonly witnesses: Witnesses;
}

/** Every pair of ends that the two lists differ about, in no order. Both lists are about everybody of both worlds. */
export function rowChanges(
  rows: Readonly<Record<Which, readonly ConnectivityRow[]>>,
  compared: Compared,
): readonly ConnectionChange[] {
  const pairing = new Pairing();
  for (const row of rows.old) pairing.add(row, 'old');
  for (const row of rows.new) pairing.add(row, 'new');
  const pairs = [...pairing.inside.values(), ...[...pairing.outside.values()].flatMap(overlaid)];
  return pairs.map((pair) => changeOf(pair, compared)).filter((change) => change !== undefined);
}
