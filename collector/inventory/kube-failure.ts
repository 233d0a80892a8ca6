/** Why the API server could not be asked, or did not answer as hoped. `detail` is its own word or the system's. */
export type KubeFailure =
  | { readonly code: 'forbidden'; readonly detail: string }
  | { readonly code: 'unauthenticated'; readonly detail: string }
  | { readonly code: 'absent'; readonly detail: string }
  /** The version asked for is too old, or newer than what the server has: list again. */
  | { readonly code: 'expired'; readonly detail: string }
  | { readonly code: 'busy'; readonly detail: string; readonly retryAfterMs: number | undefined }
  | { readonly code: 'server-error'; readonly detail: string; readonly status: number }
  /** A page or an event beyond the limit on size. */
  | { readonly code: 'too-large'; readonly detail: string }
  | { readonly code: 'malformed'; readonly detail: string }
  | { readonly code: 'unreachable'; readonly detail: string }
  | { readonly code: 'untrusted'; readonly detail: string }
  | { readonly code: 'silent'; readonly detail: string };

/** Thrown by the transport, and by nothing else. */
export class KubeError extends Error {
  readonly failure: KubeFailure;

  constructor(failure: KubeFailure) {
    super(failure.detail);
    this.failure = failure;
  }
}

const MAX_DETAIL = 500;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The message of a `Status` object, cut to a sane length; undefined for anything else. */
export function statusMessage(body: unknown): string | undefined {
  const message = isRecord(body) ? body['message'] : undefined;
  return typeof message === 'string' ? message.slice(0, MAX_DETAIL) : undefined;
}

const MAX_RETRY_AFTER_MS = 60_000;

function retryAfterMs(header: string | undefined): number | undefined {
  const seconds = Number(header);
  if (header === undefined || !Number.isFinite(seconds) || seconds < 0) return undefined;
  return Math.min(MAX_RETRY_AFTER_MS, seconds * 1000);
}

/** What a status code other than success means for a list or watch. */
export function failureOfStatus(
  status: number,
  body: unknown,
  retryAfter: string | undefined = undefined,
): KubeFailure {
  const detail = statusMessage(body) ?? `HTTP ${status}`;
  if (status === 401) return { code: 'unauthenticated', detail };
  if (status === 403) return { code: 'forbidden', detail };
  if (status === 404 || status === 405) return { code: 'absent', detail };
  if (status === 410) return { code: 'expired', detail };
  // A version the server has not reached yet, after a restore of etcd: only a new list helps.
  if (status === 504 && /too large resource version/i.test(detail)) return { code: 'expired', detail };
  if (status === 429 || status === 503)
    return { code: 'busy', detail, retryAfterMs: retryAfterMs(retryAfter) };
  if (status === 413) return { code: 'too-large', detail };
  return { code: 'server-error', detail, status };
}

const TRUST_CODES: ReadonlySet<string> = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_SIGNATURE_FAILURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** What an error of a socket means. */
export function failureOfError(error: unknown): KubeFailure {
  if (error instanceof KubeError) return error.failure;
  const { code = '', message } = error as NodeJS.ErrnoException;
  const detail = (message || code || String(error)).slice(0, MAX_DETAIL);
  return { code: TRUST_CODES.has(code) ? 'untrusted' : 'unreachable', detail };
}

/** One sentence that says what is wrong and what to do, for the server at `server`. */
export function describeKubeFailure(failure: KubeFailure, server: string): string {
  const { detail } = failure;
  switch (failure.code) {
    case 'unauthenticated':
      return `the API server at ${server} does not accept who asks (${detail}); log in again, or choose another --context.`;
    case 'forbidden':
      return `the API server at ${server} forbids it: ${detail}.`;
    case 'absent':
      return `${server} has no such API (${detail}); is it the address of an API server?`;
    case 'untrusted':
      return `the certificate of ${server} is not trusted (${detail}); the kubeconfig must name the cluster's own certificate authority.`;
    case 'unreachable':
      return `the API server at ${server} could not be reached (${detail}); check the address in the kubeconfig and the way there.`;
    case 'silent':
      return `the API server at ${server} did not answer in time (${detail}).`;
    case 'busy':
      return `the API server at ${server} is busy (${detail}); it will be asked again.`;
    case 'malformed':
      return `what ${server} answers is not what an API server says (${detail}).`;
    default:
      return `the API server at ${server} answered with an error: ${detail}.`;
  }
}
