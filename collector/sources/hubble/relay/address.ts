import { failed, ok, type Result } from '#core/result.ts';

/** Where a server of Hubble's protocol is. */
export interface RelayAddress {
  /** As the user wrote it, without a scheme: `relay:4245`. Not escaped. */
  readonly text: string;
  readonly isTls: boolean;
  readonly at:
    | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
    | { readonly kind: 'unix'; readonly path: string };
}

/** Why a text is no address: one sentence, which does not repeat the text. */
export type AddressObjection = string;

/** The ports of the Service that Cilium's chart makes for Relay. */
const PLAIN_PORT = 80;
const TLS_PORT = 443;
const MAX_LENGTH = 300;
const HOST = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?$/;
const IPV6 = /^[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9]{1,16})?$/;
const HELP =
  'Write it like hubble-relay.kube-system:80, tls://relay.example:443 or unix:///var/run/cilium/hubble.sock.';

interface HostAndPort {
  readonly host: string;
  readonly port: string | undefined;
}

function splitPort(text: string): HostAndPort | undefined {
  const bracketed = /^\[([^\]]*)\](?::(\d{1,5}))?$/.exec(text);
  if (bracketed !== null) {
    const host = bracketed[1] ?? '';
    return IPV6.test(host) ? { host, port: bracketed[2] } : undefined;
  }
  const named = /^([^:]+)(?::(\d{1,5}))?$/.exec(text);
  const host = named?.[1] ?? '';
  return HOST.test(host) ? { host, port: named?.[2] } : undefined;
}

function tcpAddress(text: string, isTls: boolean): Result<RelayAddress, AddressObjection> {
  const split = splitPort(text);
  if (split === undefined) {
    const isBareIpv6 = IPV6.test(text) && text.split(':').length > 2;
    return failed(
      isBareIpv6 ? 'An IPv6 address stands in brackets: [::1]:4245.' : `It is no host and port. ${HELP}`,
    );
  }
  const port = split.port === undefined ? (isTls ? TLS_PORT : PLAIN_PORT) : Number(split.port);
  if (port < 1 || port > 65_535) return failed('The port must be 1 to 65535.');
  const { host } = split;
  const shown = host.includes(':') ? `[${host}]` : host;
  return ok({ text: `${shown}:${port}`, isTls, at: { kind: 'tcp', host, port } });
}

/**
 * Reads an address as Hubble's own client writes it: `host:port`, with `tls://` before it for TLS, or `unix:///path`.
 * Without a port it is that of Relay's Service, 80, or 443 with TLS.
 */
export function parseRelayAddress(
  text: string,
  withTls: 'tls' | 'as-written' = 'as-written',
): Result<RelayAddress, AddressObjection> {
  if (text === '' || text.length > MAX_LENGTH) return failed(`It is no address. ${HELP}`);
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text);
  const name = scheme?.[1]?.toLowerCase();
  const rest = text.slice(scheme?.[0].length ?? 0);
  const isTls = withTls === 'tls' || name === 'tls';
  if (name === 'unix') return unixAddress(rest, withTls);
  if (name === undefined || name === 'tls') return tcpAddress(rest.replace(/\/$/, ''), isTls);
  const instead = name === 'https' || name === 'grpcs' ? `tls://${rest}` : rest;
  return failed(`${name}:// is not used here: write ${instead} instead.`);
}

function unixAddress(path: string, withTls: 'tls' | 'as-written'): Result<RelayAddress, AddressObjection> {
  if (withTls === 'tls') return failed('TLS can not be used over a unix socket.');
  if (!path.startsWith('/')) return failed('A unix socket is written unix:///with/its/path.');
  return ok({ text: `unix://${path}`, isTls: false, at: { kind: 'unix', path } });
}
