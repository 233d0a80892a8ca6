import type { PeerKey } from '#core/identity/peer.ts';
import { type Cell, type CellEdge, cellKey, cellsOf, pairKey } from '../cell.ts';
import type { PolicyProtocol } from '../world.ts';
import { cutsAround } from './port-intervals.ts';

const NO_CUTS: readonly number[] = [];

/** The cells in which training conversations were seen, by the questions that are asked of them. */
export class SeenCells {
  private readonly keys = new Set<string>();
  private readonly cuts = new Map<string, number[]>();
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

  /** Ports that stand apart in the pair, as cuts. */
  cutsOf(pair: string, protocol: PolicyProtocol): readonly number[] {
    return this.cuts.get(`${pair}|${protocol}`) ?? NO_CUTS;
  }

  /** Addresses outside that the place talked with, as CIDRs: `egress` when it was the client. */
  cidrsOf(place: PeerKey, direction: 'ingress' | 'egress'): readonly string[] {
    return [...(this.cidrs.get(`${direction} ${place}`) ?? [])];
  }

  /** Every port seen, as cuts. */
  allCuts(protocol: PolicyProtocol): readonly number[] {
    return [...this.cuts].flatMap(([key, cuts]) => (key.endsWith(`|${protocol}`) ? cuts : []));
  }

  private cut({ from, to, protocol, port }: Cell): void {
    const key = `${pairKey(from, to)}|${protocol}`;
    const known = this.cuts.get(key) ?? [];
    known.push(...cutsAround(port));
    this.cuts.set(key, known);
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
