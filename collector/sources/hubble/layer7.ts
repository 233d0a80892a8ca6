import type { L7Summary } from '#core/flow/flow.ts';
import { l7TypeName } from './enums.ts';
import { pathShape } from './path-shape.ts';
import { isMessage, looseText, looseTexts } from './wire.ts';

interface WireLayer7 {
  readonly type?: unknown;
  readonly http?: unknown;
  readonly dns?: unknown;
  /** Go's own encoder nests the one that is set. */
  readonly Record?: unknown;
}

interface WireHttp {
  readonly method?: unknown;
  readonly url?: unknown;
  readonly code?: unknown;
}

interface WireDns {
  readonly query?: unknown;
  readonly ips?: unknown;
  readonly rcode?: unknown;
}

const KINDS: ReadonlyMap<string, L7Summary['kind']> = new Map([
  ['REQUEST', 'request'],
  ['RESPONSE', 'response'],
  ['SAMPLE', 'sample'],
]);

const METHOD = /^[A-Za-z-]{1,20}$/;

const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;

/** Only what tells one call from another: headers, query strings and users never leave this function. */
function httpOf(wire: WireHttp): NonNullable<L7Summary['http']> {
  const method = looseText(wire.method) ?? '';
  const code = numberOf(wire.code);
  return {
    method: METHOD.test(method) ? method.toUpperCase() : 'OTHER',
    path: pathShape(looseText(wire.url) ?? ''),
    code: code === 0 ? undefined : code,
  };
}

const dnsOf = (wire: WireDns): NonNullable<L7Summary['dns']> => ({
  query: looseText(wire.query) ?? '',
  ips: looseTexts(wire.ips),
  rcode: numberOf(wire.rcode) ?? 0,
});

/** What a proxy saw of one request or answer; undefined when the field holds none. Never a fault: it decides nothing. */
export function layer7Of(value: unknown): L7Summary | undefined {
  if (!isMessage(value)) return undefined;
  const wire: WireLayer7 = value;
  const nested: WireLayer7 = isMessage(wire.Record) ? wire.Record : wire;
  const kind = KINDS.get(l7TypeName(wire.type) ?? '') ?? 'unknown';
  return {
    kind,
    ...(isMessage(nested.http) ? { http: httpOf(nested.http) } : {}),
    ...(isMessage(nested.dns) ? { dns: dnsOf(nested.dns) } : {}),
  };
}
