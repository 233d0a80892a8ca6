import type { Flow } from '#core/flow/flow.ts';
import { FlowDecoder } from './decode-flow.ts';
import { type LostEvents, lostEventsOf, type NodeStatus, nodeStatusOf } from './events.ts';
import { Faults, isMessage, looseText, type WireFlow, type WireRecord } from './wire.ts';

/** How a flow was written. One export holds one shape, unless several were put together. */
export const FLOW_SHAPES = ['wrapped', 'flow-only', 'bare', 'camel-case', 'relabelled'] as const;
/**
 * `wrapped` is what the exporter writes; `flow-only` has no node and time beside the flow; `bare` is the flow itself;
 * `camel-case` uses the other spelling of protobuf's field names; `relabelled` was wrapped again by a collector that
 * added its cluster's name.
 */
export type FlowShape = (typeof FLOW_SHAPES)[number];

export const BAD_RECORDS = ['not_json', 'not_an_object', 'not_a_record', 'empty_flow', 'bad_field'] as const;
export type BadRecordCode = (typeof BAD_RECORDS)[number];

/** What one record of an export says. */
export type DecodedRecord =
  | {
      readonly kind: 'flow';
      readonly flow: Flow;
      readonly shape: FlowShape;
      /** The record has no time: `flow.at` is 0 and means nothing. */
      readonly timeless: boolean;
    }
  | LostEvents
  | NodeStatus
  | { readonly kind: 'agent-event' }
  | { readonly kind: 'debug-event' }
  /** `at` names the field that is wrong, in the exporter's spelling; undefined when the whole record is. */
  | { readonly kind: 'bad'; readonly code: BadRecordCode; readonly at: string | undefined };

export interface HubbleDecoder {
  /** Decodes the text of one record. Never throws: what can not be read is a `bad` record. */
  decode(text: string): DecodedRecord;
  /** The same for a record that was parsed elsewhere, such as protobufjs's plain object of a GetFlowsResponse. */
  decodeParsed(record: object): DecodedRecord;
}

const bad = (code: BadRecordCode, at?: string): DecodedRecord => ({ kind: 'bad', code, at });

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

const saysSomething = (wire: WireFlow): boolean =>
  isGiven(wire.verdict) ||
  isGiven(wire.IP ?? wire.ip) ||
  isGiven(wire.l4) ||
  isGiven(wire.source) ||
  isGiven(wire.destination);

/** Fields that only a flow of its own has, so that the JSON of some log line is not taken for one. */
const isBareFlow = (record: WireRecord): boolean =>
  isMessage(record.IP ?? record.ip) ||
  isMessage(record.l4) ||
  isMessage(record.event_type ?? record.eventType) ||
  (isGiven(record.verdict) && isGiven(record.time)) ||
  (isMessage(record.source) && isMessage(record.destination));

const CAMEL_CASE_FIELDS = [
  'nodeName',
  'trafficDirection',
  'eventType',
  'isReply',
  'dropReasonDesc',
  'traceObservationPoint',
  'sourceNames',
  'destinationNames',
] as const;

function isCamelCase(wire: WireFlow): boolean {
  if (wire.event_type !== undefined || wire.traffic_direction !== undefined) return false;
  return CAMEL_CASE_FIELDS.some((field) => wire[field] !== undefined) || hasPodName(wire.source);
}

const hasPodName = (end: unknown): boolean => isMessage(end) && 'podName' in end;

function shapeOf(wire: WireFlow, record: WireRecord): FlowShape {
  if (isCamelCase(wire)) return 'camel-case';
  if (wire === record) return 'bare';
  if (isGiven(record.cluster_name ?? record.component_name)) return 'relabelled';
  return isGiven(record.node_name ?? record.nodeName ?? record.time) ? 'wrapped' : 'flow-only';
}

/** The object in the text, or why there is none. */
function parseRecord(text: string): WireRecord | BadRecordCode {
  try {
    const value: unknown = JSON.parse(text);
    return isMessage(value) ? value : 'not_an_object';
  } catch {
    return 'not_json';
  }
}

class Decoder implements HubbleDecoder {
  readonly #flows = new FlowDecoder();

  decode(text: string): DecodedRecord {
    const record = parseRecord(text);
    return typeof record === 'string' ? bad(record) : this.#decodeRecord(record, text);
  }

  decodeParsed(record: object): DecodedRecord {
    return this.#decodeRecord(record, '');
  }

  #decodeRecord(record: WireRecord, text: string): DecodedRecord {
    if (isGiven(record.flow)) {
      return isMessage(record.flow) ? this.#decodeFlow(record.flow, record) : bad('bad_field', 'flow');
    }
    return decodeEvent(record, text) ?? this.#decodeBare(record);
  }

  #decodeBare(record: WireRecord): DecodedRecord {
    return isBareFlow(record) ? this.#decodeFlow(record, record) : bad('not_a_record');
  }

  #decodeFlow(wire: WireFlow, record: WireRecord): DecodedRecord {
    if (!saysSomething(wire)) return bad('empty_flow');
    const faults = new Faults();
    const context = {
      time: record.time,
      node: record.node_name ?? record.nodeName,
      cluster: looseText(record.cluster_name ?? record.clusterName),
    };
    const { flow, timeless } = this.#flows.decode(wire, context, faults);
    if (faults.at !== undefined) return bad('bad_field', faults.at);
    return { kind: 'flow', flow, shape: shapeOf(wire, record), timeless };
  }
}

/** A record that is no flow; undefined when it is none of these either. */
function decodeEvent(record: WireRecord, text: string): DecodedRecord | undefined {
  const lost = record.lost_events ?? record.lostEvents;
  const status = record.node_status ?? record.nodeStatus;
  if (isGiven(lost) || isGiven(status)) {
    const faults = new Faults();
    const node = looseText(record.node_name ?? record.nodeName);
    const context = { text, node, time: record.time };
    const event = isGiven(lost) ? lostEventsOf(lost, context, faults) : nodeStatusOf(status, context, faults);
    return event ?? bad('bad_field', faults.at);
  }
  if (isMessage(record.agent_event ?? record.agentEvent)) return { kind: 'agent-event' };
  return isMessage(record.debug_event ?? record.debugEvent) ? { kind: 'debug-event' } : undefined;
}

/** A decoder for one stream of records; it remembers endpoints, within bounds, so that they are shared. */
export const createHubbleDecoder = (): HubbleDecoder => new Decoder();
