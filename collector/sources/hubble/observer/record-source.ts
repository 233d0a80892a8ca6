import type { EpochMs } from '#core/flow/time.ts';
import type { SimulationEvent } from '#core/simulation/observation.ts';
import { type SimulationOptions, simulate } from '#core/simulation/simulate.ts';
import type { GroundTruth } from '#core/simulation/truth.ts';
import { createHubbleEncoder } from '../encode.ts';
import type { ServedRecord } from './served-record.ts';

/** Where the records come from that a server serves. */
export interface RecordSource {
  /** `cluster/node` each, as far as they are known beforehand. */
  readonly nodes: readonly string[];
  /** The instant of the first record, as far as it is known beforehand. */
  readonly startAt: EpochMs | undefined;
  /** What really happened, where somebody knows. */
  readonly truth: GroundTruth | undefined;
  /** The next record in order of time; undefined once there is none. */
  next(): ServedRecord | undefined | Promise<ServedRecord | undefined>;
  /** Lets go of what is open. */
  close(): Promise<void>;
}

/** The record behind an event; undefined for the greeting of nodes, which the server itself gives. */
function recordOf(event: SimulationEvent, line: string): ServedRecord | undefined {
  if (event.kind === 'node-status') return undefined;
  const record = JSON.parse(line) as ServedRecord['record'];
  return event.kind === 'flow'
    ? { kind: 'flow', at: event.observation.at, node: event.observation.node, record }
    : { kind: 'lost', at: event.at, node: event.node, record };
}

/** A simulated cluster's traffic. Throws a RangeError for a number of workloads out of range. */
export function simulatedSource(options: SimulationOptions): RecordSource {
  const { nodes, startAt, truth, events } = simulate(options);
  const encode = createHubbleEncoder();
  return {
    nodes,
    startAt,
    truth,
    next: () => {
      for (let drawn = events.next(); drawn.done !== true; drawn = events.next()) {
        const record = recordOf(drawn.value, encode(drawn.value));
        if (record !== undefined) return record;
      }
      return undefined;
    },
    close: () => Promise.resolve(),
  };
}
