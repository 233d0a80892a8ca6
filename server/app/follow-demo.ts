import type { EpochMs } from '#core/flow/time.ts';

/** Something that plays traffic up to an instant of its own time, and returns the instant reached. */
export interface Playable {
  playUntil(until: EpochMs): EpochMs;
  now(): EpochMs;
}

/** How the live part of a demo is played. */
export interface PlayPlan {
  /** Simulated milliseconds per real one. */
  readonly speed: number;
  /** Real milliseconds between two steps. */
  readonly stepMs: number;
}

/** At ten times real time the rollout shows within seconds and the attack within a minute. */
export const DEMO_PLAN: PlayPlan = { speed: 10, stepMs: 500 };

/**
 * Calls `step` for each turn until it is stopped; the next turn waits for the last one, so that a slow machine plays
 * slower instead of piling work up.
 */
export function playDemo(
  replay: Playable,
  plan: PlayPlan,
  world: {
    readonly step: () => Promise<void>;
    readonly wait: (ms: number) => Promise<void>;
    readonly isStopped: () => boolean;
  },
): Promise<void> {
  const turn = async (): Promise<void> => {
    while (!world.isStopped()) {
      replay.playUntil(replay.now() + plan.speed * plan.stepMs);
      await world.step();
      await world.wait(plan.stepMs);
    }
  };
  return turn();
}
