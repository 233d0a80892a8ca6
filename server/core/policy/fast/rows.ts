import { type Bits, doIntersect, EVERYBODY, hasBit, intersectionOf, NOBODY, unionsOf } from './bits.ts';
import type { ClassIndex } from './class-index.ts';
import type { Clause, Direction, Grant } from './compile-policy.ts';
import type { EndFacts, Sight } from './end-facts.ts';
import { type PortSpan, pointSpan } from './port-axis.ts';
import { setsOf, type Terms } from './term-sets.ts';

/** What one direction of one subject lets through: which peers, from each start of a span of port codes on. */
export interface Row {
  /** Ascending, the first is 0. */
  readonly starts: readonly number[];
  readonly peers: readonly Bits[];
}

/** A direction in which no policy selects the subject. */
export const OPEN_ROW: Row = { starts: [0], peers: [EVERYBODY] };

/** The row of an id that is no class. */
export const NO_ROW: Row = { starts: [0], peers: [NOBODY] };

/** The peers that a row lets through on a port. */
export function peersAt({ starts, peers }: Row, code: number): Bits {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((starts[middle] ?? 0) <= code) low = middle;
    else high = middle - 1;
  }
  return peers[low] ?? NOBODY;
}

/** What a row is made from. */
export interface RowSource {
  readonly terms: Terms;
  readonly index: ClassIndex;
  readonly direction: Direction;
  readonly subject: EndFacts;
  readonly sight: Sight;
}

interface Piece extends PortSpan {
  readonly peers: Bits;
}

/** The union of what the clauses that select a subject let through; none selects it: everything. */
export function rowOf(clauses: readonly Clause[], source: RowSource): Row {
  if (clauses.length === 0) return OPEN_ROW;
  const pieces = clauses.flatMap(({ grants }) => grants.flatMap((grant) => piecesOf(grant, source)));
  return pieces.length === 0 ? NO_ROW : swept(pieces);
}

function piecesOf({ peer, ports }: Grant, source: RowSource): readonly Piece[] {
  const peers = setsOf(source.terms, peer)[source.sight];
  const spans = ports.spans.map(({ first, last }) => ({ first, last, peers }));
  if (ports.names.length === 0) return spans;
  const named =
    source.direction === 'ingress'
      ? ownPorts(ports.names, peers, source)
      : peerPorts(ports.names, peers, source);
  return [...spans, ...named];
}

type Names = Grant['ports']['names'];

/** For ingress a name stands for a port of the subject. */
const ownPorts = (names: Names, peers: Bits, { subject }: RowSource): readonly Piece[] =>
  names.flatMap(({ name, protocol }) =>
    subject.namedPorts
      .filter((named) => named.name === name && named.protocol === protocol)
      .map(({ port }) => ({ ...pointSpan(protocol, port), peers })),
  );

/** For egress it stands for a port of each peer, which need not be the same number. */
const peerPorts = (names: Names, peers: Bits, { index }: RowSource): readonly Piece[] =>
  names.flatMap((name) =>
    [...index.named(name)]
      .filter(([, carriers]) => doIntersect(peers, carriers))
      .map(([port, carriers]) => ({
        ...pointSpan(name.protocol, port),
        peers: intersectionOf(peers, carriers),
      })),
  );

/** Cuts the ports where a piece begins or ends, and joins what the pieces over each part let through. */
function swept(pieces: readonly Piece[]): Row {
  const cuts = new Set([0]);
  for (const { first, last } of pieces) cuts.add(first).add(last + 1);
  const groups = new Map<string, readonly Bits[]>();
  const parts = [...cuts]
    .sort((a, b) => a - b)
    .map((start) => {
      const over = pieces.flatMap((piece, at) => (isOver(piece, start) ? [at] : []));
      const key = over.join();
      if (!groups.has(key))
        groups.set(
          key,
          over.map((at) => pieces[at]?.peers ?? NOBODY),
        );
      return { start, key };
    });
  const joined = unionsOf(groups);
  const kept = parts.filter(
    ({ key }, at) => at === 0 || joined.get(key) !== joined.get(parts[at - 1]?.key ?? ''),
  );
  return {
    starts: kept.map(({ start }) => start),
    peers: kept.map(({ key }) => joined.get(key) ?? NOBODY),
  };
}

const isOver = (piece: Piece, start: number): boolean => piece.first <= start && start <= piece.last;

/** A direction of one class, by the family a connection is made in; mostly the same row twice. */
export interface RowPair {
  readonly IPv4: Row;
  readonly IPv6: Row;
}

export const OPEN_PAIR: RowPair = { IPv4: OPEN_ROW, IPv6: OPEN_ROW };
export const NO_PAIR: RowPair = { IPv4: NO_ROW, IPv6: NO_ROW };

/** True when egress of one class and ingress of another let each other through on a port. */
export function doMeet(ends: Meet, code: number): boolean {
  const { egress, ingress, from, to } = ends;
  const isOpen = (family: keyof RowPair): boolean =>
    hasBit(peersAt(egress[family], code), to) && hasBit(peersAt(ingress[family], code), from);
  if (isOpen('IPv4')) return true;
  return (egress.IPv4 !== egress.IPv6 || ingress.IPv4 !== ingress.IPv6) && isOpen('IPv6');
}

/** Two classes, each with its own row. */
export interface Meet {
  readonly from: number;
  readonly egress: RowPair;
  readonly to: number;
  readonly ingress: RowPair;
}
