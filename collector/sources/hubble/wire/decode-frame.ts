import type { Direction, Flow, Reply, Verdict } from '#core/flow/flow.ts';
import { dropReasonIn } from '../decode-flow.ts';
import {
  DIRECTION_NAMES,
  directionOf,
  kindOfEvent,
  TRACE_REASON_NAMES,
  VERDICT_NAMES,
  verdictOf,
} from '../enums.ts';
import type { CacheBounds } from './byte-cache.ts';
import { EndReader, EndsReader } from './decode-ends.ts';
import { KnownPolicies, layer7In, serviceIn } from './decode-rare.ts';
import { KnownTexts } from './decode-texts.ts';
import { TimeReader } from './decode-time.ts';
import { TransportReader } from './decode-transport.ts';
import { FieldScan, slotOf, type Want } from './field-scan.ts';
import { type DecodedFrame, type FrameFault, MAX_FRAME_BYTES } from './frame.ts';
import { FrameBytes } from './frame-bytes.ts';

/*
 * Reads what a flow is used for and passes over the rest. It answers for what servers really send; anything else
 * that may be legal (a field twice, text that is not ASCII, a time before 1970, events that are no flows) it leaves
 * to the full decoder.
 */

const RESPONSE = { flow: 1, nodeStatus: 2, lostEvents: 3, node: slotOf(1000), time: slotOf(1001) } as const;
const FLOW = {
  time: 1,
  verdict: 2,
  dropReason: 3,
  ip: 5,
  l4: 6,
  source: 8,
  destination: 9,
  node: 11,
  sourceNames: 13,
  destinationNames: 14,
  l7: 15,
  reply: 16,
  eventType: 19,
  sourceService: 20,
  destinationService: 21,
  direction: 22,
  dropReasonDesc: 25,
  isReply: 26,
  uuid: 34,
  traceReason: 36,
  egressAllowed: slotOf(21_001),
  ingressAllowed: slotOf(21_002),
  egressDenied: slotOf(21_004),
  ingressDenied: slotOf(21_005),
  aggregate: slotOf(21_007),
} as const;

const VERDICTS: readonly (Verdict | undefined)[] = VERDICT_NAMES.map((_, number) => verdictOf(number));
const DIRECTIONS: readonly (Direction | undefined)[] = DIRECTION_NAMES.map((_, number) =>
  directionOf(number),
);

/** Of what is small and comes again: nodes, policies. */
const FEW = { entries: 16_384, bytes: 4 * 1024 * 1024 };

/** Kinds by event type; the monitor's numbers are bytes. */
const KINDS = Array.from({ length: 256 }, (_, type) => kindOfEvent(type));
const NEW = TRACE_REASON_NAMES.indexOf('NEW');
const DROP_EVENT = 1;
const FLOW_FIELDS: Readonly<Record<number, Want>> = {
  [FLOW.time]: 'bytes',
  [FLOW.verdict]: 'number',
  [FLOW.dropReason]: 'number',
  [FLOW.ip]: 'bytes',
  [FLOW.l4]: 'bytes',
  [FLOW.source]: 'bytes',
  [FLOW.destination]: 'bytes',
  [FLOW.node]: 'bytes',
  [FLOW.sourceNames]: 'many',
  [FLOW.destinationNames]: 'many',
  [FLOW.l7]: 'bytes',
  [FLOW.reply]: 'number',
  [FLOW.eventType]: 'bytes',
  [FLOW.sourceService]: 'bytes',
  [FLOW.destinationService]: 'bytes',
  [FLOW.direction]: 'number',
  [FLOW.dropReasonDesc]: 'number',
  [FLOW.isReply]: 'bytes',
  [FLOW.uuid]: 'bytes',
  [FLOW.traceReason]: 'number',
  21001: 'many',
  21002: 'many',
  21004: 'many',
  21005: 'many',
  21007: 'bytes',
};
const ALLOWED = { egress: FLOW.egressAllowed, ingress: FLOW.ingressAllowed };
const DENIED = { egress: FLOW.egressDenied, ingress: FLOW.ingressDenied };

/** Decodes the flows of a stream, one after another. */
export class PartialDecoder {
  readonly #source = new FrameBytes();
  readonly #response = new FieldScan({ 1: 'bytes', 2: 'bytes', 3: 'bytes', 1000: 'bytes', 1001: 'bytes' });
  readonly #flow = new FieldScan(FLOW_FIELDS);
  readonly #event = new FieldScan({ 1: 'number', 2: 'number' });
  readonly #time = new TimeReader();
  readonly #transport = new TransportReader();
  readonly #ends: EndsReader;
  readonly #sourceEnd: EndReader;
  readonly #destinationEnd: EndReader;
  readonly #nodes = new KnownTexts(FEW);
  readonly #policies = new KnownPolicies(FEW);

  constructor(bounds: CacheBounds) {
    this.#ends = new EndsReader(bounds);
    this.#sourceEnd = new EndReader(this.#ends, { end: FLOW.source, names: FLOW.sourceNames, address: 1 });
    this.#destinationEnd = new EndReader(this.#ends, {
      end: FLOW.destination,
      names: FLOW.destinationNames,
      address: 2,
    });
  }

  /** What is wrong with the message that was just given back undecoded; undefined when another decoder should see it. */
  get fault(): FrameFault | undefined {
    return this.#source.cursor.fault;
  }

  /** Entries of its caches that were dropped to make room. */
  get evicted(): number {
    return this.#ends.evicted + this.#nodes.evicted + this.#policies.evicted;
  }

  /** The flow in the bytes from `from` up to `to`; undefined when there is none it can answer for. */
  decode(bytes: Uint8Array, from: number, to: number): DecodedFrame | undefined {
    const source = this.#source;
    source.use(bytes);
    if (to - from > MAX_FRAME_BYTES) source.cursor.stop('too_large');
    if (to > bytes.length) source.cursor.stop('truncated');
    if (source.cursor.isStopped || !this.#find(from, to) || !this.#readParts()) return undefined;
    const flow = this.#build();
    if (source.cursor.isStopped) return undefined;
    const isWrapped = this.#response.has(RESPONSE.node) || this.#response.has(RESPONSE.time);
    const timeless = !this.#flow.has(FLOW.time) && !this.#response.has(RESPONSE.time);
    return { kind: 'flow', flow, shape: isWrapped ? 'wrapped' : 'flow-only', timeless };
  }

  /** Where everything is; only messages with a flow that says something are read here. */
  #find(from: number, to: number): boolean {
    const { cursor } = this.#source;
    const response = this.#response;
    const flow = this.#flow;
    if (!response.scan(cursor, from, to)) return false;
    const isOther = response.has(RESPONSE.nodeStatus) || response.has(RESPONSE.lostEvents);
    if (isOther || !response.has(RESPONSE.flow)) return cursor.decline();
    const at = response.at[RESPONSE.flow] as number;
    if (!flow.scan(cursor, at, at + (response.size[RESPONSE.flow] as number))) return false;
    const saysSomething =
      flow.has(FLOW.ip) || flow.has(FLOW.l4) || flow.has(FLOW.source) || flow.has(FLOW.destination);
    const isUsual = saysSomething && flow.has(FLOW.eventType) && !flow.has(FLOW.aggregate);
    return isUsual || cursor.decline();
  }

  /** Time, addresses, ports and event type, each into its reader. */
  #readParts(): boolean {
    const flow = this.#flow;
    const source = this.#source;
    if (flow.has(FLOW.l4)) {
      if (!this.#transport.read(source, flow.at[FLOW.l4] as number, flow.size[FLOW.l4] as number))
        return false;
    } else this.#transport.clear();
    const event = flow.at[FLOW.eventType] as number;
    return (
      this.#readTime() &&
      this.#ends.begin(source, flow, FLOW.ip) &&
      this.#event.scan(source.cursor, event, event + (flow.size[FLOW.eventType] as number)) &&
      (this.#event.number(1) !== 0 || source.cursor.decline())
    );
  }

  #readTime(): boolean {
    const [scan, slot] = this.#flow.has(FLOW.time)
      ? [this.#flow, FLOW.time]
      : [this.#response, RESPONSE.time];
    if (scan.has(slot))
      return this.#time.read(this.#source, scan.at[slot] as number, scan.size[slot] as number);
    this.#time.clear();
    return true;
  }

  /** Of no use when the cursor stopped. */
  #build(): Flow {
    const flow = this.#flow;
    const source = this.#source;
    const transport = this.#transport;
    const verdict = flow.number(FLOW.verdict);
    const direction = flow.number(FLOW.direction);
    const reply = this.#reply();
    return {
      at: this.#time.ms,
      atNanos: this.#time.nanos,
      uuid: this.#uuid(),
      node: this.#node(),
      kind: KINDS[this.#event.number(1)] ?? 'other',
      verdict: VERDICTS[verdict] ?? 'unknown',
      dropReason: this.#dropReason(),
      protocol: transport.protocol,
      source: this.#sourceEnd.read(source, flow, transport.sourcePort),
      destination: this.#destinationEnd.read(source, flow, transport.destinationPort),
      tcpFlags: transport.tcpFlags,
      icmpType: transport.icmpType,
      reply,
      direction: DIRECTIONS[direction] ?? 'unknown',
      isNew: flow.number(FLOW.traceReason) === NEW,
      l7: flow.has(FLOW.l7) ? layer7In(source, flow, FLOW.l7) : undefined,
      service: this.#service(reply),
      allowedBy: this.#policies.read(source, flow, ALLOWED),
      deniedBy: this.#policies.read(source, flow, DENIED),
      count: 1,
      isAggregate: false,
    };
  }

  #uuid(): string | undefined {
    const flow = this.#flow;
    const size = flow.has(FLOW.uuid) ? (flow.size[FLOW.uuid] as number) : 0;
    return size === 0 ? undefined : this.#source.ascii(flow.at[FLOW.uuid] as number, size);
  }

  /** The flow's own node, or the one that the message names. */
  #node(): string | undefined {
    return this.#textOf(this.#flow, FLOW.node) ?? this.#textOf(this.#response, RESPONSE.node);
  }

  #textOf(scan: FieldScan, slot: number): string | undefined {
    const size = scan.has(slot) ? (scan.size[slot] as number) : 0;
    return size === 0 ? undefined : this.#nodes.read(this.#source, scan.at[slot] as number, size);
  }

  /** A wrapped boolean is an empty message when false; the old `reply` can not say "unknown". */
  #reply(): Reply {
    const flow = this.#flow;
    if (!flow.has(FLOW.isReply)) return flow.number(FLOW.reply) === 0 ? 'unknown' : 'reply';
    if (flow.size[FLOW.isReply] === 0) return 'request';
    const { bytes, cursor } = this.#source;
    const at = flow.at[FLOW.isReply] as number;
    if (flow.size[FLOW.isReply] !== 2 || bytes[at] !== 8 || bytes[at + 1] !== 1) cursor.decline();
    return 'reply';
  }

  #dropReason(): string | undefined {
    const flow = this.#flow;
    const type = this.#event.number(1);
    const described = flow.number(FLOW.dropReasonDesc);
    const numbered = flow.number(FLOW.dropReason);
    if (type !== DROP_EVENT && described === 0 && numbered === 0) return undefined;
    const wire = { drop_reason_desc: described, drop_reason: numbered };
    return dropReasonIn(wire, { type, subType: this.#event.number(2) });
  }

  #service(reply: Reply): Flow['service'] {
    const flow = this.#flow;
    if (!flow.has(FLOW.sourceService) && !flow.has(FLOW.destinationService)) return undefined;
    const slots = { near: FLOW.sourceService, far: FLOW.destinationService, reply };
    return serviceIn(this.#source, flow, slots);
  }
}
