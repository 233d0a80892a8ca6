import type { AddressNames } from '#core/identity/address-names.ts';
import { type PeerKey, peerKey } from '#core/identity/peer.ts';
import type { ResolvedEnd } from '#core/identity/resolve.ts';
import { hostPrefix, parseIp } from '#core/net/ip.ts';
import type { ResolvedConversation } from './edge-fold.ts';

function cidrOf(ip: string): string {
  const parsed = parseIp(ip);
  return parsed === undefined ? ip : hostPrefix(parsed);
}

/** Who knows the names of an outside address: the workload at the other end, else the other address. */
function clientOf({ peer, ip }: ResolvedEnd): PeerKey {
  return peerKey(peer.kind === 'workload' || ip === undefined ? peer : { kind: 'cidr', cidr: cidrOf(ip) });
}

type Visit = (end: ResolvedEnd, client: PeerKey) => void;

function eachNamed(batch: readonly ResolvedConversation[], visit: Visit): void {
  for (const { a, b } of batch) {
    if (a.peer.kind === 'fqdn') visit(a, clientOf(b));
    if (b.peer.kind === 'fqdn') visit(b, clientOf(a));
  }
}

function named(end: ResolvedEnd, other: ResolvedEnd, names: AddressNames): ResolvedEnd {
  if (end.peer.kind !== 'cidr') return end;
  const name = names.nameOf(clientOf(other), end.peer.cidr);
  return name === undefined ? end : { ...end, peer: { kind: 'fqdn', name } };
}

/**
 * Gives addresses the names under which the same client reached them in other conversations, of this batch whatever their
 * order or of earlier ones: an address must not be one peer with its name and another without.
 */
export function nameAddresses(
  batch: readonly ResolvedConversation[],
  names: AddressNames,
): ResolvedConversation[] {
  eachNamed(batch, ({ peer, ip }, client) => {
    if (peer.kind === 'fqdn' && ip !== undefined) names.learn(client, cidrOf(ip), peer.name);
  });
  eachNamed(batch, ({ ip }, client) => {
    if (ip !== undefined) names.settle(client, cidrOf(ip));
  });
  return batch.map((each) => {
    const a = named(each.a, each.b, names);
    const b = named(each.b, each.a, names);
    return a === each.a && b === each.b ? each : { ...each, a, b };
  });
}
