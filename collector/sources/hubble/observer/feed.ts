import type { EpochMs } from '#core/flow/time.ts';
import type { FaultLine } from './fault-line.ts';
import type { FlowHub } from './flow-hub.ts';
import type { RecordSource } from './record-source.ts';

/** How fast the records' own time passes. */
export interface Pace {
  /**
   * Times real time; `unpaced` gives everything as fast as the clients that follow read it, and nothing before the
   * first of them.
   */
  readonly speed: number | 'unpaced';
  /** Records from here on are played at that speed; those before are there at once. */
  readonly from: EpochMs | undefined;
  /** Whether the records' time may run ahead of the clock on the wall: else it goes on at real speed from there. */
  readonly ahead: 'allowed' | 'never';
}

/** Clocks and waiting, as the process has them. */
export interface FeedClock {
  /** Milliseconds since 1970. */
  wallMs(): EpochMs;
  /** Milliseconds of a clock that never goes back. */
  monotonicMs(): number;
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

const TICK_MS = 20;
/** Records that are taken in before others have their turn. */
const RECORDS_AT_ONCE = 256;

interface FeedParts {
  readonly source: RecordSource;
  readonly line: FaultLine;
  readonly hub: FlowHub;
  readonly pace: Pace;
  readonly clock: FeedClock;
  /** For an unpaced feed: how many clients follow, and how many of them are not done reading. */
  readonly clients: () => { readonly following: number; readonly reading: number };
}

/** Plays records into the hub, each when it is due. */
export class Feed {
  readonly #parts: FeedParts;
  #startedMs = 0;
  #from: EpochMs | undefined;
  #reached: EpochMs | undefined;
  #taken = 0;
  #hasEnded = false;

  constructor(parts: FeedParts) {
    this.#parts = parts;
    this.#from = parts.pace.from;
  }

  /** The instant up to which records were played. */
  get reached(): EpochMs | undefined {
    return this.#reached;
  }

  /** True once every record was played. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Plays until there is no more, or the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { source, line, clock } = this.#parts;
    this.#startedMs = clock.monotonicMs();
    while (!signal.aborted) {
      const drawn = source.next();
      const record = drawn instanceof Promise ? await drawn : drawn;
      if (record === undefined) break;
      line.push(record);
      this.#from ??= record.at;
      await this.#play(line.due(record.at), signal);
    }
    if (!signal.aborted) await this.#play(line.rest(), signal);
    this.#hasEnded = !signal.aborted;
  }

  async #play(arrivals: ReturnType<FaultLine['due']>, signal: AbortSignal): Promise<void> {
    for (const { dueAt, record } of arrivals) {
      if (!(await this.#isDue(dueAt, signal))) return;
      this.#parts.hub.add(record);
      this.#reached = Math.max(this.#reached ?? dueAt, dueAt);
      this.#taken += 1;
      if (this.#taken % RECORDS_AT_ONCE === 0) await this.#parts.clock.wait(0, signal);
    }
  }

  /** Resolves to true when the record may be taken in, to false when the signal aborted first. */
  async #isDue(dueAt: EpochMs, signal: AbortSignal): Promise<boolean> {
    const { pace, clock } = this.#parts;
    if (pace.speed === 'unpaced') return this.#hasRoom(signal);
    while (!signal.aborted) {
      const target = this.#target(pace.speed);
      if (dueAt <= target) return true;
      await clock.wait(Math.min(TICK_MS, Math.max(1, (dueAt - target) / pace.speed)), signal);
    }
    return false;
  }

  /** The records' time that has come. */
  #target(speed: number): EpochMs {
    const { pace, clock } = this.#parts;
    const played = (this.#from ?? 0) + (clock.monotonicMs() - this.#startedMs) * speed;
    return pace.ahead === 'never' ? Math.min(played, clock.wallMs()) : played;
  }

  /** Half the ring at most between two looks at who reads, so that nothing is overwritten unread. */
  async #hasRoom(signal: AbortSignal): Promise<boolean> {
    const { clients, clock, hub } = this.#parts;
    if (this.#taken % Math.max(1, hub.ring.capacity >> 1) !== 0) return !signal.aborted;
    while (!signal.aborted) {
      const { following, reading } = clients();
      if (following > 0 && reading === 0) return true;
      await clock.wait(1, signal);
    }
    return false;
  }
}
