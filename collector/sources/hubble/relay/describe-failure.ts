import { unreachable } from '#core/result.ts';
import type { CallFailure } from './call-failure.ts';
import type { GrpcStatus } from './grpc-status.ts';

/** What the sentence is about. */
export interface FailurePlace {
  /** The address, as the user wrote it. */
  readonly address: string;
  /** The name that the certificate must be made out to. */
  readonly serverName: string;
  /** Whether CAs were named that are to be trusted. */
  readonly namesCa?: boolean;
}

type Sentence = (place: FailurePlace, detail: string) => string;

const quoted = (detail: string): string => (detail === '' ? '' : ` (${detail})`);

const SENTENCES: Readonly<Record<Exclude<CallFailure['code'], 'status'>, Sentence>> = {
  name_unknown: ({ address }) =>
    `The name in ${address} is not known here: check the spelling, or reach it by a port-forward (kubectl -n kube-system port-forward service/hubble-relay 4245:80, then --hubble localhost:4245).`,
  refused: ({ address }) =>
    address.startsWith('unix://')
      ? `Nothing listens at ${address}: check the path, and that the agent runs on this node with Hubble enabled.`
      : `Nothing listens at ${address}: check host and port, and that Relay runs (kubectl -n kube-system get pods -l k8s-app=hubble-relay).`,
  unreachable: ({ address }, detail) =>
    `There is no way to ${address}${quoted(detail)}: check the route and the policies between here and there.`,
  no_answer: ({ address }) =>
    `${address} does not answer: check the address, and that no firewall or NetworkPolicy drops the way there.`,
  plain_server: ({ address }) =>
    `${address} does not speak TLS: write it without tls:// (and without --tls), or switch TLS on at the server.`,
  tls_server: ({ address }) => `${address} expects TLS: write it as tls://${address}.`,
  certificate_untrusted: ({ address, namesCa }) =>
    namesCa === true
      ? `The certificate of ${address} is signed by none of the CAs in --tls-ca-cert-files: name the file of the one that signed it.`
      : `The certificate of ${address} is signed by nobody that is trusted here: name the file of its CA with --tls-ca-cert-files.`,
  certificate_name: ({ address, serverName }, detail) =>
    `The certificate of ${address} is not made out to ${serverName} but to ${detail}: name one of these with --tls-server-name (instance.hubble-relay.cilium.io for *.hubble-relay.cilium.io).`,
  certificate_expired: ({ address }) =>
    `The certificate of ${address} has expired: renew it at the server; it is taken up at the next attempt.`,
  certificate_early: ({ address }) =>
    `The certificate of ${address} is not valid yet: one of the two clocks is wrong.`,
  client_certificate_missing: ({ address }) =>
    `${address} asks for a client certificate: name it with --tls-client-cert-file and --tls-client-key-file.`,
  client_certificate_refused: ({ address }, detail) =>
    `${address} does not accept the client certificate${quoted(detail)}: it must be valid and signed by the CA that the server trusts.`,
  tls_failed: ({ address }, detail) =>
    `TLS with ${address} failed${quoted(detail)}: check that both sides share a TLS version and that the files belong together.`,
  tls_files: (_place, detail) => detail,
  not_http2: ({ address }) =>
    `What listens at ${address} does not speak gRPC (HTTP/2): check the port; Relay's Service has 80, or 443 with TLS.`,
  not_grpc: ({ address }) =>
    `What listens at ${address} speaks HTTP/2 but is no gRPC server: check host and port.`,
  broken_stream: ({ address }, detail) =>
    `${address} sent what is no gRPC message${quoted(detail)}: the stream is begun again.`,
  cut: ({ address }) => `The connection to ${address} was cut; it is made again.`,
};

const BY_STATUS: Partial<Readonly<Record<GrpcStatus, Sentence>>> = {
  PERMISSION_DENIED: ({ address }, detail) =>
    `${address} does not allow this client to read flows${quoted(detail)}: ask for access, or use a client certificate that has it.`,
  UNAUTHENTICATED: ({ address }, detail) =>
    `${address} wants to know who asks${quoted(detail)}: name a client certificate with --tls-client-cert-file and --tls-client-key-file.`,
  UNIMPLEMENTED: ({ address }) =>
    `${address} is a gRPC server but not Hubble's: it does not know the Observer service. Check host and port.`,
  UNAVAILABLE: ({ address }, detail) =>
    `${address} is not available now${quoted(detail)}; it is asked again.`,
  RESOURCE_EXHAUSTED: ({ address }, detail) =>
    `${address} has no room for another stream${quoted(detail)}; it is asked again.`,
  DEADLINE_EXCEEDED: ({ address }) => `${address} did not answer in time; it is asked again.`,
};

/** One sentence that says what is wrong and what to do; not escaped. */
export function describeCallFailure({ code, detail = '', status }: CallFailure, place: FailurePlace): string {
  if (code !== 'status') return SENTENCES[code](place, detail);
  if (status === undefined) return unreachable(status as never);
  const known = BY_STATUS[status];
  return known?.(place, detail) ?? `${place.address} ended the call with ${status}${quoted(detail)}.`;
}
