import protobuf, { type Reader } from 'protobufjs/light.js';
import { createHubbleDecoder } from '../decode.ts';
import { type DecodedFrame, damaged, type FrameFault, MAX_DEPTH } from './frame.ts';
import { messageType } from './schema.ts';

/** protobufjs's generated decoder takes the depth it starts at as well: what is nested deeper than its limit throws. */
interface DepthDecoder {
  decode(reader: Reader, length: undefined, endTag: undefined, depth: number): object;
}

const REASONS: readonly (readonly [part: string, fault: FrameFault])[] = [
  ['index out of range', 'truncated'],
  ['missing end group', 'truncated'],
  ['max depth', 'too_deep'],
  ['varint', 'bad_varint'],
  ['tag encoding', 'bad_varint'],
  ['length encoding', 'bad_varint'],
  ['wire type', 'wrong_wire_type'],
  ['UTF-8', 'bad_text'],
];

function faultOf(error: unknown): FrameFault {
  const message = error instanceof Error ? error.message : '';
  return REASONS.find(([part]) => message.toLowerCase().includes(part.toLowerCase()))?.[1] ?? 'malformed';
}

/** Decodes messages by the whole schema: slow, and right about everything that is legal. */
export interface FullDecoder {
  /** Decodes the bytes from `from` up to `to`. Never throws. */
  decode(bytes: Uint8Array, from: number, to: number): DecodedFrame;
}

/** A decoder by protobufjs, whose objects are then read as the exporter's JSON is. */
export function createFullDecoder(): FullDecoder {
  const type = messageType('observer.GetFlowsResponse');
  const depthDecoder = type as unknown as DepthDecoder;
  const records = createHubbleDecoder();
  const startDepth = protobuf.Reader.recursionLimit - MAX_DEPTH;
  return {
    decode(bytes, from, to) {
      const reader = protobuf.Reader.create(bytes.subarray(from, to));
      reader.discardUnknown = true;
      try {
        const message = depthDecoder.decode(reader, undefined, undefined, startDepth);
        return records.decodeParsed(type.toObject(message as protobuf.Message));
      } catch (error) {
        return damaged(faultOf(error));
      }
    },
  };
}
