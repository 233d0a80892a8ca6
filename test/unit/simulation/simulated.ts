import { MINUTE_MS } from '#core/flow/time.ts';
import type { Observation, SimulationEvent } from '#core/simulation/observation.ts';
import {
  SIMULATION_START,
  type Simulation,
  type SimulationOptions,
  simulate,
} from '#core/simulation/simulate.ts';
import { createHubbleEncoder } from '../../../collector/sources/hubble/encode.ts';

/** The instant a number of minutes after every simulation's start. */
export const afterMinutes = (minutes: number): number => SIMULATION_START + minutes * MINUTE_MS;

/** A simulation told up to its `until`, with everything it reported. */
export interface ToldSimulation extends Simulation {
  readonly told: readonly SimulationEvent[];
  readonly observations: readonly Observation[];
}

/** Draws all events; the options must set `until`. */
export function tell(options: SimulationOptions & { readonly until: number }): ToldSimulation {
  const simulation = simulate(options);
  const told = [...simulation.events];
  const observations = told.flatMap((event) => (event.kind === 'flow' ? [event.observation] : []));
  return { ...simulation, told, observations };
}

/** The export a simulation would leave behind, as one text. */
export function exportOf(events: Iterable<SimulationEvent>): string {
  const encode = createHubbleEncoder();
  return Array.from(events, encode).join('\n');
}
