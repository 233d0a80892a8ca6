import type { PeerKey, WorkloadId } from '#core/identity/peer.ts';
import { peerKey } from '#core/identity/peer.ts';
import { parseIp, prefixOf } from '#core/net/ip.ts';
import { isPlaceInside } from '../../certify/place-inside.ts';
import type { PeerRow } from './peer-row.ts';

/** One direction of one subject: everybody it may talk with, and what that admits on this side of a connection. */
export interface Side {
  readonly subject: WorkloadId;
  readonly direction: 'ingress' | 'egress';
  readonly rows: readonly PeerRow[];
  /** Ports by place, whoever's row brings them: what the other end allows is not asked. */
  readonly admitted: ReadonlyMap<PeerKey, ReadonlySet<string>>;
}

/** A further port, or place, that a side admits. */
export interface PlacePorts {
  readonly place: PeerKey;
  /** By `portText`. */
  readonly ports: ReadonlySet<string>;
}

/** Workloads that a row's selector matches beside those it stands for, by workload. */
export type Collisions = ReadonlyMap<WorkloadId, readonly WorkloadId[]>;

const NOBODY: readonly WorkloadId[] = [];

/** The places that a row admits: its workloads with all that share their labels, its addresses one by one. */
function placesOfRow({ others, peer }: PeerRow, collisions: Collisions): readonly PeerKey[] {
  const workloads = others.flatMap((other) =>
    other.kind === 'workload' ? [other.id, ...(collisions.get(other.id) ?? NOBODY)] : [],
  );
  const places = workloads.map((id) => peerKey({ kind: 'workload', id }));
  const block = peer.ipBlock?.cidr;
  return block === undefined ? places : [...places, blockPlace(block)];
}

/** The place of a block, in canonical text; of one that can not be read, as it is written. */
export function blockPlace(block: string): PeerKey {
  const [address = '', bits = ''] = block.split('/');
  const ip = parseIp(address);
  return peerKey({ kind: 'cidr', cidr: ip === undefined ? block : prefixOf(ip, Number(bits)) });
}

const isHostPlace = (place: PeerKey): boolean => place.endsWith(place.includes('.') ? '/32' : '/128');

/** What a wide block admits holds for every place inside it. */
function withInner(admitted: Side['admitted']): Side['admitted'] {
  const wide = [...admitted].filter(([place]) => place.startsWith('cidr:') && !isHostPlace(place));
  const inner = wide.flatMap(([outer, ports]) =>
    [...admitted.keys()].filter((place) => isPlaceInside(place, outer)).map((place) => ({ place, ports })),
  );
  return withPlaces(admitted, inner);
}

/** With more ports at some places. */
export function withPlaces(
  admitted: Side['admitted'],
  more: Iterable<PlacePorts>,
): ReadonlyMap<PeerKey, ReadonlySet<string>> {
  const all = new Map(admitted);
  for (const { place, ports } of more) all.set(place, new Set([...(all.get(place) ?? []), ...ports]));
  return all;
}

/** A side from its rows. */
export function sideOf(of: Pick<Side, 'subject' | 'direction' | 'rows'>, collisions: Collisions): Side {
  const more = of.rows.flatMap((row) =>
    placesOfRow(row, collisions).map((place) => ({ place, ports: new Set(row.asks.keys()) })),
  );
  return { ...of, admitted: withInner(withPlaces(new Map(), more)) };
}
