import type { CniProfile, Endpoint, Labels, NamedPort, WorldPod } from '../world.ts';
import { type Family, familyAt, type Position, positionOf } from './address-axis.ts';

/** All that policies can tell about one end of a connection; ends with the same facts are one class. */
export interface EndFacts {
  /** Set for a pod that policies can select, as subject and as peer. */
  readonly selectable: { readonly namespace: string; readonly labels: Labels } | undefined;
  /** What port names stand for at this end. */
  readonly namedPorts: readonly NamedPort[];
  /** Its addresses, those that can be read. */
  readonly positions: readonly Position[];
  /** An ipBlock is held against its addresses. */
  readonly isVisible: boolean;
  readonly speaks: Speaks;
  /** Set for a pod of the world. */
  readonly pod: WorldPod | undefined;
}

/** The families an end can use; an end without a known address may use either, and has no address to match. */
export type Speaks = Family | 'both' | 'unknown';

/**
 * In which family a peer's addresses count. Both directions of a connection use the same family, which matters for
 * peers that have both: to a subject of one family they show their address of that family. A subject that has both
 * families itself is judged in each on its own.
 */
export type Sight = Family | 'any';

export const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];

/** What a subject sees of its peers when the connection is made in this family. */
export function sightOf({ speaks }: EndFacts, family: Family): Sight {
  if (speaks === 'both') return family;
  return speaks === 'unknown' ? 'any' : speaks;
}

const NOTHING: readonly never[] = [];

/** A pod that ended is nobody; its address may be somebody else's by now. */
export const hasEnded = ({ phase }: WorldPod): boolean => phase === 'Succeeded' || phase === 'Failed';

/** The facts about a pod, with its own addresses or the one that is said to be used. */
export function factsOfPod(pod: WorldPod, profile: CniProfile, ip?: string): EndFacts {
  const { namespace, labels, hostNetwork } = pod;
  const hasOwnNetwork = !hostNetwork && !hasEnded(pod);
  const positions = (ip === undefined ? pod.ips : [ip]).map(positionOf).filter((at) => at !== undefined);
  return {
    selectable: hasOwnNetwork ? { namespace, labels } : undefined,
    namedPorts: hostNetwork ? NOTHING : soundPorts(pod.namedPorts),
    positions,
    isVisible: !hasEnded(pod) && (hostNetwork ? profile.ipBlockMatchesNodes : profile.ipBlockMatchesPods),
    speaks: speaksOf(positions),
    pod: ip === undefined ? pod : undefined,
  };
}

const isPort = ({ port }: NamedPort): boolean => Number.isInteger(port) && port >= 0 && port <= 65_535;

const soundPorts = (ports: readonly NamedPort[]): readonly NamedPort[] =>
  ports.every(isPort) ? ports : ports.filter(isPort);

function speaksOf(positions: readonly Position[]): Speaks {
  const [first, ...others] = positions;
  if (first === undefined) return 'unknown';
  const family = familyAt(first);
  return others.every((position) => familyAt(position) === family) ? family : 'both';
}

/** The facts about an end that is no pod; `position` undefined when its address is not known. */
export function factsOfPlace(position: Position | undefined, isVisible: boolean): EndFacts {
  const positions = position === undefined ? NOTHING : [position];
  return {
    selectable: undefined,
    namedPorts: NOTHING,
    positions,
    isVisible,
    speaks: speaksOf(positions),
    pod: undefined,
  };
}

/** The facts about any end. */
export function factsOf(end: Endpoint, profile: CniProfile): EndFacts {
  if (end.kind === 'pod') return factsOfPod(end.pod, profile, end.ip);
  return factsOfPlace(positionOf(end.ip), end.kind === 'address' || isEntityVisible(end, profile));
}

function isEntityVisible({ entity }: Endpoint & { readonly kind: 'entity' }, profile: CniProfile): boolean {
  switch (entity) {
    case 'world':
      return true;
    case 'host':
    case 'remote-node':
    case 'kube-apiserver':
      return profile.ipBlockMatchesNodes;
    default:
      return profile.ipBlockMatchesReserved;
  }
}
