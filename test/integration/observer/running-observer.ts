import { onTestFinished } from 'vitest';
import { MINUTE_MS } from '#core/flow/time.ts';
import { SIMULATION_START, type SimulationOptions } from '#core/simulation/simulate.ts';
import {
  type Observer,
  type ObserverOptions,
  startObserver,
} from '../../../collector/sources/hubble/observer/observer.ts';
import { simulatedSource } from '../../../collector/sources/hubble/observer/record-source.ts';
import { ObserverClient } from './observer-client.ts';

/** Everything up to the end of the simulation is there before the first client asks. */
export const AT_ONCE: ObserverOptions['pace'] = { speed: 1e9, from: undefined, ahead: 'allowed' };
/** Nothing before the first client follows, then as fast as it reads. */
export const AS_READ: ObserverOptions['pace'] = { speed: 'unpaced', from: undefined, ahead: 'allowed' };

/** Three minutes of the demo shop. */
export const THREE_MINUTES: SimulationOptions = { seed: 7, until: SIMULATION_START + 3 * MINUTE_MS };

export interface RunningObserver {
  readonly observer: Observer;
  readonly address: string;
  readonly client: ObserverClient;
}

/** Starts an Observer on a free port of this machine; it ends with the test. */
export async function running(
  options: Partial<ObserverOptions> = {},
  simulation: SimulationOptions = THREE_MINUTES,
): Promise<RunningObserver> {
  const observer = await startObserver({
    host: '127.0.0.1',
    port: 0,
    source: simulatedSource(simulation),
    pace: AT_ONCE,
    maxFlows: 100_000,
    ...options,
  });
  onTestFinished(() => observer.close());
  const address = `127.0.0.1:${observer.port}`;
  return { observer, address, client: new ObserverClient(address) };
}

/** The same, once every record was played. */
export async function played(
  options: Partial<ObserverOptions> = {},
  simulation: SimulationOptions = THREE_MINUTES,
): Promise<RunningObserver> {
  const started = await running(options, simulation);
  await started.observer.played;
  return started;
}
