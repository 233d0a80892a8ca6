import type { Brand } from '#core/brand.ts';
import { NAMED_LIMITS } from '#core/flow/bounded.ts';
import type { DirectionProof } from '#core/flow/direction.ts';
import type { DecidingPolicy, Flow, Protocol } from '#core/flow/flow.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { DnsName } from '#core/identity/names.ts';
import { describePeer, type Peer, peerKey } from '#core/identity/peer.ts';

/** The server's port; `none` for protocols without ports, `many` once a pair used more than the budget. */
export type EdgePort = number | 'none' | 'many';

export interface EdgeEnds {
  readonly from: Peer;
  readonly to: Peer;
  readonly protocol: Protocol;
  readonly port: EdgePort;
}

/** Names an edge uniquely and stably: `workload:…>workload:…|TCP|9080`. */
export type EdgeKey = Brand<string, 'EdgeKey'>;

/** The key of the edge between these ends. */
export const edgeKey = (ends: EdgeEnds): EdgeKey =>
  `${peerKey(ends.from)}>${peerKey(ends.to)}|${ends.protocol}|${ends.port}` as EdgeKey; // the only cast to EdgeKey

/** `TCP 9080`, `ICMPv4`, `TCP many ports`. */
export function describePort(ends: Pick<EdgeEnds, 'protocol' | 'port'>): string {
  if (ends.port === 'none') return ends.protocol;
  return `${ends.protocol} ${ends.port === 'many' ? 'many ports' : ends.port}`;
}

/** One readable line: `shop/cart[Deployment] => shop/db[StatefulSet] : TCP 5432`. */
export const describeEdge = (ends: EdgeEnds): string =>
  `${describePeer(ends.from)} => ${describePeer(ends.to)} : ${describePort(ends)}`;

/** How many conversations an edge carried, by what became of them. */
export interface ConversationCounts {
  /** Distinct conversations, merged over all reports of each. */
  readonly total: number;
  /** Those whose first packet was seen. */
  readonly opened: number;
  /** Those in which the server answered. */
  readonly answered: number;
  /** Those the server reset at once. No reply in a short capture is not a refusal. */
  readonly refused: number;
  /** Second connections that an L7 proxy opened for conversations counted above; not in `total`. */
  readonly proxyLegs: number;
  readonly atSource: number;
  readonly atDestination: number;
}

/** What the data path did with the conversations; each counts once. */
export const OUTCOMES = ['forwarded', 'redirected', 'audited', 'denied', 'failed'] as const;
export type Outcome = (typeof OUTCOMES)[number];
export type OutcomeCounts = Readonly<Record<Outcome, number>>;

/** Conversations active in one minute, and those of them that policy denied. */
export interface MinuteCount {
  readonly conversations: number;
  readonly denied: number;
}

export interface ExternalAddress {
  readonly ip: string;
  readonly firstSeenAt: EpochMs;
  readonly lastSeenAt: EpochMs;
}

/** Counted text, such as an HTTP method or a DNS name, most bounded by {@link EDGE_LIMITS}. */
export type Tally = ReadonlyMap<string, number>;

export interface L7Tally {
  readonly methods: Tally;
  readonly paths: Tally;
  readonly dnsNames: Tally;
}

/** What one edge may hold at most; the lists that had more are named in `truncated`. */
export const EDGE_LIMITS = {
  pods: 256,
  addresses: 256,
  ...NAMED_LIMITS,
} as const;

/**
 * All conversations of one from–to–protocol–port. A delta has the same shape: merging is commutative and
 * associative, so the order in which conversations close never changes the edge.
 */
export interface Edge extends EdgeEnds {
  readonly key: EdgeKey;
  readonly conversations: ConversationCounts;
  readonly outcomes: OutcomeCounts;
  readonly proofs: Readonly<Record<DirectionProof, number>>;
  readonly firstSeenAt: EpochMs;
  readonly lastSeenAt: EpochMs;
  /** By start of minute. */
  readonly minutes: ReadonlyMap<EpochMs, MinuteCount>;
  /** `namespace/pod`, of each end. */
  readonly fromPods: ReadonlySet<string>;
  readonly toPods: ReadonlySet<string>;
  /** Addresses of an end outside the cluster, by address. */
  readonly addresses: ReadonlyMap<string, ExternalAddress>;
  readonly names: ReadonlySet<DnsName>;
  readonly l7: L7Tally;
  readonly allowedBy: ReadonlyMap<string, DecidingPolicy>;
  readonly deniedBy: ReadonlyMap<string, DecidingPolicy>;
  /** Services the clients addressed, as `namespace/name`. */
  readonly services: ReadonlySet<string>;
  /** The first flow, kept as evidence. */
  readonly sample: Flow;
  /** Conversations the source had already merged (aggregated exports); their counts are the source's. */
  readonly aggregated: number;
  /** Which of the bounded lists above had more values than {@link EDGE_LIMITS} allows; the smallest are kept. */
  readonly truncated: ReadonlySet<keyof typeof EDGE_LIMITS>;
}

/** True when the data path let at least one conversation through: what a rule may rest on. */
export const isAllowedEvidence = (edge: Pick<Edge, 'outcomes'>): boolean =>
  edge.outcomes.forwarded + edge.outcomes.redirected > 0;
