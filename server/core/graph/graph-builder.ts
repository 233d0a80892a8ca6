import { type EpochMs, MINUTE_MS } from '#core/flow/time.ts';
import type { AddressNaming } from '#core/identity/address-names.ts';
import type { DnsName } from '#core/identity/names.ts';
import { type Peer, peerKey } from '#core/identity/peer.ts';
import { type Edge, type EdgeEnds, type EdgeKey, type EdgePort, edgeKey } from './edge.ts';
import { type EdgeAccumulator, emptyEdge, mergeEdge } from './edge-merge.ts';
import type { EdgeWindow } from './edge-window.ts';
import { coarser, type FoldLevel, foldedPeer, isCoarser, outsideEdge } from './external-fold.ts';
import type { ServiceGraph } from './service-graph.ts';

/** Budgets that keep a scan from costing more than a shopper. */
export interface GraphLimits {
  /** Distinct external peers, names and addresses alike, per workload, direction, protocol and port. */
  readonly externalPeers: number;
  /** Distinct ports per pair of peers and protocol. */
  readonly portsPerPair: number;
  /** Distinct ports of one workload with everything outside, per direction and protocol. */
  readonly outsidePorts: number;
  /** (edge, minute) counts kept; beyond it the oldest minutes go. About 100 bytes each: 256 MB unless set. */
  readonly minutes: number;
}

export const GRAPH_LIMITS: GraphLimits = {
  externalPeers: 256,
  portsPerPair: 64,
  outsidePorts: 128,
  minutes: 2_500_000,
};

interface ExternalGroup {
  level: FoldLevel;
  readonly members: Set<EdgeKey>;
}

/** True once everything that an edge counted was found to belong elsewhere. */
const isTakenBack = ({ conversations, aggregated }: Edge): boolean =>
  conversations.total <= 0 && conversations.proxyLegs <= 0 && aggregated <= 0;

const manyOf = (port: EdgePort): EdgePort => (port === 'none' ? 'none' : 'many');

const pairOf = (ends: EdgeEnds): string => `${peerKey(ends.from)}>${peerKey(ends.to)}|${ends.protocol}`;

/**
 * The live graph: folds deltas, and folds whatever grows beyond its budget. Folding always takes the whole group, so
 * that the graph depends on what was seen and never on the order in which it came.
 */
export class GraphBuilder {
  private readonly limits: GraphLimits;
  private readonly edges = new Map<EdgeKey, EdgeAccumulator>();
  private readonly external = new Map<string, ExternalGroup>();
  private readonly ports = new Map<string, Set<EdgeKey>>();
  /** Ports seen with the outside by traffic, until there are too many. */
  private readonly outsidePorts = new Map<string, Set<number>>();
  /** Pairs, and traffic with the outside, whose ports are folded into one. */
  private readonly manyPorts = new Set<string>();
  private readonly changed = new Set<EdgeKey>();
  private minutesKept = 0;
  private historyFrom: EpochMs | undefined;

  constructor(limits: GraphLimits = GRAPH_LIMITS) {
    this.limits = limits;
  }

  /** Takes in what a collector sent. */
  apply(window: EdgeWindow): void {
    for (const { from, to } of window.renames) {
      this.rename({ kind: 'workload', id: from }, { kind: 'workload', id: to });
    }
    if (window.namings.length > 0) this.nameAddresses(window.namings);
    for (const edge of window.edges) this.add(edge);
    if (this.minutesKept > this.limits.minutes) this.forgetOldest();
  }

  /** Adds a delta. */
  add(delta: Edge): void {
    this.watchOutsidePorts(delta);
    const ends = this.foldedEnds(delta);
    const key = edgeKey(ends);
    this.changed.add(key);
    const known = this.edges.get(key);
    const edge = known ?? emptyEdge(ends, delta.sample);
    this.minutesKept -= edge.minutes.size;
    mergeEdge(edge, delta);
    this.minutesKept += edge.minutes.size;
    if (known !== undefined) {
      if (isTakenBack(edge)) this.remove(key);
      return;
    }
    this.edges.set(key, edge);
    this.watchPorts(edge);
    this.watchExternal(edge);
  }

  /** Moves every edge of one peer to another, e.g. when a workload's kind became known. */
  rename(from: Peer, to: Peer): void {
    const old = peerKey(from);
    const swapped = (peer: Peer): Peer => (peerKey(peer) === old ? to : peer);
    const touched = [...this.edges.values()].filter(
      (edge) => peerKey(edge.from) === old || peerKey(edge.to) === old,
    );
    for (const edge of touched) {
      this.remove(edge.key);
      this.add({ ...edge, from: swapped(edge.from), to: swapped(edge.to) });
    }
  }

  /** Moves edges from a client's bare address to the name it has; an address that was folded stays in its fold. */
  private nameAddresses(namings: readonly AddressNaming[]): void {
    const byEnds = new Map(namings.map(({ client, cidr, name }) => [`${client} ${cidr}`, name]));
    const nameOf = (client: Peer, peer: Peer): DnsName | undefined =>
      peer.kind === 'cidr' ? byEnds.get(`${peerKey(client)} ${peer.cidr}`) : undefined;
    for (const edge of [...this.edges.values()]) {
      const [from, to] = [nameOf(edge.to, edge.from), nameOf(edge.from, edge.to)];
      const name = from ?? to;
      if (name === undefined) continue;
      const peer: Peer = { kind: 'fqdn', name };
      this.remove(edge.key);
      const ends = from === undefined ? { from: edge.from, to: peer } : { from: peer, to: edge.to };
      this.add({ ...edge, ...ends, names: new Set([...edge.names, name]) });
    }
  }

  /** Keys that were added, changed or removed since the last call. */
  takeChanged(): EdgeKey[] {
    const keys = [...this.changed].sort();
    this.changed.clear();
    return keys;
  }

  edge(key: EdgeKey): Edge | undefined {
    return this.edges.get(key);
  }

  /** The graph as it is now, edges in order of their keys. It shares its edges with the builder. */
  snapshot(): ServiceGraph {
    const edges = new Map([...this.edges].sort(([a], [b]) => (a < b ? -1 : 1)));
    const peers = new Map(
      [...edges.values()].flatMap((edge) => [edge.from, edge.to]).map((peer) => [peerKey(peer), peer]),
    );
    let span: { from: number; until: number } | undefined;
    for (const { firstSeenAt, lastSeenAt } of edges.values()) {
      span = {
        from: Math.min(span?.from ?? firstSeenAt, firstSeenAt),
        until: Math.max(span?.until ?? lastSeenAt, lastSeenAt),
      };
    }
    return { edges, peers, span, historyFrom: this.historyFrom };
  }

  private foldedEnds({ from, to, protocol, port }: EdgeEnds): EdgeEnds {
    const outside = outsideEdge({ from, to, protocol, port });
    const isMany = outside !== undefined && this.manyPorts.has(outside.traffic);
    const folded = this.withFoldedPeers({ from, to, protocol, port: isMany ? manyOf(port) : port });
    if (!this.manyPorts.has(pairOf(folded))) return folded;
    return this.withFoldedPeers({ ...folded, port: manyOf(port) });
  }

  private withFoldedPeers({ from, to, protocol, port }: EdgeEnds): EdgeEnds {
    const outside = outsideEdge({ from, to, protocol, port });
    const level = outside === undefined ? 'address' : (this.external.get(outside.group)?.level ?? 'address');
    return { from: foldedPeer(from, level), to: foldedPeer(to, level), protocol, port };
  }

  private remove(key: EdgeKey): void {
    const edge = this.edges.get(key);
    if (edge === undefined) return;
    this.edges.delete(key);
    this.minutesKept -= edge.minutes.size;
    this.changed.add(key);
    this.ports.get(pairOf(edge))?.delete(key);
    const outside = outsideEdge(edge);
    if (outside !== undefined) this.external.get(outside.group)?.members.delete(key);
  }

  private refold(keys: Iterable<EdgeKey>): void {
    const edges = [...keys].map((key) => this.edges.get(key)).filter((edge) => edge !== undefined);
    for (const edge of edges) this.remove(edge.key);
    for (const edge of edges) this.add(edge);
  }

  /** Drops the oldest tenth of the minutes, of every edge alike; the edges' totals stay. */
  private forgetOldest(): void {
    const counts = new Map<EpochMs, number>();
    for (const edge of this.edges.values()) {
      for (const minute of edge.minutes.keys()) counts.set(minute, (counts.get(minute) ?? 0) + 1);
    }
    let toDrop = this.minutesKept - Math.floor(this.limits.minutes * 0.9);
    for (const [minute, count] of [...counts].sort(([a], [b]) => a - b)) {
      if (toDrop <= 0) break;
      for (const edge of this.edges.values()) edge.minutes.delete(minute);
      toDrop -= count;
      this.minutesKept -= count;
      this.historyFrom = minute + MINUTE_MS;
    }
  }

  private watchPorts(edge: Edge): void {
    if (typeof edge.port !== 'number') return;
    const pair = pairOf(edge);
    const keys = this.ports.get(pair) ?? new Set();
    this.ports.set(pair, keys.add(edge.key));
    if (keys.size <= this.limits.portsPerPair) return;
    this.manyPorts.add(pair);
    this.ports.delete(pair);
    this.refold(keys);
  }

  /** Many ports of many outside peers, each used once, are over no budget of their own. */
  private watchOutsidePorts(delta: EdgeEnds): void {
    const outside = outsideEdge(delta);
    if (outside === undefined || typeof delta.port !== 'number') return;
    const { traffic } = outside;
    if (this.manyPorts.has(traffic)) return;
    const ports = this.outsidePorts.get(traffic) ?? new Set();
    this.outsidePorts.set(traffic, ports.add(delta.port));
    if (ports.size <= this.limits.outsidePorts) return;
    this.manyPorts.add(traffic);
    this.outsidePorts.delete(traffic);
    const isPart = (edge: Edge): boolean => outsideEdge(edge)?.traffic === traffic;
    this.refold([...this.edges.values()].filter(isPart).map(({ key }) => key));
  }

  private watchExternal(edge: Edge): void {
    const outside = outsideEdge(edge);
    if (outside === undefined || !this.edges.has(edge.key)) return;
    const group = this.external.get(outside.group) ?? { level: 'address' as FoldLevel, members: new Set() };
    this.external.set(outside.group, group);
    group.members.add(edge.key);
    if (isCoarser(outside.level, group.level)) this.foldGroup(group, outside.level);
    if (group.members.size <= this.limits.externalPeers || group.level === 'all') return;
    this.foldGroup(group, coarser(group.level));
  }

  private foldGroup(group: ExternalGroup, level: FoldLevel): void {
    group.level = level;
    this.refold(new Set(group.members));
  }
}
