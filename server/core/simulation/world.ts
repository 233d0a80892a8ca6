import type { Protocol } from '#core/flow/flow.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { SimCluster } from './cluster.ts';
import type { Observation } from './observation.ts';
import type { Random } from './random.ts';
import { Schedule } from './schedule.ts';
import type { Site } from './site.ts';
import type { Outcome, PhaseName, TrueConversation, TruthBook } from './truth.ts';

/** One of the story's parts, from its first millisecond up to the next part's. */
export interface Phase {
  readonly name: PhaseName;
  readonly from: EpochMs;
  /** Infinity for the last. */
  readonly until: EpochMs;
}

export const SECOND_NS = 1_000_000_000;
export const MINUTE_NS = 60 * SECOND_NS;

/** Something that happens at its time and may plan more. */
type Task = () => void;

interface WorldFacts {
  readonly cluster: SimCluster;
  readonly phases: readonly Phase[];
  readonly startAt: EpochMs;
  /** Decides who talks, when and how. */
  readonly traffic: Random;
  readonly uuids: Random;
  readonly truth: TruthBook;
}

/**
 * Simulated time and what is due. Time is whole nanoseconds since the start, exact for 104 days and monotonous
 * for ever.
 */
export class World {
  readonly cluster: SimCluster;
  readonly random: Random;
  readonly uuids: Random;
  readonly startAt: EpochMs;
  readonly #phases: readonly Phase[];
  readonly #truth: TruthBook;
  readonly #due = new Schedule<Task | Observation>();
  #now = 0;
  #cookies = 0;

  constructor(facts: WorldFacts) {
    this.cluster = facts.cluster;
    this.random = facts.traffic;
    this.uuids = facts.uuids;
    this.startAt = facts.startAt;
    this.#phases = facts.phases;
    this.#truth = facts.truth;
  }

  /** Nanoseconds since the start. */
  get now(): number {
    return this.#now;
  }

  /** The part of the story that runs now. */
  get phase(): PhaseName {
    const at = this.startAt + this.#now / 1_000_000;
    return this.#phases.find((phase) => at < phase.until)?.name ?? 'normal';
  }

  /** Plans a task; delays are nanoseconds from now. */
  after(delay: number, task: Task): void {
    this.#due.add(this.#now + Math.max(0, Math.floor(delay)), task);
  }

  /** Plans a task for the given time, or for now when that is past. */
  at(time: EpochMs, task: Task): void {
    this.after((time - this.startAt) * 1_000_000 - this.#now, task);
  }

  /** Plans the report of an observation at the given nanosecond. */
  report(at: number, observation: Observation): void {
    this.#due.add(at, observation);
  }

  /** A number no other socket has. */
  nextCookie(): number {
    this.#cookies += 1;
    return 4096 + this.#cookies;
  }

  /** Writes down that a conversation begins now. */
  open(facts: {
    readonly client: Site;
    readonly server: Site;
    readonly protocol: Protocol;
    readonly port: number | undefined;
    readonly outcome: Outcome;
    readonly isAttack: boolean;
  }): TrueConversation {
    const { client, server } = facts;
    const isNear = client.node === server.node;
    return this.#truth.open({
      phase: this.phase,
      isAttack: facts.isAttack,
      client: isNear ? client.truth : client.truthElsewhere,
      server: isNear ? server.truth : server.truthElsewhere,
      protocol: facts.protocol,
      port: facts.port,
      outcome: facts.outcome,
      startedAt: this.startAt + Math.floor(this.#now / 1_000_000),
    });
  }

  /** Lets time pass until the next observation; undefined when nothing is planned any more. */
  nextObservation(): Observation | undefined {
    for (let due = this.#due.take(); due !== undefined; due = this.#due.take()) {
      this.#now = due.at;
      if (typeof due.item !== 'function') return due.item;
      due.item();
    }
    return undefined;
  }
}
