import type { PeerKey } from '#core/identity/peer.ts';
import { type Cell, type CellEdge, cellKey, cellsOf } from '../cell.ts';
import type { PolicyProtocol } from '../world.ts';
import { type SideCuts, tidyCuts } from './cell-cuts.ts';
import { cutsAround } from './port-intervals.ts';

type PortCuts = SideCuts['of'];

/** The cells in which training conversations were seen, by the questions that are asked of them. */
export class SeenCells {
  private readonly keys = new Set<string>();
  private readonly cuts = new Map<PeerKey, Map<PeerKey, PortCuts>>();
  private readonly cidrs = new Map<string, Set<string>>();

  constructor(edges: readonly CellEdge[], alsoCutAt: readonly Cell[] = []) {
    for (const edge of edges) {
      for (const cell of cellsOf(edge)) {
        this.keys.add(cellKey(cell));
        this.cut(cell);
      }
    }
    for (const cell of alsoCutAt) this.cut(cell);
  }

  has(key: string): boolean {
    return this.keys.has(key);
  }

  /** Ports that stand apart in the pair, as cuts; undefined when none does. */
  cutsOf(from: PeerKey, to: PeerKey): SideCuts['of'] | undefined {
    return this.cuts.get(from)?.get(to);
  }

  /** Every pair in which some port stands apart. */
  pairs(): readonly (readonly [from: PeerKey, to: PeerKey, cuts: SideCuts['of']])[] {
    return [...this.cuts].flatMap(([from, row]) => [...row].map(([to, cuts]) => [from, to, cuts] as const));
  }

  /** Addresses outside that the place talked with, as CIDRs: `egress` when it was the client. */
  cidrsOf(place: PeerKey, direction: 'ingress' | 'egress'): readonly string[] {
    return [...(this.cidrs.get(`${direction} ${place}`) ?? [])];
  }

  /** Every port seen, as cuts. */
  allCuts(protocol: PolicyProtocol): readonly number[] {
    return [...new Set(this.pairs().flatMap(([, , cuts]) => cuts[protocol]))];
  }

  private cut({ from, to, protocol, port }: Cell): void {
    const row = this.cuts.get(from) ?? new Map<PeerKey, PortCuts>();
    this.cuts.set(from, row);
    const known = row.get(to) ?? { SCTP: [], TCP: [], UDP: [] };
    row.set(to, { ...known, [protocol]: tidyCuts([...known[protocol], ...cutsAround(port)]) });
    this.meet(`egress ${from}`, to);
    this.meet(`ingress ${to}`, from);
  }

  private meet(key: string, other: PeerKey): void {
    if (!other.startsWith('cidr:')) return;
    const known = this.cidrs.get(key) ?? new Set<string>();
    known.add(other.slice('cidr:'.length));
    this.cidrs.set(key, known);
  }
}
