import type { L7Record } from '#core/simulation/observation.ts';

/** Time to live that Hubble shows for DNS answers the proxy saw. */
const DNS_TTL_SECONDS = 30;

/** Names of DNS response codes as Hubble's summary prints them (RFC 1035 §4.1.1). */
const RCODE_NAMES: Readonly<Record<number, string>> = { 2: 'Server Failure', 3: 'Non-Existent Domain' };

/** A Layer7 message as a value whose JSON has the wire's field order; 64-bit numbers are text. */
export function encodeL7(record: L7Record): string {
  const { http, dns, kind, latencyNs } = record;
  const isResponse = kind === 'response';
  return JSON.stringify({
    type: isResponse ? 'RESPONSE' : 'REQUEST',
    latency_ns: latencyNs === undefined ? undefined : String(latencyNs),
    dns: dns && {
      query: dns.query,
      ips: dns.ips.length > 0 ? dns.ips : undefined,
      ttl: dns.ips.length > 0 ? DNS_TTL_SECONDS : undefined,
      observation_source: 'proxy',
      rcode: dns.rcode === 0 ? undefined : dns.rcode,
      qtypes: [dns.type],
      rrtypes: dns.ips.length > 0 ? [dns.type] : undefined,
    },
    http: http && {
      code: http.code,
      method: http.method,
      url: http.url,
      protocol: 'HTTP/1.1',
      headers: [{ key: 'User-Agent', value: 'shop/1.4' }],
    },
  });
}

function dnsSummary(record: L7Record): string {
  const { dns, kind } = record;
  if (dns === undefined) return '';
  if (kind === 'request') return `DNS Query ${dns.query} ${dns.type}`;
  const rcode = dns.rcode === 0 ? '' : `RCode: ${RCODE_NAMES[dns.rcode] ?? dns.rcode}`;
  const ips = dns.ips.length > 0 ? `"${dns.ips.join(',')}"` : '';
  const ttl = dns.ips.length > 0 ? ` TTL: ${DNS_TTL_SECONDS}` : '';
  return `DNS Answer ${rcode}${ips}${ttl} (Proxy ${dns.query} ${dns.type})`;
}

/** Hubble's one-line summary of an L7 flow. */
export function summariseL7(record: L7Record): string {
  const { http, kind, latencyNs } = record;
  if (http === undefined) return dnsSummary(record);
  if (kind === 'request') return `HTTP/1.1 ${http.method} ${http.url}`;
  const latencyMs = Math.floor((latencyNs ?? 0) / 1_000_000);
  return `HTTP/1.1 ${http.code ?? 0} ${latencyMs}ms (${http.method} ${http.url})`;
}
