import type { EpochMs } from '#core/flow/time.ts';
import { Random } from '#core/simulation/random.ts';
import { Schedule } from '#core/simulation/schedule.ts';
import type { FaultPlan } from './fault-plan.ts';
import { type FaultWindow, FaultWindows } from './fault-windows.ts';
import {
  lostRecord,
  type NodeState,
  type ServedRecord,
  statusRecord,
  withTimesShifted,
} from './served-record.ts';

/** What the faults did so far, so that whoever compares can account for every flow. */
export interface FaultTally {
  /** Flows that were lost and told of as lost. */
  readonly lost: number;
  /** Flows that came twice. */
  readonly duplicated: number;
  /** Flows that came after later ones. */
  readonly reordered: number;
  /** Flows of unavailable nodes, which nobody tells of. */
  readonly untold: number;
}

/** A record and when it reaches the server. */
export interface Arrival {
  readonly dueAt: EpochMs;
  readonly record: ServedRecord;
}

/** Streams of the seed, away from those of the simulation. */
const STREAM = { lose: 101, duplicate: 102, reorder: 103, slow: 104, stall: 105, gone: 106 } as const;

/** Lost flows of a node that one message tells of, and how long it waits for more. */
const LOST_AT_ONCE = 50;
const LOST_AFTER_MS = 1000;
const MAX_HELD_MS = 2000;

interface Loss {
  count: number;
  since: EpochMs;
}

/**
 * Takes records in order of time and gives them back as they arrive under a plan of faults. Pure: the seed decides,
 * and each fault draws from a stream of its own, so that one does not shift another. Holds what is late, at most what
 * a node reports while it is stalled or slow.
 */
export class FaultLine {
  readonly #plan: FaultPlan;
  readonly #random: Readonly<Record<'lose' | 'duplicate' | 'reorder', Random>>;
  readonly #due = new Schedule<ServedRecord>();
  readonly #losses = new Map<string, Loss>();
  readonly #stalls: FaultWindows | undefined;
  readonly #absences: FaultWindows | undefined;
  readonly #slowNode: string | undefined;
  #absence: FaultWindow | undefined;
  #now: EpochMs = Number.NEGATIVE_INFINITY;
  #lost = 0;
  #duplicated = 0;
  #reordered = 0;
  #untold = 0;

  constructor(plan: FaultPlan, seed: number, nodes: readonly string[]) {
    this.#plan = plan;
    this.#random = {
      lose: new Random(seed, STREAM.lose),
      duplicate: new Random(seed, STREAM.duplicate),
      reorder: new Random(seed, STREAM.reorder),
    };
    const { slow, stallMs, goneMs } = plan;
    const windows = (lastsMs: number | undefined, stream: number) =>
      lastsMs === undefined || nodes.length === 0
        ? undefined
        : new FaultWindows({ lastsMs, nodes, random: new Random(seed, stream) });
    this.#stalls = windows(stallMs, STREAM.stall);
    this.#absences = windows(goneMs, STREAM.gone);
    const chosen = nodes.length === 0 ? undefined : new Random(seed, STREAM.slow).pick(nodes);
    this.#slowNode = slow && (slow.node ?? chosen);
  }

  tally(): FaultTally {
    return {
      lost: this.#lost,
      duplicated: this.#duplicated,
      reordered: this.#reordered,
      untold: this.#untold,
    };
  }

  /** Takes the next record. */
  push(record: ServedRecord): void {
    this.#now = record.at;
    this.#tellAbsence(this.#absences?.at(record.at));
    this.#tellLosses(record.at, LOST_AFTER_MS);
    if (record.kind !== 'flow') {
      this.#schedule(record.at, record);
      return;
    }
    if (record.node === this.#absence?.node) {
      this.#untold += 1;
      return;
    }
    if (this.#random.lose.chance(this.#plan.loseShare ?? 0)) {
      this.#lose(record);
      return;
    }
    this.#deliver(record);
  }

  /** The arrivals up to and including that instant, in their order. */
  *due(until: EpochMs): Generator<Arrival, void, undefined> {
    for (let next = this.#due.take(); next !== undefined; next = this.#due.take()) {
      if (next.at > until) {
        this.#due.add(next.at, next.item);
        return;
      }
      yield { dueAt: next.at, record: next.item };
    }
  }

  /** Everything that is still held, once nothing more comes. */
  *rest(): Generator<Arrival, void, undefined> {
    this.#tellLosses(Number.POSITIVE_INFINITY, 0);
    this.#tellAbsence(undefined);
    yield* this.due(Number.POSITIVE_INFINITY);
  }

  #deliver(record: ServedRecord): void {
    const stall = this.#stalls?.at(record.at);
    let dueAt = stall?.node === record.node ? stall.until : record.at;
    if (this.#plan.slow !== undefined && isNode(record.node, this.#slowNode)) dueAt += this.#plan.slow.byMs;
    if (this.#random.reorder.chance(this.#plan.reorderShare ?? 0)) {
      dueAt += this.#random.reorder.between(200, MAX_HELD_MS);
      this.#reordered += 1;
    }
    this.#schedule(dueAt, record);
    if (this.#random.duplicate.chance(this.#plan.duplicateShare ?? 0)) {
      this.#duplicated += 1;
      this.#schedule(dueAt + this.#random.duplicate.between(0, MAX_HELD_MS), record);
    }
  }

  /** What is told of a time that has passed arrives now. */
  #schedule(at: EpochMs, record: ServedRecord): void {
    const { skewMs } = this.#plan;
    const dueAt = Math.max(at, this.#now);
    this.#due.add(
      dueAt,
      skewMs === undefined ? record : { ...record, record: withTimesShifted(record.record, skewMs) },
    );
  }

  #lose(record: ServedRecord): void {
    this.#lost += 1;
    const loss = this.#losses.get(record.node) ?? { count: 0, since: record.at };
    this.#losses.set(record.node, loss);
    loss.count += 1;
    if (loss.count >= LOST_AT_ONCE) this.#tellLoss(record.node, loss, record.at);
  }

  #tellLosses(now: EpochMs, afterMs: number): void {
    for (const [node, loss] of this.#losses) {
      if (now - loss.since >= afterMs) this.#tellLoss(node, loss, Math.min(now, loss.since + afterMs));
    }
  }

  #tellLoss(node: string, { count }: Loss, at: EpochMs): void {
    this.#losses.delete(node);
    this.#schedule(at, lostRecord({ at, node }, count));
  }

  #tellAbsence(window: FaultWindow | undefined): void {
    const before = this.#absence;
    if (before === window) return;
    this.#absence = window;
    if (before !== undefined) this.#tellState('NODE_CONNECTED', before.node, before.until);
    if (window !== undefined) this.#tellState('NODE_UNAVAILABLE', window.node, window.from);
  }

  #tellState(state: NodeState, node: string, at: EpochMs): void {
    this.#schedule(at, statusRecord({ at, node }, { state, nodes: [node] }));
  }
}

/** A node may be named without its cluster. */
const isNode = (name: string, wanted: string | undefined): boolean =>
  wanted !== undefined && (name === wanted || name.slice(name.indexOf('/') + 1) === wanted);
