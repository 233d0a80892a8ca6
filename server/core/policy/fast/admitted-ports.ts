import type { PortInterval } from '../certificate.ts';
import { type Bits, EVERYBODY, eachBit, hasBit, unionOf } from './bits.ts';
import type { Direction } from './compile-policy.ts';
import type { ClassId } from './end-class.ts';
import { type EngineState, rowsOf } from './engine-state.ts';
import { intervalsOfSpans, type PortSpan } from './port-axis.ts';
import { NO_PAIR, OPEN_PAIR, peersAt, type Row, type RowPair } from './rows.ts';

/** Two classes of which policies may be asked; the sides in `free` have none, whatever selects them. */
export interface ClassPair {
  readonly from: ClassId;
  readonly to: ClassId;
  readonly free?: readonly Direction[];
}

const NOTHING: readonly PortInterval[] = [];
/** Rows are values, so that what they let through on any port has to be found out once. */
const unions = new WeakMap<RowPair, Bits>();

function anyPeers(rows: RowPair): Bits {
  const known = unions.get(rows);
  if (known !== undefined) return known;
  const union = unionOf([...rows.IPv4.peers, ...(rows.IPv6 === rows.IPv4 ? [] : rows.IPv6.peers)]);
  unions.set(rows, union);
  return union;
}

function rowsFor(state: EngineState, direction: Direction, [id, free = []]: [ClassId, ClassPair['free']?]) {
  if (state.partition.classes[id] === undefined) return NO_PAIR;
  return free.includes(direction) ? OPEN_PAIR : rowsOf(state, direction, id);
}

/** All ports from 1 on that policies open between two classes, as whole runs in order of protocol and port. */
export function admittedPorts(state: EngineState, { from, to, free }: ClassPair): readonly PortInterval[] {
  const egress = rowsFor(state, 'egress', [from, free]);
  if (!hasBit(anyPeers(egress), to)) return NOTHING;
  const ingress = rowsFor(state, 'ingress', [to, free]);
  if (!hasBit(anyPeers(ingress), from)) return NOTHING;
  const spans = metSpans([egress.IPv4, to], [ingress.IPv4, from]);
  const isAlike = egress.IPv4 === egress.IPv6 && ingress.IPv4 === ingress.IPv6;
  const others = isAlike ? [] : metSpans([egress.IPv6, to], [ingress.IPv6, from]);
  return intervalsOfSpans([...spans, ...others]);
}

type Seen = readonly [row: Row, peer: ClassId];

/** The spans of port codes on which both rows let the other end through. */
function metSpans([out, to]: Seen, [into, from]: Seen): readonly PortSpan[] {
  const starts = [...new Set([...out.starts, ...into.starts])].sort((a, b) => a - b);
  return starts.flatMap((first, index) => {
    const isOpen = hasBit(peersAt(out, first), to) && hasBit(peersAt(into, first), from);
    return isOpen ? [{ first, last: (starts[index + 1] ?? Number.POSITIVE_INFINITY) - 1 }] : [];
  });
}

/** The classes of pods that a class may reach on some port, in order; some of them perhaps on none in common. */
export function reachableFrom(state: EngineState, from: ClassId): readonly ClassId[] {
  const peers = anyPeers(rowsFor(state, 'egress', [from]));
  const reachable: ClassId[] = [];
  const visit = (to: ClassId): void => {
    if (hasBit(anyPeers(rowsFor(state, 'ingress', [to])), from)) reachable.push(to);
  };
  eachBit(peers === EVERYBODY ? state.population.index.pods() : peers, (to) => {
    if (state.partition.classes[to]?.kind === 'pods') visit(to);
  });
  return reachable;
}
