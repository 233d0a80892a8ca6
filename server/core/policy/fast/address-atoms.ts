import {
  type AddressBlock,
  type AddressSpan,
  AFTER_IPV6,
  AFTER_MAPPED,
  addressAt,
  after,
  FIRST_IPV4,
  FIRST_IPV6,
  FIRST_MAPPED,
  familyAt,
  type Position,
} from './address-axis.ts';

/** Both families cut into atoms: within one, each block holds all addresses or none. */
export interface AddressAtoms {
  /** Where the segments start, ascending; a segment ends where the next one starts. */
  readonly starts: readonly Position[];
  /** The atom each segment belongs to, or -1 where there are no addresses. */
  readonly atomOf: readonly number[];
  /** The spans of each atom, ascending. */
  readonly spans: readonly (readonly AddressSpan[])[];
}

interface Turn {
  readonly at: Position;
  readonly block: number;
  readonly opens: boolean;
}

/** Sorted by place; where one span ends and the next begins, the end comes first. */
function turnsOf(blocks: readonly AddressBlock[]): readonly Turn[] {
  const turns = blocks.flatMap(({ spans }, block) =>
    spans.flatMap(({ first, last }) => [
      { at: first, block, opens: true },
      { at: after(last), block, opens: false },
    ]),
  );
  return turns.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : Number(a.opens) - Number(b.opens)));
}

const EDGES: readonly Position[] = [FIRST_IPV4, FIRST_IPV6, FIRST_MAPPED, AFTER_MAPPED];

function startsOf(turns: readonly Turn[]): readonly Position[] {
  const sorted = [...EDGES, ...turns.map(({ at }) => at)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted.filter((at, index) => at !== sorted[index - 1] && at < AFTER_IPV6);
}

/** Cuts the addresses by these blocks. */
export function atomsOf(blocks: readonly AddressBlock[]): AddressAtoms {
  const turns = turnsOf(blocks);
  const starts = startsOf(turns);
  const atomOf: number[] = [];
  const spans: AddressSpan[][] = [];
  const known = new Map<string, number>();
  const open = new Set<number>();
  let turn = 0;
  for (let index = 0; index < starts.length; index += 1) {
    const start = starts[index] ?? FIRST_IPV4;
    for (let next = turns[turn]; next !== undefined && next.at <= start; next = turns[turn]) {
      if (next.opens) open.add(next.block);
      else open.delete(next.block);
      turn += 1;
    }
    atomOf.push(isVoid(start) ? -1 : atomFor(start, open));
    spans[atomOf[index] ?? -1]?.push({ first: start, last: endOf(starts, index) });
  }
  return { starts, atomOf, spans };

  function atomFor(start: Position, held: ReadonlySet<number>): number {
    const signature = `${familyAt(start)} ${[...held].sort((a, b) => a - b).join()}`;
    const atom = known.get(signature) ?? spans.push([]) - 1;
    known.set(signature, atom);
    return atom;
  }
}

/** IPv6 has a corner in which IPv4 addresses are written; whoever has one there is an IPv4 end. */
const isVoid = (start: Position): boolean => start >= FIRST_MAPPED && start < AFTER_MAPPED;

function endOf(starts: readonly Position[], index: number): Position {
  const next = starts[index + 1] ?? AFTER_IPV6;
  if (next === FIRST_IPV6) return -1;
  return typeof next === 'bigint' ? next - 1n : next - 1;
}

/** The atom an address lies in. */
export function atomAt({ starts, atomOf }: AddressAtoms, position: Position): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((starts[middle] ?? FIRST_IPV4) <= position) low = middle;
    else high = middle - 1;
  }
  return atomOf[low] ?? -1;
}

/** `192.0.2.1` or `192.0.2.0-192.0.2.127`. */
export const describeSpan = ({ first, last }: AddressSpan): string =>
  first === last ? addressAt(first) : `${addressAt(first)}-${addressAt(last)}`;
