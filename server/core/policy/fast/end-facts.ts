import type { Entity } from '#core/identity/peer.ts';
import type { CniProfile, Endpoint, Labels, NamedPort, WorldPod } from '../world.ts';
import { type Family, familyAt, type Position, positionOf } from './address-axis.ts';

/** All that policies can tell about one end of a connection; ends with the same facts are one class. */
export interface EndFacts {
  /** Set for a pod that policies can be about. */
  readonly selectable: Labelled | undefined;
  /** Set for a pod that the selectors of a peer can find: whoever is selectable, and on some networks more. */
  readonly findable: Labelled | undefined;
  /** Set for a node where the network meets nodes as a namespace: its name. */
  readonly nodesOf: string | undefined;
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

interface Labelled {
  readonly namespace: string;
  readonly labels: Labels;
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
  const isAlive = !hasEnded(pod);
  const positions = (ip === undefined ? pod.ips : [ip]).map(positionOf).filter((at) => at !== undefined);
  return {
    selectable: isGoverned(pod, profile) ? { namespace, labels } : undefined,
    findable: isFindable(pod, profile) ? { namespace, labels } : undefined,
    nodesOf: isAlive && hostNetwork ? profile.nodeNamespace?.name : undefined,
    namedPorts: hostNetwork ? NOTHING : soundPorts(pod.namedPorts),
    positions,
    isVisible: isAlive && (hostNetwork ? profile.ipBlockMatchesNodes : profile.ipBlockMatchesPods),
    speaks: speaksOf(positions),
    pod: ip === undefined ? pod : undefined,
  };
}

const isGoverned = (pod: WorldPod, { governsBarePods }: CniProfile): boolean =>
  !hasEnded(pod) && !pod.hostNetwork && (governsBarePods || pod.bare !== true);

const isFindable = (pod: WorldPod, { selectorsFindHostNetwork }: CniProfile): boolean =>
  !hasEnded(pod) && (selectorsFindHostNetwork || !pod.hostNetwork);

const isPort = ({ port }: NamedPort): boolean => Number.isInteger(port) && port >= 0 && port <= 65_535;

const soundPorts = (ports: readonly NamedPort[]): readonly NamedPort[] =>
  ports.every(isPort) ? ports : ports.filter(isPort);

function speaksOf(positions: readonly Position[]): Speaks {
  const [first, ...others] = positions;
  if (first === undefined) return 'unknown';
  const family = familyAt(first);
  return others.every((position) => familyAt(position) === family) ? family : 'both';
}

/** An end that is no pod. */
interface Place {
  /** Undefined when its address is not known. */
  readonly position: Position | undefined;
  readonly isVisible: boolean;
  readonly nodesOf?: string | undefined;
}

export function factsOfPlace({ position, isVisible, nodesOf }: Place): EndFacts {
  const positions = position === undefined ? NOTHING : [position];
  return {
    selectable: undefined,
    findable: undefined,
    nodesOf,
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
  const position = positionOf(end.ip);
  if (end.kind === 'address') return factsOfPlace({ position, isVisible: true });
  const nodesOf = isNode(end.entity) ? profile.nodeNamespace?.name : undefined;
  return factsOfPlace({ position, isVisible: isEntityVisible(end, profile), nodesOf });
}

function isEntityVisible({ entity }: Endpoint & { readonly kind: 'entity' }, profile: CniProfile): boolean {
  if (entity === 'world') return true;
  return isNode(entity) ? profile.ipBlockMatchesNodes : profile.ipBlockMatchesReserved;
}

/** The entities that are nodes, or run on them with the node's network. */
export const isNode = (entity: Entity): boolean =>
  entity === 'host' || entity === 'remote-node' || entity === 'kube-apiserver';
