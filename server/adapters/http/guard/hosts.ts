import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** Names under which a page on the same machine reaches the server. */
export const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]'] as const;

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(\d{1,5}))?$/;

interface AllowedHost {
  readonly name: string;
  /** Undefined when any port will do. */
  readonly port: string | undefined;
  /** Undefined when the page comes over plain HTTP from the host that the request names. */
  readonly origin: string | undefined;
}

/** Which origin a request belongs to; undefined when it names no allowed host, none at all, or two. */
export type OriginOf = (request: Pick<IncomingMessage, 'rawHeaders'>) => string | undefined;

const PROTOCOL_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

function parseAllowedHost(text: string): AllowedHost {
  if (text.includes('://')) {
    const url = new URL(text);
    const port = url.port === '' ? PROTOCOL_PORTS[url.protocol] : url.port;
    return { name: url.hostname.toLowerCase(), port, origin: url.origin };
  }
  const bracketed = isIP(text) === 6 ? `[${text}]` : text;
  const [, name, port] = HOST.exec(bracketed.toLowerCase()) ?? [];
  if (name === undefined) throw new Error(`not a host name: ${JSON.stringify(text)}`);
  return { name, port, origin: undefined };
}

function hostHeaders(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'host');
}

function isMatch(allowed: AllowedHost, name: string, port: string | undefined): boolean {
  if (allowed.name !== name) return false;
  if (allowed.port === undefined) return true;
  const isDefaultPort = port === undefined && (allowed.port === '80' || allowed.port === '443');
  return allowed.port === port || isDefaultPort;
}

/**
 * Reads the allow-list: `localhost` (any port: a forwarded port is a host of its own), `localhost:8080`,
 * an address such as `::1`, or a public
 * URL such as `https://bulkhead.example.com`. Throws for text that is none of these: a start-up fault.
 */
export function createOriginOf(allowedHosts: readonly string[]): OriginOf {
  const allowed = allowedHosts.map(parseAllowedHost);
  return ({ rawHeaders }) => {
    const [host, ...more] = hostHeaders(rawHeaders);
    if (host === undefined || more.length > 0) return undefined;
    const [, name, port] = HOST.exec(host.toLowerCase()) ?? [];
    if (name === undefined) return undefined;
    const match = allowed.find((each) => isMatch(each, name, port));
    return match === undefined ? undefined : (match.origin ?? `http://${host.toLowerCase()}`);
  };
}
