import type { EpochMs } from '#core/flow/time.ts';
import { describeEdge, type Edge } from '#core/graph/edge.ts';
import { type Peer, parseWorkloadId } from '#core/identity/peer.ts';
import { compareText, sortedText } from '#core/order.ts';
import { isPolicyProtocol } from '../cell.ts';
import type { ClusterModel } from '../cluster/cluster-model.ts';
import { type AddressRange, rangeOfAddress, rangeOfCidr } from '../connections/address-range.ts';
import { ALL_PORTS, type PortSet } from '../connections/port-set.ts';
import { passedOf } from '../replay/blocked-edge.ts';
import type { Claim } from './claim.ts';
import type { SpotCourt } from './spot-court.ts';
import type { Ground, SpotId } from './spots.ts';

/** Seen traffic that an assertion speaks against. */
export interface SeenOffence {
  /** `shop/cart[Deployment] => shop/db[StatefulSet] : TCP 5432`. */
  readonly line: string;
  /** That passed; for `may`, that policy denied. */
  readonly conversations: number;
  readonly firstSeenAt: EpochMs;
  readonly lastSeenAt: EpochMs;
  /** `namespace/pod`, or addresses, at most three each. */
  readonly fromExamples: readonly string[];
  readonly toExamples: readonly string[];
  /** Whether the policies at hand would let it through. */
  readonly isAllowed: boolean;
}

/** What traffic says about one assertion. */
export interface SeenVerdict {
  /** Most conversations first, at most {@link MOST_SEEN}. */
  readonly offences: readonly SeenOffence[];
  readonly offenceCount: number;
  readonly conversations: number;
  /** Conversations on edges it is about, whatever became of them. */
  readonly looked: number;
  /** Conversations that would have been against it, and were denied. */
  readonly stopped: number;
  /** Conversations of which the recording does not show enough to tell. */
  readonly unsure: number;
}

/** Edges kept of one assertion; the others are counted. */
export const MOST_SEEN = 100;
const MOST_EXAMPLES = 3;

/** Everybody who may have been an end; certain when one of them was for sure. */
interface Candidates {
  readonly ids: readonly SpotId[];
  readonly isCertain: boolean;
}

const overlap = (a: AddressRange, b: AddressRange): boolean =>
  a.family === b.family && a.first <= b.last && b.first <= a.last;

/** Finds the spots that the ends of edges are. */
export class Sightings {
  private readonly ground: Ground;
  private readonly cluster: string;
  private readonly byWorkload = new Map<string, SpotId[]>();
  private readonly byPod = new Map<string, SpotId[]>();
  private readonly byEntity = new Map<string, SpotId>();
  private readonly outside: readonly SpotId[];
  private readonly foreign: readonly SpotId[];

  constructor(ground: Ground, model: ClusterModel, cluster: string) {
    this.ground = ground;
    this.cluster = cluster;
    const add = (map: Map<string, SpotId[]>, key: string, id: SpotId): void => {
      map.set(key, [...(map.get(key) ?? []), id]);
    };
    for (const [id, spot] of ground.spots.entries()) {
      if (spot.kind === 'entity') this.byEntity.set(spot.entity, id);
      if (spot.kind !== 'pods') continue;
      const owner = model.workloads[spot.workload];
      if (owner !== undefined) add(this.byWorkload, `${owner.namespace}/${owner.name}`, id);
      for (const name of new Set(spot.pods.map((pod) => `${pod.namespace}/${pod.name}`)))
        add(this.byPod, name, id);
    }
    const idsOf = (kind: string): readonly SpotId[] =>
      ground.spots.flatMap((spot, id) => (spot.kind === kind ? [id] : []));
    this.outside = idsOf('outside');
    this.foreign = idsOf('foreign');
  }

  /** Who an end of an edge was. */
  candidates(edge: Edge, side: 'from' | 'to'): Candidates {
    const peer = edge[side];
    if (peer.kind === 'workload')
      return this.podsOf(peer, side === 'from' ? edge.fromPods : edge.toPods, edge);
    const entity = peer.kind === 'entity' ? this.byEntity.get(peer.entity) : undefined;
    if (entity !== undefined) return { ids: [entity], isCertain: true };
    return this.placesOf(peer, edge);
  }

  private podsOf(
    peer: Extract<Peer, { kind: 'workload' }>,
    names: ReadonlySet<string>,
    edge: Edge,
  ): Candidates {
    const { cluster, namespace, name } = parseWorkloadId(peer.id);
    if (cluster !== this.cluster) return { ids: this.foreign, isCertain: true };
    const all = this.byWorkload.get(`${namespace}/${name}`) ?? [];
    const known = [...names].flatMap((pod) => this.byPod.get(pod) ?? []).filter((id) => all.includes(id));
    const isCut = edge.truncated.has('pods');
    if (known.length > 0 && !isCut) return { ids: [...new Set(known)], isCertain: true };
    return { ids: all, isCertain: all.length === 1 };
  }

  /** An end outside without an address may have been anywhere outside. */
  private placesOf(peer: Exclude<Peer, { kind: 'workload' }>, edge: Edge): Candidates {
    const addresses = [...edge.addresses.keys()].map(rangeOfAddress).filter((at) => at !== undefined);
    const block = peer.kind === 'cidr' ? rangeOfCidr(peer.cidr) : undefined;
    const ranges = addresses.length > 0 ? addresses : block === undefined ? [] : [block];
    if (ranges.length === 0) return { ids: this.outside, isCertain: false };
    const ids = this.outside.filter((id) => {
      const spot = this.ground.spots[id];
      return spot?.kind === 'outside' && spot.ranges.some((range) => ranges.some((at) => overlap(at, range)));
    });
    return { ids, isCertain: addresses.length > 0 || ids.length === 1 };
  }
}

const holds = (ports: PortSet, protocol: string, port: number): boolean =>
  ports.some((each) => each.protocol === protocol && each.from <= port && port <= each.to);

/** Whether an assertion is about an edge between two spots; `unsure` when its many ports are partly in it. */
function isAboutPort(
  claim: Claim,
  edge: Edge,
  [from, to]: readonly [SpotId, SpotId],
): 'yes' | 'no' | 'unsure' {
  const { protocol, port } = edge;
  const ports = claim.portsBetween(from, to);
  if (!isPolicyProtocol(protocol) || port === 'none') {
    return claim.isAboutAnyProtocol(from, to) ? 'yes' : 'no';
  }
  if (typeof port === 'number') return holds(ports, protocol, port) ? 'yes' : 'no';
  const own = ports.filter((each) => each.protocol === protocol);
  const whole = ALL_PORTS.filter((each) => each.protocol === protocol);
  if (own.length === 0) return 'no';
  return JSON.stringify(own) === JSON.stringify(whole) ? 'yes' : 'unsure';
}

interface Match {
  readonly is: 'yes' | 'no' | 'unsure';
  /** Pairs of spots that match. */
  readonly pairs: readonly (readonly [SpotId, SpotId])[];
}

function matchOf(claim: Claim, edge: Edge, sightings: Sightings): Match {
  const senders = sightings.candidates(edge, 'from');
  const targets = sightings.candidates(edge, 'to');
  const pairs: (readonly [SpotId, SpotId])[] = [];
  let isUnsure = false;
  for (const from of senders.ids.filter((id) => claim.senders.has(id))) {
    for (const to of targets.ids.filter((id) => claim.targets.has(id))) {
      const answer = isAboutPort(claim, edge, [from, to]);
      isUnsure ||= answer === 'unsure';
      if (answer === 'yes') pairs.push([from, to]);
    }
  }
  const isAll = pairs.length > 0 && pairs.length === senders.ids.length * targets.ids.length;
  if (isAll || (pairs.length > 0 && senders.isCertain && targets.isCertain)) return { is: 'yes', pairs };
  return { is: pairs.length > 0 || isUnsure ? 'unsure' : 'no', pairs };
}

function examplesOf(edge: Edge, side: 'from' | 'to'): readonly string[] {
  const pods = side === 'from' ? edge.fromPods : edge.toPods;
  const names = edge[side].kind === 'workload' ? pods : edge.addresses.keys();
  return sortedText(new Set(names)).slice(0, MOST_EXAMPLES);
}

function isAllowed({ protocol, port }: Edge, { pairs }: Match, court: SpotCourt): boolean {
  if (!isPolicyProtocol(protocol) || port === 'none') return true;
  const asked: PortSet = typeof port === 'number' ? [{ protocol, from: port, to: port }] : ALL_PORTS;
  return pairs.some(([from, to]) => court.isAnyAllowed(from, to, asked));
}

/** What is against an assertion: what passed, or for `may` what was denied. */
const againstOf = (claim: Claim, edge: Edge): number =>
  claim.assertion.verb === 'may' ? edge.outcomes.denied : passedOf(edge);

/**
 * What was really seen against an assertion. Only single connections count: that one followed another does not mean
 * that anybody went through. Work grows with edges, never with flows.
 */
export function seenVerdict(
  claim: Claim,
  edges: readonly Edge[],
  { sightings, court }: { readonly sightings: Sightings; readonly court: SpotCourt },
): SeenVerdict {
  const offences: SeenOffence[] = [];
  let [conversations, looked, stopped, unsure] = [0, 0, 0, 0];
  for (const edge of edges) {
    const match = matchOf(claim, edge, sightings);
    if (match.is === 'no') continue;
    const against = againstOf(claim, edge);
    looked += edge.conversations.total;
    if (claim.assertion.verb !== 'may') stopped += match.is === 'yes' ? edge.outcomes.denied : 0;
    if (against === 0) continue;
    if (match.is === 'unsure') {
      unsure += against;
      continue;
    }
    conversations += against;
    offences.push({
      line: describeEdge(edge),
      conversations: against,
      firstSeenAt: edge.firstSeenAt,
      lastSeenAt: edge.lastSeenAt,
      fromExamples: examplesOf(edge, 'from'),
      toExamples: examplesOf(edge, 'to'),
      isAllowed: isAllowed(edge, match, court),
    });
  }
  const sorted = offences.sort((a, b) => b.conversations - a.conversations || compareText(a.line, b.line));
  const kept = sorted.slice(0, MOST_SEEN);
  return { offences: kept, offenceCount: offences.length, conversations, looked, stopped, unsure };
}
