import type { Direction, Flow, FlowKind, Reply, Verdict } from '#core/flow/flow.ts';
import type { Instant } from '#core/flow/time.ts';
import { EndpointDecoder } from './endpoint.ts';
import { directionOf, dropReasonOf, flowTypeName, isNewConnection, kindOfEvent, verdictOf } from './enums.ts';
import { InstantReader } from './instant.ts';
import { layer7Of } from './layer7.ts';
import { decidingPolicies } from './policies.ts';
import { transportOf } from './transport.ts';
import {
  type Faults,
  integerAt,
  isMessage,
  looseText,
  messageAt,
  textAt,
  type WireAddresses,
  type WireFlow,
} from './wire.ts';

/** What stands around a flow and is used where the flow itself says nothing. */
export interface FlowContext {
  readonly time: unknown;
  readonly node: unknown;
  readonly cluster: string | undefined;
}

/** A flow, and whether its `at` stands for "no time was given". */
export interface TimedFlow {
  readonly flow: Flow;
  readonly timeless: boolean;
}

interface WireEventType {
  readonly type?: unknown;
  readonly sub_type?: unknown;
  readonly subType?: unknown;
}

/** Numbers of the monitor message an event was made from; 0 when absent. */
export interface EventType {
  readonly type: number;
  readonly subType: number;
}

const NO_EVENT: EventType = { type: 0, subType: 0 };
const DROP_EVENT = 1;

function eventOf(wire: WireFlow, faults: Faults): EventType {
  const message = messageAt<WireEventType>(wire.event_type ?? wire.eventType, 'event_type', faults);
  if (message === undefined) return NO_EVENT;
  const type = integerAt(message.type, 'event_type.type', faults) ?? 0;
  const subType = message.sub_type ?? message.subType;
  return { type, subType: typeof subType === 'number' ? subType : 0 };
}

/** A field mask may leave the event type out; then the other fields tell as much as they can. */
function kindOf(event: EventType, wire: WireFlow, verdict: Verdict): FlowKind {
  if (event.type !== 0) return kindOfEvent(event.type);
  const type = flowTypeName(wire.Type ?? wire.type);
  if (isMessage(wire.l7) || type === 'L7') return 'l7';
  if (type === 'SOCK') return 'socket';
  if ((wire.trace_observation_point ?? wire.traceObservationPoint) !== undefined) return 'trace';
  if ((wire.policy_match_type ?? wire.policyMatchType) !== undefined) return 'policy-verdict';
  return verdict === 'dropped' ? 'drop' : 'other';
}

function verdictIn(value: unknown, faults: Faults): Verdict {
  if (value === undefined || value === null) return 'unknown';
  return verdictOf(value) ?? faults.note('verdict') ?? 'unknown';
}

function directionIn(value: unknown, faults: Faults): Direction {
  if (value === undefined || value === null) return 'unknown';
  return directionOf(value) ?? faults.note('traffic_direction') ?? 'unknown';
}

/** A wrapped boolean: bare in protojson, `{value}` where an encoder keeps the wrapper (and leaves out false). */
function wrappedBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (!isMessage(value)) return undefined;
  const { value: inner } = value as { readonly value?: unknown };
  return inner === undefined ? false : wrappedBoolean(typeof inner === 'boolean' ? inner : undefined);
}

/** The old `reply` can not say "unknown": only its true is worth anything. */
function replyOf(wire: WireFlow, faults: Faults): Reply {
  const given = wire.is_reply ?? wire.isReply;
  if (given === undefined || given === null) return wire.reply === true ? 'reply' : 'unknown';
  const isReply = wrappedBoolean(given) ?? faults.note('is_reply');
  if (isReply === undefined) return 'unknown';
  return isReply ? 'reply' : 'request';
}

/** The newest field first: the number it replaced, and the sub-type of a drop event, say the same. */
export function dropReasonIn(wire: WireFlow, event: EventType): string | undefined {
  const named = dropReasonOf(wire.drop_reason_desc ?? wire.dropReasonDesc);
  const numbered = named ?? dropReasonOf(wire.drop_reason ?? wire.dropReason);
  return numbered ?? (event.type === DROP_EVENT ? dropReasonOf(event.subType) : undefined);
}

interface WireAggregate {
  readonly ingress_flow_count?: unknown;
  readonly ingressFlowCount?: unknown;
  readonly egress_flow_count?: unknown;
  readonly egressFlowCount?: unknown;
  readonly unknown_direction_flow_count?: unknown;
  readonly unknownDirectionFlowCount?: unknown;
}

/** How many observations an aggregated row stands for; undefined when the row is no aggregate. */
function aggregatedCount(value: unknown, faults: Faults): number | undefined {
  const wire = messageAt<WireAggregate>(value, 'aggregate', faults);
  if (wire === undefined) return undefined;
  const counts = [
    wire.ingress_flow_count ?? wire.ingressFlowCount,
    wire.egress_flow_count ?? wire.egressFlowCount,
    wire.unknown_direction_flow_count ?? wire.unknownDirectionFlowCount,
  ];
  const sum = counts.reduce<number>(
    (total, count) => total + (integerAt(count, 'aggregate', faults) ?? 0),
    0,
  );
  return Number.isSafeInteger(sum) ? Math.max(1, sum) : faults.note('aggregate');
}

interface WireService {
  readonly name?: unknown;
  readonly namespace?: unknown;
}

function serviceIn(value: unknown): Flow['service'] {
  if (!isMessage(value)) return undefined;
  const wire: WireService = value;
  const name = looseText(wire.name);
  return name === undefined ? undefined : { namespace: looseText(wire.namespace) ?? '', name };
}

/** The Service the client asked for stands at the packet's far end, or at its near end when the packet is a reply. */
export function serviceOf(wire: WireFlow, reply: Reply): Flow['service'] {
  const near = wire.source_service ?? wire.sourceService;
  const far = wire.destination_service ?? wire.destinationService;
  if (reply === 'reply') return serviceIn(near);
  return serviceIn(far) ?? (reply === 'unknown' ? serviceIn(near) : undefined);
}

const NO_ADDRESSES: WireAddresses = {};
/** Stands for "no time was given"; so does anything before 1970, which is how Go writes a time that was never set. */
const NO_TIME: Instant = { ms: 0, nanos: 0 };

const policiesThatAllowed = (wire: WireFlow): Flow['allowedBy'] =>
  decidingPolicies(
    wire.egress_allowed_by ?? wire.egressAllowedBy,
    wire.ingress_allowed_by ?? wire.ingressAllowedBy,
  );

const policiesThatDenied = (wire: WireFlow): Flow['deniedBy'] =>
  decidingPolicies(
    wire.egress_denied_by ?? wire.egressDeniedBy,
    wire.ingress_denied_by ?? wire.ingressDeniedBy,
  );

/** Decodes one flow after another; endpoints and seconds that come again are shared. */
export class FlowDecoder {
  readonly #ends = new EndpointDecoder();
  readonly #instants = new InstantReader();

  /** The flow, whose first impossible field is noted in `faults`: with one, the result is of no use. */
  decode(wire: WireFlow, context: FlowContext, faults: Faults): TimedFlow {
    const given = this.#instants.read(wire.time ?? context.time, 'time', faults);
    const instant = given === undefined || given.ms < 0 ? NO_TIME : given;
    const transport = transportOf(wire.l4, faults);
    const addresses = messageAt<WireAddresses>(wire.IP ?? wire.ip, 'IP', faults) ?? NO_ADDRESSES;
    const event = eventOf(wire, faults);
    const verdict = verdictIn(wire.verdict, faults);
    const reply = replyOf(wire, faults);
    const count = aggregatedCount(wire.aggregate, faults);
    const flow: Flow = {
      at: instant.ms,
      atNanos: instant.nanos,
      uuid: looseText(wire.uuid),
      node: looseText(wire.node_name ?? wire.nodeName) ?? looseText(context.node),
      kind: kindOf(event, wire, verdict),
      verdict,
      dropReason: dropReasonIn(wire, event),
      protocol: transport.protocol,
      source: this.#ends.decode(wire.source, 'source', {
        ip: textAt(addresses.source, 'IP.source', faults),
        port: transport.sourcePort,
        names: wire.source_names ?? wire.sourceNames,
        cluster: context.cluster,
        faults,
      }),
      destination: this.#ends.decode(wire.destination, 'destination', {
        ip: textAt(addresses.destination, 'IP.destination', faults),
        port: transport.destinationPort,
        names: wire.destination_names ?? wire.destinationNames,
        cluster: context.cluster,
        faults,
      }),
      tcpFlags: transport.tcpFlags,
      icmpType: transport.icmpType,
      reply,
      direction: directionIn(wire.traffic_direction ?? wire.trafficDirection, faults),
      isNew: isNewConnection(wire.trace_reason ?? wire.traceReason),
      l7: layer7Of(wire.l7),
      service: serviceOf(wire, reply),
      allowedBy: policiesThatAllowed(wire),
      deniedBy: policiesThatDenied(wire),
      count: count ?? 1,
      isAggregate: count !== undefined,
    };
    return { flow, timeless: instant === NO_TIME };
  }
}
