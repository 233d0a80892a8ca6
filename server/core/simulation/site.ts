import type { DecidingPolicy } from '#core/flow/flow.ts';
import { type Entity, type Peer, type PeerKey, peerKey } from '#core/identity/peer.ts';
import type { ObservedEnd } from './observation.ts';
import type { TrueEnd } from './truth.ts';

/** A policy that already governs one direction of a pod when the story begins. */
export interface PolicyGate {
  readonly policy: DecidingPolicy;
  /** Keys of the peers it admits; undefined admits everyone. A node is always let in to its own pods. */
  readonly admits: ReadonlySet<PeerKey> | undefined;
  /** What the node's proxy reads on the way through. */
  readonly proxy: 'http' | 'dns' | undefined;
}

/** A node and its addresses. */
export interface SimNode {
  readonly name: string;
  /** `cluster/node`, as the data path signs its reports. */
  readonly absoluteName: string;
  readonly ip: string;
  /** Address of the node inside the pod network; a proxy speaks from it. */
  readonly routerIp: string;
  /** The node itself, seen as `host` at home and as `remote-node` elsewhere. */
  readonly host: Site;
  /** The health endpoint that nodes ping each other through. */
  readonly health: Site;
  /** Takes a pod address; what was given back last is taken first, as busy clusters reuse addresses. */
  readonly takeIp: () => string;
  readonly giveBackIp: (ip: string) => void;
  readonly nextEndpointId: () => number;
}

/** Something that can send or receive: a pod, a node, a health endpoint, an address outside. */
export interface Site {
  /** Undefined outside the cluster. */
  readonly node: SimNode | undefined;
  /** True when the data path watches its interface: pods and health endpoints. */
  readonly isEndpoint: boolean;
  readonly truth: TrueEnd;
  /** How it truly counts to ends on other nodes; differs from `truth` only for a node. */
  readonly truthElsewhere: TrueEnd;
  /** As its own node describes it. */
  readonly local: ObservedEnd;
  /** As every other node describes it. */
  readonly remote: ObservedEnd;
  readonly ingress: PolicyGate | undefined;
  readonly egress: PolicyGate | undefined;
  readonly listens: ReadonlySet<number>;
  /** DNS names a client behind a DNS proxy knows for it. */
  readonly names: readonly string[];
  isGone: boolean;
  /** How many client ports it has used; keeps two connections of a minute apart. */
  portsUsed: number;
}

/** Whoever takes part in a demand: one of its sites is drawn for each conversation. */
export interface Actor {
  readonly sites: readonly Site[];
}

const NO_LABELS: ReadonlyMap<string, string> = new Map();
const NO_PORTS: ReadonlySet<number> = new Set();
const NOBODY: readonly never[] = [];

/** A locally administered MAC that follows from the address. */
export const macOf = (ip: string): string =>
  `0a:58:${ip
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join(':')}`;

interface ReservedEnd {
  readonly ip: string;
  readonly identity: number;
  readonly entities: readonly Entity[];
  readonly endpointId?: number;
  readonly fqdn?: string;
}

/** An end that carries a reserved identity instead of a pod. */
export const reservedEnd = (facts: ReservedEnd): ObservedEnd => ({
  ip: facts.ip,
  mac: macOf(facts.ip),
  endpointId: facts.endpointId,
  identity: facts.identity,
  cluster: undefined,
  namespace: undefined,
  pod: undefined,
  serviceAccount: undefined,
  workloads: NOBODY,
  labels: NO_LABELS,
  namespaceLabels: NO_LABELS,
  entities: facts.entities,
  fqdn: facts.fqdn,
});

/** A true end that is no pod. */
export const trueEnd = (peer: Peer, ip: string): TrueEnd => ({
  peer,
  key: peerKey(peer),
  pod: undefined,
  ip,
});

/** Machines do not all begin at the same client port; the address decides where this one does. */
const firstPortOf = (ip: string): number =>
  ip.split('.').reduce((sum, part) => (sum * 31 + Number(part)) % 28_231, 0);

interface SiteFacts {
  readonly node?: SimNode;
  readonly truth: TrueEnd;
  readonly truthElsewhere?: TrueEnd;
  readonly local: ObservedEnd;
  readonly remote?: ObservedEnd;
  readonly isEndpoint?: boolean;
  readonly ingress?: PolicyGate | undefined;
  readonly egress?: PolicyGate | undefined;
  readonly listens?: ReadonlySet<number>;
  readonly names?: readonly string[];
}

/** A site from what differs between sites. */
export const site = (facts: SiteFacts): Site => ({
  node: facts.node,
  isEndpoint: facts.isEndpoint ?? false,
  truth: facts.truth,
  truthElsewhere: facts.truthElsewhere ?? facts.truth,
  local: facts.local,
  remote: facts.remote ?? facts.local,
  ingress: facts.ingress,
  egress: facts.egress,
  listens: facts.listens ?? NO_PORTS,
  names: facts.names ?? NOBODY,
  isGone: false,
  portsUsed: firstPortOf(facts.local.ip),
});

/** The site as the given node describes it. */
export const seenFrom = (seen: Site, node: SimNode): ObservedEnd =>
  seen.node === node ? seen.local : seen.remote;

/** Linux' default range of client ports, walked with a stride so that neighbours look unrelated. */
export function nextClientPort(client: Site): number {
  client.portsUsed += 1;
  return 32_768 + ((client.portsUsed * 7919) % 28_231);
}
