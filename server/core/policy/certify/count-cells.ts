import type { PeerKey } from '#core/identity/peer.ts';
import { cellsBetween, cellsWith, NO_CUTS, type SideCuts } from './cell-cuts.ts';
import type { SeenCells } from './seen-cells.ts';
import type { OutsideSides, Seat } from './sides.ts';

/** Sides by their cuts: how many there are, and how many of them out of scope. */
class CutCounts {
  readonly byId = new Map<number, { readonly cuts: SideCuts; all: number; outside: number }>();

  add(cuts: SideCuts, inScope: boolean): void {
    const known = this.byId.get(cuts.id) ?? { cuts, all: 0, outside: 0 };
    known.all += 1;
    if (!inScope) known.outside += 1;
    this.byId.set(cuts.id, known);
  }
}

/** Seats counted in one step. */
const SEATS_A_STEP = 200;

/**
 * The cells of the universe, without visiting them: pairs of pods of which one is in scope, and pods of the scope with
 * everything outside. Yields now and then; grows with seats, and with the square of the different cuts they have.
 */
export function* countingCells(
  seats: readonly Seat[],
  outside: OutsideSides,
  seen: SeenCells,
): Generator<undefined, number> {
  const [clients, servers] = [new CutCounts(), new CutCounts()];
  let cells = 0;
  for (const [index, { standIn, client, server }] of seats.entries()) {
    if (index % SEATS_A_STEP === 0) yield;
    clients.add(client.cuts, standIn.inScope);
    servers.add(server.cuts, standIn.inScope);
    if (!standIn.inScope) continue;
    cells += cellsBetween(client.cuts, NO_CUTS) * outside.of(standIn, 'egress').length;
    cells += cellsBetween(server.cuts, NO_CUTS) * outside.of(standIn, 'ingress').length;
  }
  for (const from of clients.byId.values()) {
    yield;
    for (const to of servers.byId.values()) {
      const pairs = from.all * to.all - from.outside * to.outside;
      cells += pairs * cellsBetween(from.cuts, to.cuts);
    }
  }
  return cells + setApart(new Places(seats, outside), seen);
}

/** The sides that stand at a place: pods, or what is outside. */
class Places {
  private readonly seats = new Map<PeerKey, Seat[]>();
  private readonly outside: OutsideSides;

  constructor(seats: readonly Seat[], outside: OutsideSides) {
    this.outside = outside;
    for (const seat of seats) {
      const there = this.seats.get(seat.standIn.place) ?? [];
      this.seats.set(seat.standIn.place, there);
      there.push(seat);
    }
  }

  /** The cuts of every pair of sides at two places. */
  pairs(from: PeerKey, to: PeerKey): readonly (readonly [SideCuts, SideCuts])[] {
    const [clients, servers] = [this.seats.get(from) ?? [], this.seats.get(to) ?? []];
    if (servers.length === 0) {
      return clients
        .filter((seat) => this.hasOutside(seat, to, 'egress'))
        .map(({ client }) => [client.cuts, NO_CUTS]);
    }
    if (clients.length === 0) {
      return servers
        .filter((seat) => this.hasOutside(seat, from, 'ingress'))
        .map(({ server }) => [NO_CUTS, server.cuts]);
    }
    return clients.flatMap(({ standIn, client }) =>
      servers
        .filter((other) => standIn.inScope || other.standIn.inScope)
        .map(({ server }): readonly [SideCuts, SideCuts] => [client.cuts, server.cuts]),
    );
  }

  private hasOutside({ standIn }: Seat, place: PeerKey, direction: 'ingress' | 'egress'): boolean {
    return standIn.inScope && this.outside.of(standIn, direction).some((side) => side.place === place);
  }
}

/** What is added where single ports of a pair stand apart. */
function setApart(places: Places, seen: SeenCells): number {
  let added = 0;
  for (const [from, to, cuts] of seen.pairs()) {
    for (const [a, b] of places.pairs(from, to)) added += cellsWith(a, b, cuts) - cellsBetween(a, b);
  }
  return added;
}
