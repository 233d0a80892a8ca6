import type { LiveHealth } from '#core/flow/live-health.ts';
import type { SourceSummary } from '#core/flow/source-summary.ts';
import { ExportTally } from '../export-tally.ts';
import { type CallFailure, callFailure } from './call-failure.ts';
import { diagnose } from './diagnose.ts';
import { Dialer } from './dialer.ts';
import { FlowIntake, type RecordSink } from './flow-intake.ts';
import { GapWatch } from './gap-watch.ts';
import type { CallEnd, Metadata, StreamCall } from './grpc-call.ts';
import type { Channel } from './http2-channel.ts';
import { Intake } from './intake.ts';
import { type News, NewsTeller } from './news.ts';
import { FIELD_MASKS, followFlows, type StreamStart } from './observer-calls.ts';
import { RateMeter } from './rate-meter.ts';
import type { RecentFlows } from './recent-flows.ts';
import { type LiveClock, RELAY_TUNING, type RelayTarget, type RelayTuning } from './relay-options.ts';
import { ResumeMark } from './resume-mark.ts';
import { ServerWatch } from './server-watch.ts';
import {
  FIRST_SESSION,
  nextSession,
  type SessionEvent,
  type SessionState,
  type SessionStep,
} from './session.ts';

export interface RelayWorld {
  readonly sink: RecordSink;
  /** Shared by all sources, so that a flow which two servers tell counts once. */
  readonly recent: RecentFlows;
  readonly clock: LiveClock;
  /** Told one sentence when the source fails in another way than before, and when it is connected again. */
  readonly onNews?: (news: News) => void;
}

/** How a source is doing: `problem` is one sentence while it is not connected. Nothing is escaped. */
export interface RelayStatus {
  readonly name: string;
  readonly phase: SessionState['phase'];
  readonly problem: string | undefined;
  readonly summary: SourceSummary;
  readonly bytesRead: number;
  readonly live: LiveHealth;
}

/** After so long without a flow since a given instant, though the server saw some, that instant is not believed. */
const BARREN_MS = 20_000;

/**
 * Follows the flows of one server until it is stopped: connects, asks again after a cut from where the last stream
 * ended, and leaves out what comes twice. What it does next is decided by {@link nextSession}.
 */
export class RelaySource {
  readonly #target: RelayTarget;
  readonly #world: RelayWorld;
  readonly #tuning: RelayTuning;
  readonly #tally = new ExportTally();
  readonly #mark = new ResumeMark();
  readonly #watch = new ServerWatch();
  readonly #rate = new RateMeter();
  readonly #gaps = new GapWatch();
  readonly #news: NewsTeller;
  readonly #dialer: Dialer;
  readonly #flows: FlowIntake;
  readonly #intake: Intake;
  #state: SessionState = FIRST_SESSION;
  #channel: Channel | undefined = undefined;
  #call: StreamCall | undefined = undefined;
  #timer: NodeJS.Timeout | undefined = undefined;
  /** Counts attempts, so that an answer to an earlier one is known for what it is. */
  #attempt = 0;
  #openedAtMs = 0;
  #resumedFrom: number | undefined = undefined;
  /** Streams in a row that were cut before they brought anything new. */
  #staleStreams = 0;
  #lag: number | undefined = undefined;
  #bytes = 0;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #filesAtMs = Number.NEGATIVE_INFINITY;

  constructor(target: RelayTarget, world: RelayWorld, tuning: RelayTuning = RELAY_TUNING) {
    this.#target = target;
    this.#world = world;
    this.#tuning = tuning;
    this.#dialer = new Dialer(target, world.clock, tuning);
    this.#news = new NewsTeller((news) => world.onNews?.(news));
    this.#tally.beginFile(target.address.text);
    const { clock } = world;
    this.#flows = new FlowIntake({
      sink: world.sink,
      tally: this.#tally,
      recent: world.recent,
      mark: this.#mark,
      monotonicMs: () => clock.monotonicMs(),
      isUnderPressure: () => this.#intake.isUnderPressure,
    });
    this.#intake = new Intake({
      take: (chunk) => this.#take(chunk),
      pause: () => this.#call?.pause(),
      resume: () => this.#call?.resume(),
      later: (work) => setImmediate(work),
      monotonicMs: () => clock.monotonicMs(),
    });
  }

  start(): void {
    this.#run([{ do: 'connect' }]);
  }

  /** Ends at once; what was received is looked at before. */
  stop(): void {
    this.#on({ on: 'stop' });
  }

  /** To be called once a second: rates, questions to the server, certificates, a connection that went silent. */
  tick(): void {
    const now = this.#world.clock.monotonicMs();
    this.#rate.sample(this.#flows.flows, now);
    if (this.#state.phase === 'following') this.#gaps.settle(this.#flows);
    if (now - this.#filesAtMs >= this.#tuning.filesEveryMs) {
      this.#filesAtMs = now;
      void this.#lookAtFiles();
    }
    const channel = this.#channel;
    if (channel === undefined || this.#state.phase !== 'following') return;
    if (now - this.#askedAtMs >= this.#tuning.statusEveryMs) {
      this.#askedAtMs = now;
      void this.#watch.ask(channel);
    }
    if (channel.idleMs() >= this.#tuning.pingAfterMs) {
      channel.received();
      void channel.ping(this.#tuning.pingTimeoutMs);
    }
    // A server with nothing to say may keep even the beginning of its answer back.
    const isStable = now - this.#openedAtMs >= this.#tuning.backOff.stableMs;
    if (isStable && this.#state.failure !== undefined) this.#on({ on: 'began' });
    if (this.#isBarren(now)) this.#beginAnew();
  }

  get phase(): SessionState['phase'] {
    return this.#state.phase;
  }

  status(): RelayStatus {
    const { phase, failure } = this.#state;
    const isConnected = phase === 'following';
    const { server } = this.#watch;
    return {
      name: this.#target.address.text,
      phase,
      problem: failure === undefined ? undefined : this.#dialer.sentence(failure),
      summary: this.#tally.summary(),
      bytesRead: this.#bytes,
      live: {
        isConnected,
        version: this.#watch.version,
        connectedNodes: server?.connectedNodes,
        unavailableNodes: server?.unavailableNodes,
        flowsPerSecond: this.#rate.perSecond(),
        lagMs: this.#lag,
        lastFlowAt: this.#flows.newestAt,
        reconnects: this.#state.reconnects,
        duplicates: this.#flows.duplicates,
        shedEvidence: this.#flows.shed,
        gaps: this.#gaps.gaps,
        notices: [...this.#dialer.notices(), ...(isConnected ? this.#diagnosis() : [])],
      },
    };
  }

  #diagnosis(): readonly string[] {
    const { health, server, nodes, seenSinceOpen } = this.#watch;
    return diagnose({
      address: this.#target.address.text,
      openMs: this.#world.clock.monotonicMs() - this.#openedAtMs,
      flows: this.#flows.flowsOfStream,
      unreadable: this.#flows.badOfStream,
      health,
      server,
      seenSinceOpen,
      nodes,
      gaps: this.#gaps.gaps,
      lagMs: this.#lag,
    });
  }

  #on(event: SessionEvent): void {
    const { clock } = this.#world;
    const move = nextSession(this.#state, event, {
      random: () => clock.random(),
      backOff: this.#tuning.backOff,
      masks: FIELD_MASKS.length,
    });
    this.#state = move.state;
    this.#run(move.steps);
    this.#tellNews();
  }

  #run(steps: readonly SessionStep[]): void {
    for (const step of steps) {
      if (step.do === 'connect') void this.#connect();
      else if (step.do === 'follow') this.#follow(step.mask);
      else if (step.do === 'disconnect') this.#disconnect();
      else this.#timer = setTimeout(() => this.#on({ on: 'due' }), step.ms);
    }
  }

  async #connect(): Promise<void> {
    this.#attempt += 1;
    const attempt = this.#attempt;
    const opened = await this.#dialer.dial();
    if (attempt !== this.#attempt || this.#state.phase !== 'connecting') {
      if (opened.ok) opened.value.close();
      return;
    }
    if (!opened.ok) {
      this.#on({ on: 'ended', failure: opened.error, lastedMs: 0 });
      return;
    }
    const channel = opened.value;
    this.#channel = channel;
    void channel.closed.then(() => this.#closed(channel));
    this.#on({ on: 'connected' });
  }

  #follow(mask: number): void {
    const channel = this.#channel;
    if (channel === undefined) return;
    this.#call?.cancel();
    this.#openedAtMs = this.#world.clock.monotonicMs();
    this.#gaps.streamOpens(this.#flows);
    this.#flows.beginStream();
    this.#watch.streamOpens();
    this.#askedAtMs = Number.NEGATIVE_INFINITY;
    const begun = this.#attempt;
    const isCurrent = (): boolean => begun === this.#attempt && this.#channel === channel;
    const call = followFlows(
      channel,
      { start: this.#start(), mask: FIELD_MASKS[mask] },
      {
        begun: (metadata) => isCurrent() && this.#begun(metadata),
        bytes: (chunk) => isCurrent() && this.#receive(chunk),
        ended: (end) => isCurrent() && this.#call === call && this.#ended(end),
      },
    );
    this.#call = call;
  }

  #start(): StreamStart {
    const since = this.#mark.since(this.#tuning.overlapMs / 2 ** this.#staleStreams);
    this.#resumedFrom = since;
    return since === undefined
      ? { from: 'newest', count: this.#tuning.backlog }
      : { from: 'instant', ms: since };
  }

  #begun(metadata: Metadata): void {
    this.#watch.told(metadata);
    this.#on({ on: 'began' });
  }

  #receive(chunk: Buffer): void {
    this.#bytes += chunk.length;
    this.#intake.push(chunk);
  }

  #take(chunk: Uint8Array): void {
    const fault = this.#flows.take(chunk);
    const { lastAt } = this.#flows;
    if (lastAt !== undefined) this.#lag = this.#world.clock.wallMs() - lastAt;
    if (fault === undefined) return;
    this.#call?.cancel();
    this.#call = undefined;
    this.#intake.clear();
    this.#end(callFailure('broken_stream', fault));
  }

  #ended({ failure }: CallEnd): void {
    this.#intake.drain();
    this.#call = undefined;
    this.#end(failure ?? callFailure('cut'));
  }

  #closed(channel: Channel): void {
    if (this.#channel !== channel) return;
    this.#intake.drain();
    this.#end(channel.failure() ?? callFailure('cut'));
  }

  #end(failure: CallFailure): void {
    this.#gaps.streamEnds(this.#flows);
    const lastedMs = this.#world.clock.monotonicMs() - this.#openedAtMs;
    this.#moveOn(lastedMs);
    this.#on({ on: 'ended', failure, lastedMs });
  }

  /** A stream that was cut while it only repeated would be cut there for ever: the next one begins later. */
  #moveOn(lastedMs: number): void {
    const { flowsOfStream, newOfStream, lastAt } = this.#flows;
    const isStable = lastedMs >= this.#tuning.backOff.stableMs;
    if (newOfStream > 0 || isStable) this.#staleStreams = 0;
    else if (flowsOfStream > 0 && lastAt !== undefined) {
      this.#staleStreams += 1;
      this.#mark.restart(lastAt, this.#world.clock.monotonicMs());
    }
  }

  #disconnect(): void {
    clearTimeout(this.#timer);
    this.#intake.drain();
    this.#call?.cancel();
    this.#call = undefined;
    const channel = this.#channel;
    this.#channel = undefined;
    channel?.close();
  }

  #isBarren(now: number): boolean {
    if (this.#resumedFrom === undefined || this.#flows.flowsOfStream > 0) return false;
    return now - this.#openedAtMs >= BARREN_MS && this.#watch.seenSinceOpen > 0;
  }

  /** The server's clock went back: an instant of the last stream lies ahead of everything it will ever say. */
  #beginAnew(): void {
    this.#mark.reset();
    this.#follow(this.#state.masksRefused);
  }

  async #lookAtFiles(): Promise<void> {
    if (await this.#dialer.haveFilesChanged()) this.#on({ on: 'files-changed' });
  }

  #tellNews(): void {
    const { phase, failure } = this.#state;
    if (phase === 'waiting' && failure !== undefined) this.#news.failed(this.#dialer.sentence(failure));
    else if (phase === 'following' && failure === undefined) this.#news.connected(this.#target.address.text);
  }
}
