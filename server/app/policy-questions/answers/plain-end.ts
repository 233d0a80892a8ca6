import { addressText, cidrOfRange } from '#core/policy/connections/address-range.ts';
import { type ConnectivityEnd, describeEnd } from '#core/policy/connections/connectivity.ts';

/** An end of a connection as plain data. */
export function plainEnd(end: ConnectivityEnd) {
  const text = describeEnd(end);
  if (end.kind === 'workload') {
    const { namespace, kind, name } = end.workload;
    return { kind: 'workload' as const, text, namespace, workloadKind: kind, name };
  }
  const { family, first, last } = end.range;
  const addresses = { first: addressText(family, first), last: addressText(family, last) };
  return { kind: 'external' as const, text, family, ...addresses, cidr: cidrOfRange(end.range) };
}
