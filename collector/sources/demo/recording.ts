import type { EpochMs } from '#core/flow/time.ts';
import type { SimulationEvent } from '#core/simulation/observation.ts';
import { type Simulation, type SimulationOptions, simulate } from '#core/simulation/simulate.ts';
import { createHubbleEncoder } from '../hubble/encode.ts';

/** One line of a simulated export, with the instant at which it was written. */
export interface RecordedLine {
  readonly at: EpochMs;
  readonly line: string;
}

/** A simulated export and the story behind it. */
export interface Recording {
  readonly simulation: Simulation;
  /** When the training phase ends, and the story after it begins. */
  readonly trainedUntil: EpochMs;
  /** In time order; endless unless `until` was given. Can be drawn once. */
  readonly lines: Generator<RecordedLine, void, undefined>;
}

/** The demo's story: two hours of training, then six minutes of rollout and eight of attack. */
export const DEMO_STORY: SimulationOptions = { seed: 1, rolloutMs: 6 * 60_000, attackMs: 8 * 60_000 };

const timeOf = (event: SimulationEvent): EpochMs => (event.kind === 'flow' ? event.observation.at : event.at);

function* encoded(events: Iterable<SimulationEvent>): Generator<RecordedLine, void, undefined> {
  const encode = createHubbleEncoder();
  for (const event of events) yield { at: timeOf(event), line: encode(event) };
}

/** A simulated cluster's traffic in the words of a Hubble exporter: what a real file would hold. */
export function recordDemo(options: SimulationOptions = DEMO_STORY): Recording {
  const simulation = simulate(options);
  const training = simulation.phases.find((phase) => phase.name === 'training');
  return {
    simulation,
    trainedUntil: training?.until ?? simulation.startAt,
    lines: encoded(simulation.events),
  };
}
