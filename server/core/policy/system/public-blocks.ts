import type { Edge } from '#core/graph/edge.ts';
import { groupedBy } from '#core/grouped-by.ts';
import { peerKey } from '#core/identity/peer.ts';
import { isPublicIp, NOT_PUBLIC, parseIp } from '#core/net/ip.ts';
import { sortedText } from '#core/order.ts';
import { type Cell, cellEdgeOf, cellsOf } from '../cell.ts';
import type { NetworkPolicyPeer } from '../network-policy.ts';

/** Everything public of each family; private ranges are never opened along with it. */
const PUBLIC_BLOCKS: Readonly<Record<4 | 6, { readonly cidr: string; readonly except: readonly string[] }>> =
  {
    4: { cidr: '0.0.0.0/0', except: NOT_PUBLIC[4] },
    6: { cidr: '::/0', except: NOT_PUBLIC[6] },
  };

const publicFamilyOf = (text: string): 4 | 6 | undefined => {
  const ip = parseIp(text);
  return ip !== undefined && isPublicIp(ip) ? ip.family : undefined;
};

/**
 * The peers that open a listener to the public: all public addresses of the families its visitors came from. Empty
 * when no visitor was public: then there is nothing to open.
 */
export function publicPeers(visit: Pick<Edge, 'addresses'>): readonly NetworkPolicyPeer[] {
  const families = new Set([...visit.addresses.keys()].map(publicFamilyOf));
  return ([4, 6] as const)
    .filter((family) => families.has(family))
    .map((family) => ({ ipBlock: PUBLIC_BLOCKS[family] }));
}

/** True for the peers of a listener that was opened to the public: they name more than was seen. */
export const isOpenedToPublic = (peers: readonly NetworkPolicyPeer[]): boolean =>
  peers.some(({ ipBlock }) =>
    ([4, 6] as const).some((family) => PUBLIC_BLOCKS[family].cidr === ipBlock?.cidr),
  );

const serverOf = ({ to }: Edge): string => peerKey(to);

/** One port of one workload, whoever comes. */
const listenerOf = (edge: Edge): string => `${serverOf(edge)}|${edge.protocol}|${edge.port}`;

const addressesOf = (edges: readonly Edge[]): readonly string[] =>
  edges.flatMap(({ addresses }) => [...addresses.keys()]);

/** The cells of one listener that it admits from these addresses and, for each of their public families, from anybody. */
function listenerCells(
  listener: Edge,
  visitors: readonly string[],
  seen: readonly string[],
): readonly Cell[] {
  const families = new Set(visitors.map(publicFamilyOf));
  families.delete(undefined);
  const end = cellEdgeOf(listener);
  const others = sortedText(new Set(seen.filter((ip) => families.has(publicFamilyOf(ip)))));
  const anybody = ([4, 6] as const).filter((family) => families.has(family));
  return [
    ...(others.length === 0 ? [] : cellsOf({ ...end, addresses: others })),
    ...anybody.flatMap((family) =>
      cellsOf({ ...end, from: { kind: 'cidr', cidr: PUBLIC_BLOCKS[family].cidr }, addresses: [] }),
    ),
  ];
}

/**
 * The cells that open listeners admit although nobody came: any other public address, and each address that was seen
 * on another port of the workload only. `visits` are the edges whose listeners are opened, `inward` all that come from
 * outside. Grows with listeners times addresses of their workload.
 */
export function publicCells(visits: readonly Edge[], inward: readonly Edge[]): readonly Cell[] {
  const byServer = groupedBy(inward, serverOf);
  return [...groupedBy(visits, listenerOf).values()].flatMap((listener) => {
    const [first] = listener;
    if (first === undefined) return [];
    return listenerCells(first, addressesOf(listener), addressesOf(byServer.get(serverOf(first)) ?? []));
  });
}
