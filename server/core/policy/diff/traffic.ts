import type { Edge, EdgeKey } from '#core/graph/edge.ts';
import { type Peer, parseWorkloadId } from '#core/identity/peer.ts';
import { type ClusterModel, describeWorkload } from '../cluster/cluster-model.ts';
import { type AddressRange, rangeOfAddress, rangeOfCidr } from '../connections/address-range.ts';
import { type ConnectivityEnd, describeEnd } from '../connections/connectivity.ts';
import type { PortSet } from '../connections/port-set.ts';
import { passedOf } from '../replay/blocked-edge.ts';
import type { CniProfile } from '../world.ts';
import type { ChangeTraffic, ConnectionChange } from './connection-change.ts';
import { workloadFinder } from './observed.ts';

/** How much of an edge a change is about: all its conversations, perhaps only some, or none. */
type Share = 'all' | 'some' | 'none';

const OUTSIDE = 'outside';

const keyOfEnd = (end: ConnectivityEnd): string => (end.kind === 'external' ? OUTSIDE : describeEnd(end));

const least = (a: Share, b: Share): Share =>
  a === 'none' || b === 'none' ? 'none' : a === 'some' || b === 'some' ? 'some' : 'all';

function shareOf(hits: number, total: number): Share {
  if (hits === 0) return 'none';
  return hits === total ? 'all' : 'some';
}

const isWhole = ({ family, first, last }: AddressRange): boolean =>
  first === 0n && last === (1n << (family === 'IPv4' ? 32n : 128n)) - 1n;

/** What of an edge's far end lies in a range. An end of which no address is known may lie anywhere. */
function addressShare(edge: Edge, peer: Peer, range: AddressRange): Share {
  const own = peer.kind === 'cidr' && edge.addresses.size === 0 ? [rangeOfCidr(peer.cidr)] : [];
  const known = [...[...edge.addresses.keys()].map(rangeOfAddress), ...own].filter(
    (each) => each !== undefined,
  );
  if (known.length === 0) return isWhole(range) ? 'all' : 'some';
  const hits = known.filter(
    ({ family, first, last }) => family === range.family && range.first <= first && last <= range.last,
  );
  const share = shareOf(hits.length, known.length);
  return share === 'all' && edge.truncated.has('addresses') ? 'some' : share;
}

function portShare({ protocol, port }: Edge, ports: PortSet): Share {
  const own = ports.filter((each) => each.protocol === protocol);
  if (own.length === 0 || port === 'none') return 'none';
  if (port === 'many') return own.some(({ from, to }) => from === 1 && to === 65_535) ? 'all' : 'some';
  return own.some(({ from, to }) => from <= port && port <= to) ? 'all' : 'none';
}

export interface BookOptions {
  /** Holds everybody whom a change may name. */
  readonly model: ClusterModel;
  readonly profile: CniProfile;
  /** The edges that the new policies block and the old ones do not. */
  readonly broken: ReadonlySet<EdgeKey>;
}

/** True for what a range of addresses may mean: on some networks not nodes, nor what else has an identity of its own. */
const isOutside = (peer: Peer, { ipBlockMatchesNodes, ipBlockMatchesReserved }: CniProfile): boolean =>
  peer.kind !== 'entity' || peer.entity === 'world' || (ipBlockMatchesNodes && ipBlockMatchesReserved);

/** Edges by the ends that changes know. */
export class TrafficBook {
  private readonly edges = new Map<string, Edge[]>();
  private readonly broken: ReadonlySet<EdgeKey>;
  private readonly met = new Set<EdgeKey>();

  constructor(edges: readonly Edge[], { model, profile, broken }: BookOptions) {
    this.broken = broken;
    const find = workloadFinder(model);
    const nameOf = (peer: Peer): string | undefined => {
      if (peer.kind !== 'workload') return isOutside(peer, profile) ? OUTSIDE : undefined;
      const place = find(parseWorkloadId(peer.id));
      const workload = place === undefined ? undefined : model.workloads[place];
      return workload && describeWorkload(workload);
    };
    for (const edge of edges) {
      const [from, to] = [nameOf(edge.from), nameOf(edge.to)];
      if (from === undefined || to === undefined) continue;
      const key = `${from} ${to}`;
      const known = this.edges.get(key);
      if (known === undefined) this.edges.set(key, [edge]);
      else known.push(edge);
    }
  }

  /** What was seen of a change. An edge that only some addresses of count for is counted as a whole, and said so. */
  trafficOf(change: ConnectionChange): ChangeTraffic {
    const edges = this.edges.get(`${keyOfEnd(change.from)} ${keyOfEnd(change.to)}`) ?? [];
    const parts = edges.map((edge) => this.partOf(edge, change)).filter((part) => part !== undefined);
    const sum = (of: (part: ChangeTraffic) => number): number =>
      parts.reduce((total, part) => total + of(part), 0);
    const times = parts.map(({ lastSeenAt }) => lastSeenAt).filter((time) => time !== undefined);
    return {
      closed: sum(({ closed }) => closed),
      broken: sum(({ broken }) => broken),
      opened: sum(({ opened }) => opened),
      isAtMost: parts.some(({ isAtMost }) => isAtMost),
      lastSeenAt: times.length === 0 ? undefined : times.reduce((a, b) => Math.max(a, b)),
    };
  }

  /** What of one edge a change is about; undefined for nothing. */
  private partOf(edge: Edge, change: ConnectionChange): ChangeTraffic | undefined {
    const place = placeShare(edge, change);
    const closing = least(place, portShare(edge, change.closed));
    const opening = least(place, portShare(edge, change.opened));
    const closed = closing === 'none' ? 0 : passedOf(edge);
    const opened = opening === 'none' ? 0 : edge.outcomes.denied;
    if (closed + opened === 0) return undefined;
    const isBroken = closed > 0 && this.broken.has(edge.key);
    if (isBroken) this.met.add(edge.key);
    const isAtMost = (closed > 0 && closing === 'some') || (opened > 0 && opening === 'some');
    return { closed, broken: isBroken ? closed : 0, opened, isAtMost, lastSeenAt: edge.lastSeenAt };
  }

  /** True when some change that was asked about is about the edge. */
  hasMet(key: EdgeKey): boolean {
    return this.met.has(key);
  }
}

function placeShare(edge: Edge, { from, to }: ConnectionChange): Share {
  if (from.kind === 'external') return addressShare(edge, edge.from, from.range);
  return to.kind === 'external' ? addressShare(edge, edge.to, to.range) : 'all';
}
