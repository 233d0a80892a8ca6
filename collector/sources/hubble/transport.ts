import type { Protocol, TcpFlags } from '#core/flow/flow.ts';
import {
  type Faults,
  integerAt,
  isMessage,
  messageAt,
  type WireFlags,
  type WirePorts,
  type WireTransport,
} from './wire.ts';

/** The fourth layer of a flow; ports are undefined where the protocol has none or the source left them out. */
export interface Transport {
  readonly protocol: Protocol;
  readonly sourcePort: number | undefined;
  readonly destinationPort: number | undefined;
  readonly tcpFlags: TcpFlags | undefined;
  readonly icmpType: number | undefined;
}

const NO_TRANSPORT: Transport = {
  protocol: 'unknown',
  sourcePort: undefined,
  destinationPort: undefined,
  tcpFlags: undefined,
  icmpType: undefined,
};

const WITHOUT_PORTS = ['ICMPv4', 'ICMPv6', 'VRRP', 'IGMP'] as const;
const MAX_PORT = 65_535;
const MAX_ICMP_TYPE = 255;

/** 0 is "absent" on the wire, and a number no port can have is a fault. */
function portOf(value: unknown, field: string, faults: Faults): number | undefined {
  const port = integerAt(value, field, faults);
  if (port === undefined || port === 0) return undefined;
  return port > MAX_PORT ? faults.note(field) : port;
}

function tcpFlagsOf(value: unknown): TcpFlags | undefined {
  if (!isMessage(value)) return undefined;
  const wire: WireFlags = value;
  return { syn: wire.SYN === true, ack: wire.ACK === true, rst: wire.RST === true, fin: wire.FIN === true };
}

/** Spelled out once, since a field's name is wanted only when it is wrong. */
const PORT_FIELDS = {
  TCP: { message: 'l4.TCP', source: 'l4.TCP.source_port', destination: 'l4.TCP.destination_port' },
  UDP: { message: 'l4.UDP', source: 'l4.UDP.source_port', destination: 'l4.UDP.destination_port' },
  SCTP: { message: 'l4.SCTP', source: 'l4.SCTP.source_port', destination: 'l4.SCTP.destination_port' },
} as const;

function withPorts(protocol: keyof typeof PORT_FIELDS, value: unknown, faults: Faults): Transport {
  const fields = PORT_FIELDS[protocol];
  const wire = messageAt<WirePorts>(value, fields.message, faults) ?? {};
  return {
    protocol,
    sourcePort: portOf(wire.source_port ?? wire.sourcePort, fields.source, faults),
    destinationPort: portOf(wire.destination_port ?? wire.destinationPort, fields.destination, faults),
    tcpFlags: protocol === 'TCP' ? tcpFlagsOf(wire.flags) : undefined,
    icmpType: undefined,
  };
}

/** An absent ICMP type is 0, an echo reply: protobuf leaves zero out. */
function withoutPorts(protocol: (typeof WITHOUT_PORTS)[number], value: unknown, faults: Faults): Transport {
  const wire = messageAt<WirePorts>(value, `l4.${protocol}`, faults) ?? {};
  if (!protocol.startsWith('ICMP')) return { ...NO_TRANSPORT, protocol };
  const field = `l4.${protocol}.type`;
  const type = integerAt(wire.type, field, faults) ?? 0;
  return { ...NO_TRANSPORT, protocol, icmpType: type > MAX_ICMP_TYPE ? faults.note(field) : type };
}

/** Decodes `l4`; protocol `unknown` when it is absent or names none of the known ones. */
export function transportOf(value: unknown, faults: Faults): Transport {
  const outer = messageAt<WireTransport>(value, 'l4', faults);
  if (outer === undefined) return NO_TRANSPORT;
  const wire: WireTransport = isMessage(outer.Protocol) ? outer.Protocol : outer;
  if (wire.TCP !== undefined) return withPorts('TCP', wire.TCP, faults);
  if (wire.UDP !== undefined) return withPorts('UDP', wire.UDP, faults);
  if (wire.SCTP !== undefined) return withPorts('SCTP', wire.SCTP, faults);
  for (const protocol of WITHOUT_PORTS) {
    if (wire[protocol] !== undefined) return withoutPorts(protocol, wire[protocol], faults);
  }
  return NO_TRANSPORT;
}
