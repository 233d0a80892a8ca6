import type { Observation, SimulationEvent } from './observation.ts';
import type { Random } from './random.ts';

/** How far the data path falls short of what happened; shares from 0 to 1. */
export interface FaultRates {
  /** Chance of an observation to begin a burst of lost ones on its node. */
  readonly lostEventsRate: number;
  /** Share of traces whose packet connection tracking could not tell: no direction, no reply mark. */
  readonly unknownReplyRate: number;
  /** Share of observations with a DNS name that come without it. */
  readonly missingNamesRate: number;
}

const NO_NAMES: readonly string[] = [];

const isMarkedTrace = (observation: Observation): boolean =>
  observation.reason !== 'unknown' && observation.reply !== 'unknown';

function withUnknownReply(observation: Observation): Observation {
  return { ...observation, reply: 'unknown', direction: 'unknown', reason: 'unknown' };
}

const hasNames = (observation: Observation): boolean =>
  observation.sourceNames.length > 0 || observation.destinationNames.length > 0;

interface Burst {
  left: number;
  readonly count: number;
}

/**
 * Takes observations in time order and gives what reaches a reader. Draws from a stream of its own, so that the
 * traffic of a seed is the same under every rate.
 */
export function faultyView(
  random: Random,
  rates: FaultRates,
): (observation: Observation) => SimulationEvent | undefined {
  const bursts = new Map<string, Burst>();
  const swallow = (observation: Observation, burst: Burst): SimulationEvent | undefined => {
    burst.left -= 1;
    if (burst.left > 0) return undefined;
    bursts.delete(observation.node);
    const { at, atNanos, node } = observation;
    return { kind: 'lost-events', at, atNanos, node, count: burst.count };
  };
  return (observation) => {
    const running = bursts.get(observation.node);
    if (running !== undefined) return swallow(observation, running);
    if (random.chance(rates.lostEventsRate)) {
      const count = random.between(2, 24);
      const burst = { left: count, count };
      bursts.set(observation.node, burst);
      return swallow(observation, burst);
    }
    return { kind: 'flow', observation: blurred(random, rates, observation) };
  };
}

function blurred(random: Random, rates: FaultRates, observation: Observation): Observation {
  if (isMarkedTrace(observation) && random.chance(rates.unknownReplyRate))
    return withUnknownReply(observation);
  if (hasNames(observation) && random.chance(rates.missingNamesRate)) {
    return { ...observation, sourceNames: NO_NAMES, destinationNames: NO_NAMES };
  }
  return observation;
}
