import type { PeerKey } from '#core/identity/peer.ts';
import { formatIp, maskIp, parseIp } from '#core/net/ip.ts';

/** True for a place outside the cluster that lies in a block; both as keys of peers. */
export function isPlaceInside(place: PeerKey, outer: PeerKey): boolean {
  if (place === outer) return true;
  if (!place.startsWith('cidr:') || !outer.startsWith('cidr:')) return false;
  const [address = '', own = ''] = place.slice('cidr:'.length).split('/');
  const [base = '', bits = ''] = outer.slice('cidr:'.length).split('/');
  const [ip, block] = [parseIp(address), parseIp(base)];
  if (ip === undefined || block === undefined || ip.family !== block.family) return false;
  return Number(own) >= Number(bits) && formatIp(maskIp(ip, Number(bits))) === formatIp(block);
}
