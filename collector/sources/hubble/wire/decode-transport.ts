import type { Protocol, TcpFlags } from '#core/flow/flow.ts';
import type { Transport } from '../transport.ts';
import { FieldScan } from './field-scan.ts';
import type { FrameBytes } from './frame-bytes.ts';

/** By field number of `Layer4`. */
const PROTOCOLS: readonly (Protocol | undefined)[] = [
  undefined,
  'TCP',
  'UDP',
  'ICMPv4',
  'ICMPv6',
  'SCTP',
  'VRRP',
  'IGMP',
];
const FLAGS = 3;
const MAX_PORT = 65_535;
const MAX_ICMP_TYPE = 255;

/** Bits of `TCPFlags`, by field number. */
const FIN = 1;
const SYN = 2;
const RST = 3;
const ACK = 5;

const isIn = (bits: number, field: number): boolean => ((bits >>> field) & 1) === 1;

/** All that four flags can be, so that none is made twice. */
const COMBINATIONS: readonly TcpFlags[] = Array.from({ length: 64 }, (_, bits) => ({
  syn: isIn(bits, SYN),
  ack: isIn(bits, ACK),
  rst: isIn(bits, RST),
  fin: isIn(bits, FIN),
}));

/** Each flag is a tag and a 1; undefined for anything else, which the full decoder may make sense of. */
function flagsOf(bytes: Uint8Array, at: number, size: number): TcpFlags | undefined {
  let bits = 0;
  for (let i = at; i < at + size; i += 2) {
    const tag = bytes[i] as number;
    if ((tag & 7) !== 0 || tag < 8 || tag > 72 || bytes[i + 1] !== 1) return undefined;
    bits |= 1 << (tag >>> 3);
  }
  return size % 2 === 0 ? COMBINATIONS[bits & 63] : undefined;
}

const portOf = (port: number): number | undefined => (port === 0 ? undefined : port);

/** Reads `l4`. What it read stands until the next. */
export class TransportReader implements Transport {
  readonly #tcp = new FieldScan({ 1: 'number', 2: 'number', [FLAGS]: 'bytes' });
  readonly #ports = new FieldScan({ 1: 'number', 2: 'number' });
  readonly #others = new FieldScan({ 1: 'number' });
  protocol: Protocol = 'unknown';
  sourcePort: number | undefined = undefined;
  destinationPort: number | undefined = undefined;
  tcpFlags: TcpFlags | undefined = undefined;
  icmpType: number | undefined = undefined;

  /** What a flow without `l4` has. */
  clear(): void {
    this.protocol = 'unknown';
    this.sourcePort = undefined;
    this.destinationPort = undefined;
    this.tcpFlags = undefined;
    this.icmpType = undefined;
  }

  /** False when the cursor stopped: not one known protocol, or numbers that no port and no type can have. */
  read(source: FrameBytes, at: number, size: number): boolean {
    this.clear();
    if (size === 0) return true;
    const { cursor } = source;
    cursor.begin(at, at + size);
    const tag = cursor.short();
    if (tag < 0) return false;
    const protocol = (tag & 7) === 2 ? PROTOCOLS[tag >>> 3] : undefined;
    const length = protocol === undefined ? -1 : cursor.length();
    const isWhole = length >= 0 && cursor.pos + length === at + size;
    if (protocol === undefined || !isWhole) return cursor.decline();
    this.protocol = protocol;
    if (protocol === 'TCP') return this.#readTcp(source, cursor.pos, length);
    if (protocol === 'UDP' || protocol === 'SCTP') {
      return this.#readPorts(this.#ports, source, { at: cursor.pos, size: length });
    }
    return this.#readType(source, cursor.pos, length);
  }

  #readTcp(source: FrameBytes, at: number, size: number): boolean {
    if (!this.#readPorts(this.#tcp, source, { at, size })) return false;
    if (!this.#tcp.has(FLAGS)) return true;
    this.tcpFlags = flagsOf(source.bytes, this.#tcp.at[FLAGS] as number, this.#tcp.size[FLAGS] as number);
    return this.tcpFlags !== undefined || source.cursor.decline();
  }

  #readPorts(ports: FieldScan, source: FrameBytes, { at, size }: { at: number; size: number }): boolean {
    if (!ports.scan(source.cursor, at, at + size)) return false;
    const from = ports.number(1);
    const to = ports.number(2);
    if (from > MAX_PORT || to > MAX_PORT) return source.cursor.decline();
    this.sourcePort = portOf(from);
    this.destinationPort = portOf(to);
    return true;
  }

  #readType(source: FrameBytes, at: number, size: number): boolean {
    if (!this.#others.scan(source.cursor, at, at + size)) return false;
    if (this.protocol === 'VRRP' || this.protocol === 'IGMP') return true;
    const type = this.#others.number(1);
    if (type > MAX_ICMP_TYPE) return source.cursor.decline();
    this.icmpType = type;
    return true;
  }
}
