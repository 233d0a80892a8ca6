import type { PortInterval } from '../certificate.ts';
import { createEngine } from '../fast/fast-engine.ts';
import type { CniProfile, Endpoint, World } from '../world.ts';
import { ALL_PORTS, type PortSet, portSetOf } from './port-set.ts';

/** The ports on which the first end may open connections to the second. */
export type PortsBetween = (from: Endpoint, to: Endpoint) => PortSet;

const NO_PORTS: PortSet = [];

/** One object for equal sets: there may be millions of pairs, and few different answers. */
function sharing(): (ports: readonly PortInterval[]) => PortSet {
  const known = new Map<string, PortSet>([[keyOf(ALL_PORTS), ALL_PORTS]]);
  return (ports) => {
    const set = portSetOf(ports);
    const key = keyOf(set);
    const same = known.get(key) ?? set;
    known.set(key, same);
    return same;
  };
}

const keyOf = (ports: PortSet): string =>
  ports.map(({ protocol, from, to }) => `${protocol} ${from}-${to}`).join();

/**
 * Asks the fast engine, which knows all ports of a pair at once. For pods of the world (the same objects) and addresses.
 * What holds whatever policies say, such as a node's way to its pods, holds on every port.
 */
export function engineJudge(world: World, profile: CniProfile): PortsBetween {
  const engine = createEngine(world, profile);
  const shared = sharing();
  return (from, to) => {
    const exception = engine.exception(from, to);
    if (exception !== undefined) return exception ? ALL_PORTS : NO_PORTS;
    const [source, target] = [engine.classOf(from), engine.classOf(to)];
    if (source === undefined || target === undefined) {
      throw new Error('the engine is asked about an end that is not in its world');
    }
    const ports = engine.admittedPorts({ from: source, to: target });
    return ports.length === 0 ? NO_PORTS : shared(ports);
  };
}
