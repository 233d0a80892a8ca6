/** Bounds of what is received and not looked at yet. */
export interface IntakeLimits {
  /** From here on the server is held back … */
  readonly pauseBytes: number;
  /** … until no more than this waits. */
  readonly resumeBytes: number;
  /** When so much has been waiting … */
  readonly pressureBytes: number;
  /** … for so long, what only repeats what is known is left out: a burst is no pressure. */
  readonly pressureMs: number;
  /** Work at a time, before others have their turn. */
  readonly sliceMs: number;
  /** Work on what still waits when a stream is over: small messages may unpack to very large ones. */
  readonly drainMs: number;
}

export const INTAKE_LIMITS: IntakeLimits = {
  pauseBytes: 16 * 1024 * 1024,
  resumeBytes: 4 * 1024 * 1024,
  pressureBytes: 8 * 1024 * 1024,
  pressureMs: 10_000,
  sliceMs: 10,
  drainMs: 1000,
};

export interface IntakeWorld {
  /** Does the work that one chunk means. */
  take(chunk: Uint8Array): void;
  pause(): void;
  resume(): void;
  /** Calls back once everything else had its turn. */
  later(work: () => void): void;
  /** Milliseconds of a clock that never goes back. */
  monotonicMs(): number;
}

/**
 * A bounded queue between a socket and the pipeline. It never drops a chunk: when it is full the socket is not read,
 * and HTTP/2's flow control holds the server back. What is on its way then still arrives, a window at most.
 */
export class Intake {
  readonly #limits: IntakeLimits;
  readonly #world: IntakeWorld;
  #chunks: Uint8Array[] = [];
  #next = 0;
  #bytes = 0;
  #isScheduled = false;
  #isPaused = false;
  #pauses = 0;
  #pressureSince: number | undefined = undefined;

  constructor(world: IntakeWorld, limits: IntakeLimits = INTAKE_LIMITS) {
    this.#world = world;
    this.#limits = limits;
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** True while more waits than can be looked at in good time. */
  get isUnderPressure(): boolean {
    const since = this.#pressureSince;
    return since !== undefined && this.#world.monotonicMs() - since >= this.#limits.pressureMs;
  }

  /** How often the server was held back. */
  get pauses(): number {
    return this.#pauses;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes >= this.#limits.pressureBytes) this.#pressureSince ??= this.#world.monotonicMs();
    if (!this.#isPaused && this.#bytes >= this.#limits.pauseBytes) {
      this.#isPaused = true;
      this.#pauses += 1;
      this.#world.pause();
    }
    this.#schedule();
  }

  /**
   * Looks at everything that waits, at once, but for no longer than `drainMs`. What is left then is dropped, and the
   * next stream asks for it again. Returns the bytes dropped.
   */
  drain(): number {
    const endAt = this.#world.monotonicMs() + this.#limits.drainMs;
    while (this.#next < this.#chunks.length) {
      this.#takeNext();
      if (this.#world.monotonicMs() >= endAt) break;
    }
    this.#settle();
    return this.#bytes === 0 ? 0 : this.clear();
  }

  /** Drops what waits: the stream it came from is over and will be asked again. Returns the bytes. */
  clear(): number {
    const dropped = this.#bytes;
    this.#chunks = [];
    this.#next = 0;
    this.#bytes = 0;
    this.#isPaused = false;
    this.#pressureSince = undefined;
    return dropped;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#world.later(() => this.#slice());
  }

  #slice(): void {
    this.#isScheduled = false;
    const endAt = this.#world.monotonicMs() + this.#limits.sliceMs;
    while (this.#next < this.#chunks.length) {
      this.#takeNext();
      if (this.#world.monotonicMs() >= endAt) break;
    }
    this.#settle();
    if (this.#next < this.#chunks.length) this.#schedule();
  }

  #takeNext(): void {
    const chunk = this.#chunks[this.#next];
    this.#next += 1;
    if (chunk === undefined) return;
    this.#bytes -= chunk.length;
    if (this.#bytes < this.#limits.pressureBytes) this.#pressureSince = undefined;
    this.#world.take(chunk);
  }

  /** Lets go of what was looked at, and reads on when there is room. */
  #settle(): void {
    if (this.#next === this.#chunks.length) {
      this.#chunks = [];
      this.#next = 0;
    } else if (this.#next >= 1024) {
      this.#chunks = this.#chunks.slice(this.#next);
      this.#next = 0;
    }
    if (!this.#isPaused || this.#bytes > this.#limits.resumeBytes) return;
    this.#isPaused = false;
    this.#world.resume();
  }
}
