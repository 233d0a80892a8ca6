import type { CellSample, PortInterval } from '../certificate.ts';
import { CutBook, mergedCuts } from './cell-cuts.ts';
import { type AdmittedPorts, CellJudge, type CellQuestion, EvaluatorsDisagree } from './cell-judge.ts';
import { Lots, shareAt } from './cell-sample.ts';
import { countingCells } from './count-cells.ts';
import { type CourtEngine, seating } from './court-engine.ts';
import { intervalsOf, POLICY_PROTOCOLS } from './port-intervals.ts';
import type { SeenCells } from './seen-cells.ts';
import { OutsideSides, type Seat, type Side, seatOf } from './sides.ts';
import { type Court, type StandIn, standingIn } from './stand-ins.ts';
import { mapping } from './steps.ts';

export type { AdmittedPorts } from './cell-judge.ts';

/** How far the judge has come; `total` is known from the start. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

export interface CellJudgement {
  readonly admitted: readonly AdmittedPorts[];
  /** Questions put to the judge. */
  readonly cellsJudged: number;
  /** Cells there are. */
  readonly cells: number;
  /** Undefined where the judge was asked about every cell. */
  readonly sample: CellSample | undefined;
  readonly standIns: readonly StandIn[];
}

/** How the judge is asked. */
export interface Thoroughness {
  /** With up to so many cells in the universe, the judge is asked about each. */
  readonly everyCellUpTo: number;
  /** Otherwise about each that is admitted, and so many that are not. */
  readonly sample: number;
  /** Hexadecimal digits from which the sample follows. */
  readonly seed: string;
}

/** Some seconds of the judge's time. */
export const EVERY_CELL_UP_TO = 250_000;
/** If one cell in a thousand were wrong, a sample of this size would miss it once in half a billion runs. */
export const SAMPLE_SIZE = 20_000;

/** Draws until one is denied, or this often; few pairs admit most of their cells. */
const MOST_DRAWS = 8;

const isInside = (ports: PortInterval, runs: readonly PortInterval[]): boolean =>
  runs.some((run) => run.protocol === ports.protocol && run.from <= ports.from && ports.to <= run.to);

const doesTouch = (ports: PortInterval, runs: readonly PortInterval[]): boolean =>
  runs.some((run) => run.protocol === ports.protocol && run.from <= ports.to && ports.from <= run.to);

const expectedOf = (ports: PortInterval, runs: readonly PortInterval[]): CellQuestion['expected'] =>
  isInside(ports, runs) ? 'admitted' : 'denied';

/** The judging of all cells, seat by seat. */
class Session {
  readonly admitted: AdmittedPorts[] = [];
  readonly judge: CellJudge;
  sampled = 0;
  private readonly seats: readonly Seat[];
  private readonly outside: OutsideSides;
  private readonly engine: CourtEngine;
  private readonly seen: SeenCells;
  private readonly asksAll: boolean;

  constructor(parts: {
    readonly court: Court;
    readonly seen: SeenCells;
    readonly seats: readonly Seat[];
    readonly outside: OutsideSides;
    readonly engine: CourtEngine;
    readonly asksAll: boolean;
  }) {
    const { court, seen, seats, outside, engine, asksAll } = parts;
    this.judge = new CellJudge(court);
    this.engine = engine;
    this.seen = seen;
    this.seats = seats;
    this.outside = outside;
    this.asksAll = asksAll;
  }

  /** Judges one seat as a client of every other, and both ways with everything outside. */
  judgeSeat(seat: Seat): void {
    for (const other of this.asksAll ? this.seats : this.engine.reachableFrom(seat)) {
      if (!seat.standIn.inScope && !other.standIn.inScope) continue;
      this.judgePair(seat.client, other === seat ? other.twin : other.server);
    }
    if (!seat.standIn.inScope) return;
    for (const side of this.outside.of(seat.standIn, 'egress')) this.judgePair(seat.client, side);
    for (const side of this.outside.of(seat.standIn, 'ingress')) this.judgePair(side, seat.server);
  }

  private judgePair(from: Side, to: Side): void {
    const runs = this.engine.portsBetween(from, to);
    if (runs.length === 0 && !this.asksAll) return;
    for (const ports of this.intervalsOf(from, to)) {
      const question: CellQuestion = { from, to, ports, expected: expectedOf(ports, runs) };
      // Within an interval no policy changes its word, so that the engine may not either.
      if (question.expected === 'denied' && doesTouch(ports, runs)) throw new EvaluatorsDisagree(question);
      if (question.expected === 'admitted' || this.asksAll) this.put(question);
    }
  }

  private put(question: CellQuestion): void {
    const found = this.judge.judge(question);
    if (found !== undefined) this.admitted.push(found);
  }

  private intervalsOf(from: Side, to: Side): readonly PortInterval[] {
    const seen = this.seen.cutsOf(from.place, to.place);
    return POLICY_PROTOCOLS.flatMap((protocol) => {
      const cuts = mergedCuts(from.cuts.of[protocol], to.cuts.of[protocol], seen?.[protocol] ?? []);
      return intervalsOf(protocol, cuts);
    });
  }

  /** Puts cells that the engine denies, drawn at random among those of one seat, to the judge. */
  sample(seat: Seat, count: number, lots: Lots): void {
    for (let index = 0; index < count; index += 1) {
      const drawn = this.drawDenied(seat, lots);
      if (drawn === undefined) continue;
      this.judge.judge({ ...drawn, expected: 'denied' });
      this.sampled += 1;
    }
  }

  private drawDenied(seat: Seat, lots: Lots) {
    for (let draw = 0; draw < MOST_DRAWS; draw += 1) {
      const [from, to] = this.drawPair(seat, lots);
      const ports = lots.oneOf(this.intervalsOf(from, to));
      if (ports === undefined || isInside(ports, this.engine.portsBetween(from, to))) continue;
      return { from, to, ports };
    }
    return undefined;
  }

  private drawPair(seat: Seat, lots: Lots): readonly [from: Side, to: Side] {
    const clients = this.outside.of(seat.standIn, 'ingress');
    const servers = this.outside.of(seat.standIn, 'egress');
    const at = lots.below(this.seats.length + servers.length + clients.length);
    const other = this.seats[at];
    if (other !== undefined && lots.below(2) === 0)
      return [other.client, other === seat ? seat.twin : seat.server];
    if (other !== undefined) return [seat.client, other === seat ? other.twin : other.server];
    const server = servers[at - this.seats.length];
    if (server !== undefined) return [seat.client, server];
    return [clients[at - this.seats.length - servers.length] ?? seat.client, seat.server];
  }
}

/**
 * Judges every cell of the universe: pods of the scope with all pods seen, both ways, and with everything outside, over
 * each protocol and each interval of ports within which no policy changes its word. In a small universe the literal
 * evaluator is asked about each cell. In a larger one the fast engine is, and the literal evaluator about all that the
 * engine admits and a sample of what it denies; where the two differ, {@link EvaluatorsDisagree} is thrown. Grows with
 * what is admitted, and with the square of the seats by one bit each.
 */
export function* judgeCells(
  court: Court,
  seen: SeenCells,
  thoroughness: Thoroughness,
): Generator<Progress | undefined, CellJudgement> {
  const total = court.certified.pods.length;
  const standIns = yield* silently(standingIn(court));
  const book = new CutBook();
  const seats = yield* mapping(standIns, (standIn) => seatOf(standIn, book));
  const outside = new OutsideSides(seen);
  const cells = yield* silently(countingCells(seats, outside, seen));
  const asksAll = cells <= thoroughness.everyCellUpTo;
  const engine = yield* seating(court, seats);
  const session = new Session({ court, seen, seats, outside, engine, asksAll });
  const inScope = seats.filter(({ standIn }) => standIn.inScope);
  const lots = new Lots(thoroughness.seed);
  for (const [index, seat] of seats.entries()) {
    yield { done: Math.floor((index * total) / seats.length), total };
    session.judgeSeat(seat);
  }
  for (const [index, seat] of asksAll ? [] : inScope.entries()) {
    yield;
    session.sample(seat, shareAt(thoroughness.sample, index, inScope.length), lots);
  }
  yield { done: total, total };
  const { admitted, judge, sampled } = session;
  const sample = asksAll ? undefined : { cells: sampled, seed: thoroughness.seed };
  return { admitted, cellsJudged: judge.asked, cells, sample, standIns };
}

/** The steps of what comes before the judging, which is no progress yet. */
function* silently<T>(steps: Generator<unknown, T>): Generator<undefined, T> {
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    yield;
  }
}
