import type { NetworkPolicyPort } from '../network-policy.ts';
import type { Connection, Endpoint, PolicyProtocol } from '../world.ts';
import { type Fault, isAbsent, isObject, type Outcome } from './fault.ts';

const HIGHEST_PORT = 65_535;
const PORT_NAME = /^(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*$/;
const LONGEST_PORT_NAME = 15;

const isPortNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= HIGHEST_PORT;

/** The protocol an entry means: TCP when it says none. Undefined when it says something that is none. */
function protocolOf(entry: NetworkPolicyPort): PolicyProtocol | undefined {
  const protocol = entry.protocol ?? 'TCP';
  return protocol === 'TCP' || protocol === 'UDP' || protocol === 'SCTP' ? protocol : undefined;
}

/** What is wrong with one `ports` entry, or undefined. */
export function portFault(entry: NetworkPolicyPort): Fault | undefined {
  if (!isObject(entry)) return 'not_an_object';
  if (protocolOf(entry) === undefined) return 'protocol_unknown';
  return isAbsent(entry.port) ? endPortFault(entry) : (startFault(entry.port) ?? endPortFault(entry));
}

function startFault(port: unknown): Fault | undefined {
  if (typeof port !== 'string') return isPortNumber(port) ? undefined : 'port_out_of_range';
  return port.length <= LONGEST_PORT_NAME && PORT_NAME.test(port) ? undefined : 'port_name_invalid';
}

function endPortFault({ port, endPort }: NetworkPolicyPort): Fault | undefined {
  if (isAbsent(endPort)) return undefined;
  if (typeof port !== 'number') return 'end_port_without_port';
  return isPortNumber(endPort) && endPort >= port ? undefined : 'end_port_out_of_range';
}

/** True for an entry that names its port: only a pod can say what the name stands for. */
export const isNamedPort = (entry: NetworkPolicyPort): boolean =>
  isObject(entry) && typeof entry.port === 'string';

/**
 * Whether one `ports` entry covers the connection. A named port is looked up on the destination pod, for the
 * connection's protocol; a name the pod does not have matches nothing, and is legal.
 */
export function portMatches(entry: NetworkPolicyPort, connection: Connection): Outcome {
  const fault = portFault(entry);
  if (fault !== undefined) return fault;
  if (protocolOf(entry) !== connection.protocol) return 'no';
  const { port, endPort } = entry;
  if (isAbsent(port)) return 'yes';
  if (typeof port === 'string') return hasNamedPort(connection, port) ? 'yes' : 'no';
  const last = endPort ?? port;
  return port <= connection.port && connection.port <= last ? 'yes' : 'no';
}

function hasNamedPort(connection: Connection, name: string): boolean {
  const to: Endpoint = connection.to;
  if (to.kind !== 'pod' || to.pod.hostNetwork) return false;
  for (const named of to.pod.namedPorts) {
    const isMeant = named.name === name && named.protocol === connection.protocol;
    if (isMeant && named.port === connection.port) return true;
  }
  return false;
}
