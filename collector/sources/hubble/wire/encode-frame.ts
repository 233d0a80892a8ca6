import protojson from 'protobufjs/ext/protojson.js';
import type { SimulationEvent } from '#core/simulation/observation.ts';
import { createHubbleEncoder } from '../encode.ts';
import { messageType } from './schema.ts';

/** A GetFlowsResponse as protobufjs takes it: fields by their proto names. */
export type FlowsResponse = Readonly<Record<string, unknown>>;

const RESPONSE = 'observer.GetFlowsResponse';

/**
 * The record of an export, as parsed from its line, as the message that the same server would stream. What the export
 * says beyond the protocol is left out. Throws a plain Error for a value that the protocol can not hold.
 */
export function responseOfRecord(record: unknown): FlowsResponse {
  const type = messageType(RESPONSE);
  return { ...protojson.fromJson(type, record, { ignoreUnknownFields: true }) };
}

/** The bytes of a message, without gRPC's prefix: a buffer of its own. */
export const encodeResponse = (response: FlowsResponse): Uint8Array =>
  Uint8Array.from(messageType(RESPONSE).encode(response).finish());

/** The bytes of the message behind one line of an export. Throws when the line is no JSON, or no such message. */
export const encodeLine = (line: string): Uint8Array => encodeResponse(responseOfRecord(JSON.parse(line)));

/** Turns events into messages of the Observer protocol. */
export interface FrameEncoder {
  response(event: SimulationEvent): FlowsResponse;
  /** The message's bytes, without gRPC's prefix. */
  encode(event: SimulationEvent): Uint8Array;
}

/**
 * An encoder that says in protobuf what the export's encoder says in JSON, by way of that JSON: one place knows how
 * an event is told, and protobuf's own JSON mapping does the rest.
 */
export function createFrameEncoder(): FrameEncoder {
  const line = createHubbleEncoder();
  return {
    response: (event) => responseOfRecord(JSON.parse(line(event))),
    encode: (event) => encodeLine(line(event)),
  };
}
