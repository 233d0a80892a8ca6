import type { GrpcStatus } from './grpc-status.ts';

/** Why a server could not be reached, or a call failed. */
export const CALL_FAILURES = [
  'name_unknown',
  'refused',
  'unreachable',
  'no_answer',
  'plain_server',
  'tls_server',
  'certificate_untrusted',
  'certificate_name',
  'certificate_expired',
  'certificate_early',
  'client_certificate_missing',
  'client_certificate_refused',
  'tls_failed',
  'tls_files',
  'not_http2',
  'not_grpc',
  'broken_stream',
  'cut',
  'status',
] as const;
export type CallFailureCode = (typeof CALL_FAILURES)[number];

export interface CallFailure {
  readonly code: CallFailureCode;
  /** The other side's or the system's own words, cut to a sane length and not escaped. */
  readonly detail: string | undefined;
  /** For `status`: how the server ended the call. */
  readonly status: GrpcStatus | undefined;
}

const MAX_DETAIL = 300;

export const callFailure = (code: CallFailureCode, detail?: string): CallFailure => ({
  code,
  detail: detail?.slice(0, MAX_DETAIL),
  status: undefined,
});

export const statusFailure = (status: GrpcStatus, message: string): CallFailure => ({
  code: 'status',
  detail: message === '' ? undefined : message.slice(0, MAX_DETAIL),
  status,
});

interface SystemError {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly cert?: { readonly subjectaltname?: unknown };
}

const BY_ERROR: Readonly<Record<string, CallFailureCode>> = {
  ENOTFOUND: 'name_unknown',
  EAI_AGAIN: 'name_unknown',
  EAI_NONAME: 'name_unknown',
  EAI_FAIL: 'name_unknown',
  ENOENT: 'refused', // of a unix socket
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EACCES: 'unreachable',
  ETIMEDOUT: 'no_answer',
  ERR_SSL_WRONG_VERSION_NUMBER: 'plain_server',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'plain_server',
  ERR_SSL_RECORD_LAYER_FAILURE: 'plain_server',
  ERR_SSL_HTTP_REQUEST: 'plain_server',
  ERR_SSL_UNEXPECTED_MESSAGE: 'plain_server',
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: 'not_http2',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate_untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate_untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate_untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate_untrusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate_untrusted',
  CERT_SIGNATURE_FAILURE: 'certificate_untrusted',
  CERT_UNTRUSTED: 'certificate_untrusted',
  CERT_REJECTED: 'certificate_untrusted',
  INVALID_CA: 'certificate_untrusted',
  INVALID_PURPOSE: 'certificate_untrusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate_name',
  CERT_HAS_EXPIRED: 'certificate_expired',
  CERT_NOT_YET_VALID: 'certificate_early',
};

const CLIENT_MISSING = /ALERT_CERTIFICATE_REQUIRED|PEER_DID_NOT_RETURN_A_CERTIFICATE/;
const CLIENT_REFUSED =
  /ALERT_(?:BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_EXPIRED|CERTIFICATE_REVOKED|CERTIFICATE_UNKNOWN|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED|DECRYPT_ERROR)/;

/** TLS 1.2 has one alert for every refusal: without a client certificate that is the likely reason. */
const HANDSHAKE_FAILED = /ALERT_HANDSHAKE_FAILURE/;

function tlsFailure(code: string, hasClientCertificate: boolean): CallFailureCode | undefined {
  if (CLIENT_MISSING.test(code)) return 'client_certificate_missing';
  if (CLIENT_REFUSED.test(code))
    return hasClientCertificate ? 'client_certificate_refused' : 'client_certificate_missing';
  if (HANDSHAKE_FAILED.test(code) && !hasClientCertificate) return 'client_certificate_missing';
  return /^ERR_(?:SSL|OSSL|TLS)/.test(code) || code === 'EPROTO' ? 'tls_failed' : undefined;
}

/** What an error of a socket, TLS or HTTP/2 means; undefined for one that only says that the connection is gone. */
export function failureOfError(
  error: unknown,
  { hasClientCertificate }: { readonly hasClientCertificate: boolean },
): CallFailure | undefined {
  const { code, message, cert } = (error ?? {}) as SystemError;
  const name = typeof code === 'string' ? code : '';
  const known = BY_ERROR[name] ?? tlsFailure(name, hasClientCertificate);
  if (known === undefined) return undefined;
  const names = known === 'certificate_name' ? cert?.subjectaltname : undefined;
  const detail = typeof names === 'string' ? names.replaceAll('DNS:', '') : name;
  return callFailure(known, detail === '' ? String(message ?? '') : detail);
}
