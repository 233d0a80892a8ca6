/** The status codes of gRPC that an Observer answers with (grpc/grpc, doc/statuscodes.md). */
export const GRPC_STATUS = {
  ok: 0,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;
export type GrpcCode = (typeof GRPC_STATUS)[keyof typeof GRPC_STATUS];

/** Ends a call with a status that is not OK; the message is for the client to read. */
export class GrpcError extends Error {
  readonly code: GrpcCode;

  constructor(code: GrpcCode, message: string) {
    super(message);
    this.code = code;
  }
}

const isPlain = (code: number): boolean => code >= 0x20 && code <= 0x7e && code !== 0x25;

/** `grpc-message` as the protocol writes it: UTF-8, percent-encoded outside of printable ASCII (PROTOCOL-HTTP2.md). */
export function statusMessage(text: string): string {
  let encoded = '';
  for (const byte of new TextEncoder().encode(text)) {
    encoded += isPlain(byte)
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

const TIMEOUT = /^(\d{1,8})([HMSmun])$/;
const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/** Milliseconds of a `grpc-timeout` header, at least 1; undefined when there is none, or it is none. */
export function timeoutMs(header: string | undefined): number | undefined {
  const [, digits = '', unit = ''] = TIMEOUT.exec(header ?? '') ?? [];
  const scale = UNIT_MS[unit];
  return scale === undefined ? undefined : Math.max(1, Math.ceil(Number(digits) * scale));
}
