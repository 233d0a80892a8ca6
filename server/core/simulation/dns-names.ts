import type { SimWorkload } from './cluster.ts';
import type { DnsCall } from './exchange.ts';

/** Lookups of a workload's Service by its full name: IPv4 is answered, IPv6 exists without an address. */
export function serviceLookups(workload: SimWorkload): readonly DnsCall[] {
  const { namespace, name, service } = workload.plan;
  const query = `${service ?? name}.${namespace}.svc.cluster.local.`;
  return [
    { query, type: 'A', ips: [workload.serviceIp], rcode: 0 },
    { query, type: 'AAAA', ips: [], rcode: 0 },
  ];
}

/** A lookup of a name outside, after the search path of the pod's namespace has failed once (`ndots: 5`). */
export function outsideLookups(name: string, ips: readonly string[], namespace: string): readonly DnsCall[] {
  return [
    { query: `${name}.${namespace}.svc.cluster.local.`, type: 'A', ips: [], rcode: 3 },
    { query: `${name}.`, type: 'A', ips, rcode: 0 },
  ];
}
