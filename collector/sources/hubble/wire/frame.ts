import type { BadRecordCode, DecodedRecord } from '../decode.ts';

/** Bytes of one message at most (grpc-go's and grpc-js's own default). */
export const MAX_FRAME_BYTES = 4 * 1024 * 1024;
/** Messages and groups within each other at most; the protocol itself needs six. */
export const MAX_DEPTH = 32;

export const FRAME_FAULTS = [
  'truncated',
  'bad_varint',
  'too_deep',
  'too_large',
  'wrong_wire_type',
  'bad_text',
  'malformed',
] as const;
/**
 * Why bytes are no message: they end too early; a number that goes on for ever; nested too deep; too large; a field
 * whose bytes are of another type than the protocol gives it; text that is not UTF-8; or anything else.
 */
export type FrameFault = (typeof FRAME_FAULTS)[number];

/** What can not be used; `at` names the field that is wrong, undefined when the whole message is. */
export interface BadFrame {
  readonly kind: 'bad';
  readonly code: FrameFault | BadRecordCode;
  readonly at: string | undefined;
}

/** What one message of a GetFlows stream says: the same records as those of an export. */
export type DecodedFrame = Exclude<DecodedRecord, { readonly kind: 'bad' }> | BadFrame;

/** A message whose bytes are damaged. */
export const damaged = (code: FrameFault): BadFrame => ({ kind: 'bad', code, at: undefined });
