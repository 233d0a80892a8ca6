import { gunzipSync } from 'node:zlib';
import { GRPC_STATUS, GrpcError } from './grpc-status.ts';

/** One message in, one out: none may be larger, which is also gRPC's own default. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** Bytes in front of each message: whether it is compressed, and its length. */
const PREFIX_BYTES = 5;

/** A message as it goes over the wire, uncompressed. */
export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX_BYTES);
  return frame;
}

function unpacked(body: Uint8Array, encoding: string | undefined): Uint8Array {
  if (encoding !== 'gzip') {
    throw new GrpcError(GRPC_STATUS.unimplemented, `compression ${encoding ?? 'unnamed'} is not supported`);
  }
  try {
    return gunzipSync(body, { maxOutputLength: MAX_MESSAGE_BYTES });
  } catch {
    throw new GrpcError(GRPC_STATUS.internal, 'the compressed message can not be unpacked');
  }
}

/** The only message of a request. Throws a {@link GrpcError} for none, several, or one that is cut or too large. */
export function onlyMessage(body: Buffer, encoding: string | undefined): Uint8Array {
  if (body.length < PREFIX_BYTES) throw new GrpcError(GRPC_STATUS.internal, 'the request holds no message');
  const length = body.readUInt32BE(1);
  if (length > MAX_MESSAGE_BYTES) {
    throw new GrpcError(GRPC_STATUS.resourceExhausted, `a message of ${length} bytes is too large`);
  }
  if (body.length !== PREFIX_BYTES + length) {
    throw new GrpcError(GRPC_STATUS.internal, 'the request does not hold exactly one message');
  }
  const message = body.subarray(PREFIX_BYTES);
  return body[0] === 0 ? message : unpacked(message, encoding);
}
