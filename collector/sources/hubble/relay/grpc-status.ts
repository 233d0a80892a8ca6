/** gRPC's status codes by number (grpc/doc/statuscodes.md). */
export const GRPC_STATUS = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;
export type GrpcStatus = (typeof GRPC_STATUS)[number];

/** How a call ended, in the server's words. */
export interface GrpcOutcome {
  readonly status: GrpcStatus;
  /** Cut to a sane length, not escaped. */
  readonly message: string;
}

type Headers = Readonly<Record<string, string | string[] | number | undefined>>;

const MAX_MESSAGE_LENGTH = 300;

/**
 * What the HTTP status of a proxy on the way stands for (grpc/doc/http-grpc-status-mapping.md). 400 and 404 are left
 * out: they come from servers that know nothing of gRPC.
 */
const BY_HTTP: Readonly<Record<number, GrpcStatus>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  429: 'UNAVAILABLE',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'UNAVAILABLE',
};

/** Percent-encoded UTF-8; what is no such thing stays as it is. */
function decodedMessage(text: string): string {
  const cut = text.slice(0, 3 * MAX_MESSAGE_LENGTH);
  try {
    return decodeURIComponent(cut).slice(0, MAX_MESSAGE_LENGTH);
  } catch {
    return cut.slice(0, MAX_MESSAGE_LENGTH);
  }
}

const textOf = (value: string | string[] | number | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value === undefined ? undefined : String(value);

/** The outcome that trailers, or headers that end the stream, tell; undefined when they tell none. */
export function outcomeOf(headers: Headers): GrpcOutcome | undefined {
  const code = textOf(headers['grpc-status']);
  if (code === undefined) return undefined;
  const number = /^\d{1,3}$/.test(code) ? Number(code) : -1;
  return {
    status: GRPC_STATUS[number] ?? 'UNKNOWN',
    message: decodedMessage(textOf(headers['grpc-message']) ?? ''),
  };
}

const isGrpc = (headers: Headers): boolean =>
  /^application\/grpc(?:$|[+;])/.test(textOf(headers['content-type']) ?? '');

/** Why the beginning of an answer is none of gRPC; undefined when it is one. */
export function objectionTo(headers: Headers): GrpcOutcome | 'not_grpc' | undefined {
  const http = Number(headers[':status'] ?? 0);
  if (http === 200) return isGrpc(headers) ? undefined : 'not_grpc';
  const status = BY_HTTP[http];
  return status === undefined ? 'not_grpc' : { status, message: `HTTP ${http}` };
}

/** A deadline as `grpc-timeout` writes it: at most eight digits and a unit. */
export function timeoutHeader(ms: number): string {
  const whole = Math.max(1, Math.ceil(ms));
  return whole < 100_000_000 ? `${whole}m` : `${Math.min(99_999_999, Math.ceil(whole / 1000))}S`;
}
