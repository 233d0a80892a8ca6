import type { PortInterval } from '../certificate.ts';
import { creatingEngine, type FastEngine } from '../fast/fast-engine.ts';
import type { Endpoint } from '../world.ts';
import type { Seat, Side } from './sides.ts';
import { type Court, worldWith } from './stand-ins.ts';

type ClassId = number;
type Free = readonly ('ingress' | 'egress')[];

const BOTH_OPEN: Free = ['egress', 'ingress'];
const NONE_OPEN: Free = [];

/** Builds the engine of a court, in steps. */
export function* seating(court: Court, seats: readonly Seat[]): Generator<undefined, CourtEngine> {
  const pods = seats.map(({ standIn }) => standIn.pod);
  const world = { ...worldWith(court, court.policies), pods };
  return new CourtEngine(yield* creatingEngine(world, court.profile), seats);
}

/** The fast engine over the seats of a court. It names what may be admitted; the literal evaluator has the last word. */
export class CourtEngine {
  private readonly engine: FastEngine;
  private readonly ids = new Map<Endpoint, ClassId>();
  private readonly byClass = new Map<ClassId, Seat[]>();
  private readonly foreign: readonly Seat[];
  private readonly seats: readonly Seat[];

  /** Of an engine in whose world the pods of the seats are; see {@link seating}. */
  constructor(engine: FastEngine, seats: readonly Seat[]) {
    this.engine = engine;
    this.seats = seats;
    this.foreign = seats.filter(({ standIn }) => standIn.isForeign);
    for (const seat of seats) this.seat(seat);
  }

  private seat(seat: Seat): void {
    const id = this.idOf(seat.client.endpoint);
    this.ids.set(seat.twin.endpoint, id);
    const there = this.byClass.get(id) ?? [];
    this.byClass.set(id, there);
    there.push(seat);
  }

  /** All ports that policies open between two sides, as whole runs. */
  portsBetween(from: Side, to: Side): readonly PortInterval[] {
    const free = from.isForeign
      ? to.isForeign
        ? BOTH_OPEN
        : ONLY_EGRESS
      : to.isForeign
        ? ONLY_INGRESS
        : NONE_OPEN;
    return this.engine.admittedPorts({ from: this.idOf(from.endpoint), to: this.idOf(to.endpoint), free });
  }

  /** Every seat that policies may let the client reach, and some that they do not. */
  reachableFrom({ client, standIn }: Seat): Iterable<Seat> {
    if (standIn.isForeign) return this.seats;
    const ids = this.engine.reachableFrom(this.idOf(client.endpoint));
    const reachable = ids.flatMap((id) => this.byClass.get(id) ?? []);
    return this.foreign.length === 0 ? reachable : new Set([...reachable, ...this.foreign]);
  }

  private idOf(endpoint: Endpoint): ClassId {
    const known = this.ids.get(endpoint) ?? this.engine.classOf(endpoint);
    if (known === undefined) throw new Error('a side of the court is not in its engine');
    this.ids.set(endpoint, known);
    return known;
  }
}

const ONLY_EGRESS: Free = ['egress'];
const ONLY_INGRESS: Free = ['ingress'];
