import type { EpochMs } from '#core/flow/time.ts';
import type { RecordedLine, Recording } from './sources/demo/recording.ts';

/** Reports across nodes may be this late before a conversation is closed without them (Relay's sort buffer). */
const LATENESS_MS = 10_000;

/** What a recording is played into. */
export interface Player {
  line(text: string): void;
  flush(until: EpochMs): void;
}

/** A recording played through a collector, as if it arrived. */
export interface Replay {
  /** Plays everything before `until` and returns the instant reached. */
  playUntil(until: EpochMs): EpochMs;
  /** The instant reached so far. */
  now(): EpochMs;
}

/** Prepares a recording for playing. Pure of clocks: the caller says how far to go. */
export function createReplay(recording: Recording, collector: Player): Replay {
  let held: RecordedLine | undefined;
  let now = recording.simulation.startAt;
  return {
    playUntil(until) {
      for (;;) {
        held ??= recording.lines.next().value ?? undefined;
        if (held === undefined || held.at >= until) break;
        collector.line(held.line);
        held = undefined;
      }
      now = until;
      collector.flush(until - LATENESS_MS);
      return now;
    },
    now: () => now,
  };
}
