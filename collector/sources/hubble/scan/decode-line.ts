import type {
  DecidingPolicy,
  Flow,
  FlowEndpoint,
  Protocol,
  Reply,
  TcpFlags,
  Verdict,
} from '#core/flow/flow.ts';
import type { DecodedRecord } from '../decode.ts';
import { dropReasonIn, serviceOf } from '../decode-flow.ts';
import { EndpointDecoder } from '../endpoint.ts';
import { directionOf, isNewConnection, kindOfEvent, verdictOf } from '../enums.ts';
import { layer7Of } from '../layer7.ts';
import { decidingPolicies } from '../policies.ts';
import { type KnownEndpoint, placed } from '../wire/decode-endpoint.ts';
import { Faults, looseText, looseTexts, NO_TEXTS } from '../wire.ts';
import { latin1Slice } from './byte-runs.ts';
import { SLOT } from './fields.ts';
import type { LineScanner } from './line-scanner.ts';
import { LineTime } from './line-time.ts';

const MAX_PORT = 65_535;
const MAX_ICMP_TYPE = 255;
const DROP_EVENT = 1;
const NO_POLICIES: readonly DecidingPolicy[] = [];

const RARE_PROTOCOLS: readonly (readonly [slot: number, protocol: Protocol])[] = [
  [SLOT.sctp, 'SCTP'],
  [SLOT.icmp4, 'ICMPv4'],
  [SLOT.icmp6, 'ICMPv6'],
];
const KINDS_OF_EVENTS = Array.from({ length: 256 }, (_, type) => kindOfEvent(type));

/** All that four flags can be, so that none is made twice. */
const FLAG_COMBINATIONS: readonly TcpFlags[] = Array.from({ length: 16 }, (_, bits) => ({
  syn: (bits & 1) !== 0,
  ack: (bits & 2) !== 0,
  rst: (bits & 4) !== 0,
  fin: (bits & 8) !== 0,
}));

/** What a decoder of lines did so far. */
export interface LineCounts {
  readonly lines: number;
  /** Lines that it did not answer for, so that a parser had to. */
  readonly declined: number;
  /** How often it forgot what it knew, to make room. */
  readonly resets: number;
}

/**
 * Decodes lines as Hubble's exporter writes them from where a scanner found their parts: the same flow that parsing
 * the line gives. What comes again (endpoints, addresses, names) is known by its number and made once. Memory is
 * bounded by what the scanner remembers.
 */
export class LineDecoder {
  readonly #scanner: LineScanner;
  readonly #time = new LineTime();
  readonly #ends = new EndpointDecoder();
  #bytes: Uint8Array = new Uint8Array(0);
  #resets = 0;
  #lines = 0;
  #declined = 0;
  /** By number of a word. */
  #texts: string[] = [];
  #verdicts: Verdict[] = [];
  #parsed: unknown[] = [];
  #policies: (readonly DecidingPolicy[])[] = [];
  /** By number of an endpoint. */
  #endpoints: KnownEndpoint[] = [];

  constructor(scanner: LineScanner) {
    this.#scanner = scanner;
  }

  counts(): LineCounts {
    return { lines: this.#lines, declined: this.#declined, resets: this.#scanner.resets };
  }

  /** The flow in the bytes from `from` up to `to`, which end no line; undefined when a parser should see them. */
  decode(bytes: Buffer, from: number, to: number): DecodedRecord | undefined {
    this.#lines += 1;
    const isFound = this.#scanner.scan(bytes, from, to);
    if (this.#scanner.resets !== this.#resets) this.#forget();
    this.#bytes = bytes;
    const record = isFound && this.#isUsual() ? this.#record() : undefined;
    if (record === undefined) this.#declined += 1;
    return record;
  }

  #forget(): void {
    this.#resets = this.#scanner.resets;
    this.#texts = [];
    this.#verdicts = [];
    this.#parsed = [];
    this.#policies = [];
    this.#endpoints = [];
  }

  /** A flow that says something, of a kind that is known, with numbers that can be. */
  #isUsual(): boolean {
    const { at, value } = this.#scanner;
    const saysSomething =
      at[SLOT.verdict] !== 0 ||
      at[SLOT.ip] !== 0 ||
      at[SLOT.l4] !== 0 ||
      at[SLOT.source] !== 0 ||
      at[SLOT.destination] !== 0;
    return saysSomething && at[SLOT.type] !== 0 && value[SLOT.type] !== 0 && this.#readTime();
  }

  #readTime(): boolean {
    const { at, value, base } = this.#scanner;
    const slot = at[SLOT.time] === 0 ? SLOT.recordTime : SLOT.time;
    if (at[slot] !== 0)
      return this.#time.read(this.#bytes, base + (at[slot] ?? 0), base + (value[slot] ?? 0));
    this.#time.clear();
    return true;
  }

  #record(): DecodedRecord | undefined {
    const { at } = this.#scanner;
    const protocol = this.#protocol();
    const icmpType = protocol === 'ICMPv4' || protocol === 'ICMPv6' ? this.#number(SLOT.icmpType) : undefined;
    if (protocol === undefined || (icmpType ?? 0) > MAX_ICMP_TYPE) return undefined;
    const source = this.#end(SLOT.source, SLOT.sourceIp, SLOT.sourcePort);
    const destination = this.#end(SLOT.destination, SLOT.destinationIp, SLOT.destinationPort);
    if (source === undefined || destination === undefined) return undefined;
    const flow = this.#build({ protocol, icmpType, source, destination });
    const isWrapped = at[SLOT.recordNode] !== 0 || at[SLOT.recordTime] !== 0;
    return {
      kind: 'flow',
      flow,
      shape: isWrapped ? 'wrapped' : 'flow-only',
      timeless: this.#time.isTimeless,
    };
  }

  #build(parts: Pick<Flow, 'protocol' | 'icmpType' | 'source' | 'destination'>): Flow {
    const reply = this.#reply();
    const type = this.#number(SLOT.type);
    return {
      at: this.#time.ms,
      atNanos: this.#time.nanos,
      uuid: this.#uuid(),
      node: looseText(this.#text(SLOT.node)) ?? looseText(this.#text(SLOT.recordNode)),
      kind: KINDS_OF_EVENTS[type] ?? 'other',
      verdict: this.#verdict(),
      dropReason: this.#dropReason(type),
      protocol: parts.protocol,
      source: parts.source,
      destination: parts.destination,
      tcpFlags: parts.protocol === 'TCP' ? this.#tcpFlags() : undefined,
      icmpType: parts.icmpType,
      reply,
      direction: directionOf(this.#text(SLOT.direction)) ?? 'unknown',
      isNew: isNewConnection(this.#text(SLOT.traceReason)),
      l7: this.#scanner.at[SLOT.l7] === 0 ? undefined : layer7Of(this.#parse(SLOT.l7)),
      service: this.#service(reply),
      allowedBy: this.#decidedBy(SLOT.egressAllowedBy, SLOT.ingressAllowedBy),
      deniedBy: this.#decidedBy(SLOT.egressDeniedBy, SLOT.ingressDeniedBy),
      count: 1,
      isAggregate: false,
    };
  }

  /** Undefined when there are several; unknown when there is none that is known. */
  #protocol(): Protocol | undefined {
    const { at } = this.#scanner;
    const udp = at[SLOT.udp] as number;
    const others = (at[SLOT.sctp] as number) | (at[SLOT.icmp4] as number) | (at[SLOT.icmp6] as number);
    if (at[SLOT.tcp] !== 0) return (udp | others) === 0 ? 'TCP' : undefined;
    if (others === 0) return udp === 0 ? 'unknown' : 'UDP';
    return udp === 0 ? this.#rareProtocol() : undefined;
  }

  #rareProtocol(): Protocol | undefined {
    const { at } = this.#scanner;
    const given = RARE_PROTOCOLS.filter(([slot]) => at[slot] !== 0);
    return given.length === 1 ? given[0]?.[1] : undefined;
  }

  /** 0 when absent. */
  #number(slot: number): number {
    const { at, value } = this.#scanner;
    return at[slot] === 0 ? 0 : (value[slot] as number);
  }

  #slice(slot: number, end: number): string {
    const { at, base } = this.#scanner;
    return latin1Slice.call(this.#bytes, base + (at[slot] as number), base + end);
  }

  #uuid(): string | undefined {
    const { at, value } = this.#scanner;
    return at[SLOT.uuid] === 0 ? undefined : looseText(this.#slice(SLOT.uuid, value[SLOT.uuid] as number));
  }

  /** A word; undefined when absent. */
  #text(slot: number): string | undefined {
    const { at, value, end } = this.#scanner;
    if (at[slot] === 0) return undefined;
    const number = value[slot] as number;
    const text = this.#texts[number];
    if (text !== undefined) return text;
    const made = this.#slice(slot, end[slot] as number);
    this.#texts[number] = made;
    return made;
  }

  #parse(slot: number): unknown {
    return JSON.parse(this.#slice(slot, this.#scanner.value[slot] as number));
  }

  /** A value that is known by its number; undefined when absent. */
  #value(slot: number): unknown {
    const { at, value, end } = this.#scanner;
    if (at[slot] === 0) return undefined;
    const number = value[slot] as number;
    this.#parsed[number] ??= JSON.parse(this.#slice(slot, end[slot] as number));
    return this.#parsed[number];
  }

  #verdict(): Verdict {
    const { at, value } = this.#scanner;
    if (at[SLOT.verdict] === 0) return 'unknown';
    const number = value[SLOT.verdict] as number;
    this.#verdicts[number] ??= verdictOf(this.#text(SLOT.verdict)) ?? 'unknown';
    return this.#verdicts[number];
  }

  #reply(): Reply {
    const { at, value } = this.#scanner;
    if (at[SLOT.isReply] === 0) return this.#number(SLOT.reply) === 2 ? 'reply' : 'unknown';
    return value[SLOT.isReply] === 2 ? 'reply' : 'request';
  }

  #tcpFlags(): TcpFlags | undefined {
    if (this.#scanner.at[SLOT.flags] === 0) return undefined;
    const bit = (slot: number, worth: number): number => (this.#number(slot) === 2 ? worth : 0);
    const bits = bit(SLOT.syn, 1) | bit(SLOT.ack, 2) | bit(SLOT.rst, 4) | bit(SLOT.fin, 8);
    return FLAG_COMBINATIONS[bits];
  }

  #dropReason(type: number): string | undefined {
    const { at } = this.#scanner;
    const isSilent = at[SLOT.dropReasonDesc] === 0 && at[SLOT.dropReason] === 0;
    if (isSilent && type !== DROP_EVENT) return undefined;
    const wire = {
      drop_reason_desc: this.#text(SLOT.dropReasonDesc),
      drop_reason: this.#number(SLOT.dropReason),
    };
    return dropReasonIn(wire, { type, subType: this.#number(SLOT.subType) });
  }

  #service(reply: Reply): Flow['service'] {
    const { at } = this.#scanner;
    if (at[SLOT.sourceService] === 0 && at[SLOT.destinationService] === 0) return undefined;
    const [near, far] = [this.#value(SLOT.sourceService), this.#value(SLOT.destinationService)];
    return serviceOf({ source_service: near, destination_service: far }, reply);
  }

  #decidedBy(egress: number, ingress: number): readonly DecidingPolicy[] {
    const first = this.#policiesIn(egress);
    const second = this.#policiesIn(ingress);
    if (first.length === 0) return second;
    return second.length === 0 ? first : [...first, ...second];
  }

  #policiesIn(slot: number): readonly DecidingPolicy[] {
    const { at, value } = this.#scanner;
    if (at[slot] === 0) return NO_POLICIES;
    const number = value[slot] as number;
    this.#policies[number] ??= decidingPolicies(this.#value(slot), undefined);
    return this.#policies[number];
  }

  /** The endpoint in a slot, or what stands for one that is not there; undefined when something is wrong with it. */
  #known(slot: number): KnownEndpoint | undefined {
    const { at, value, end } = this.#scanner;
    const number = at[slot] === 0 ? 0 : (value[slot] as number);
    const known = this.#endpoints[number];
    if (known !== undefined) return known;
    const faults = new Faults();
    const place = { ip: undefined, port: undefined, names: NO_TEXTS, cluster: undefined, faults };
    const wire = number === 0 ? undefined : JSON.parse(this.#slice(slot, end[slot] as number));
    const endpoint = this.#ends.decode(wire, 'source', place);
    if (faults.at !== undefined) return undefined;
    const made: KnownEndpoint = { endpoint, ip: undefined, port: 0, settled: undefined };
    this.#endpoints[number] = made;
    return made;
  }

  /** One end; undefined when something is wrong with it. */
  #end(slot: number, ipSlot: number, portSlot: number): FlowEndpoint | undefined {
    const known = this.#known(slot);
    const port = this.#number(portSlot);
    if (known === undefined || port > MAX_PORT) return undefined;
    const names = slot === SLOT.source ? SLOT.sourceNames : SLOT.destinationNames;
    return placed(known, {
      ip: looseText(this.#text(ipSlot)),
      port: port === 0 ? undefined : port,
      names: this.#scanner.at[names] === 0 ? NO_TEXTS : looseTexts(this.#value(names)),
    });
  }
}
