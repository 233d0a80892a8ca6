import type { Protocol } from '#core/flow/flow.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { Peer, PeerKey } from '#core/identity/peer.ts';

/** The parts of the simulated story, in their order; `normal` has no end. */
export const PHASES = ['training', 'rollout', 'attack', 'normal'] as const;
export type PhaseName = (typeof PHASES)[number];

/** How a conversation truly ended: both sides talked, policy stopped it, or the server had nothing on that port. */
export type Outcome = 'allowed' | 'denied' | 'refused';

/** One end of a conversation as it really is. */
export interface TrueEnd {
  /** An external server with a name is its FQDN, one without is its address, users outside are the entity `world`. */
  readonly peer: Peer;
  readonly key: PeerKey;
  /** `namespace/pod`; undefined when the end is no pod. */
  readonly pod: string | undefined;
  readonly ip: string;
}

/** One connection that really took place; every observation points to the one it is about. */
export interface TrueConversation {
  /** Counts from 1 in the order the conversations began. */
  readonly id: number;
  readonly phase: PhaseName;
  readonly isAttack: boolean;
  readonly client: TrueEnd;
  readonly server: TrueEnd;
  readonly protocol: Protocol;
  /** The port of the server after translation; undefined for ICMP. */
  readonly port: number | undefined;
  readonly outcome: Outcome;
  readonly startedAt: EpochMs;
}

/** All conversations of one client, server, protocol and port so far. */
export interface TrueEdge {
  readonly client: Peer;
  readonly server: Peer;
  readonly protocol: Protocol;
  readonly port: number | undefined;
  readonly conversations: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly attackConversations: number;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
}

/** What really happened up to the last event drawn. Grows with edges, never with conversations. */
export interface GroundTruth {
  /** By {@link trueEdgeKey}. */
  readonly edges: ReadonlyMap<string, TrueEdge>;
  readonly conversationCount: number;
}

/** Names an edge: `workload:… -> workload:… TCP/5432`; `-` where the protocol has no port. */
export const trueEdgeKey = (
  conversation: Pick<TrueConversation, 'client' | 'server' | 'protocol' | 'port'>,
): string =>
  `${conversation.client.key} -> ${conversation.server.key} ${conversation.protocol}/${conversation.port ?? '-'}`;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type OpenEdge = Mutable<Omit<TrueEdge, 'outcomes'>> & { readonly outcomes: Record<Outcome, number> };

/** The ground truth while it is being made. */
export class TruthBook implements GroundTruth {
  readonly edges: ReadonlyMap<string, TrueEdge>;
  readonly #edges = new Map<string, OpenEdge>();
  #count = 0;

  constructor() {
    this.edges = this.#edges;
  }

  get conversationCount(): number {
    return this.#count;
  }

  /** Numbers the conversation and counts it on its edge. */
  open(facts: Omit<TrueConversation, 'id'>): TrueConversation {
    this.#count += 1;
    const conversation = { id: this.#count, ...facts };
    const edge = this.#edgeOf(conversation);
    edge.conversations += 1;
    edge.outcomes[facts.outcome] += 1;
    edge.attackConversations += facts.isAttack ? 1 : 0;
    edge.lastAt = facts.startedAt;
    return conversation;
  }

  #edgeOf(conversation: TrueConversation): OpenEdge {
    const key = trueEdgeKey(conversation);
    const known = this.#edges.get(key);
    if (known !== undefined) return known;
    const edge: OpenEdge = {
      client: conversation.client.peer,
      server: conversation.server.peer,
      protocol: conversation.protocol,
      port: conversation.port,
      conversations: 0,
      outcomes: { allowed: 0, denied: 0, refused: 0 },
      attackConversations: 0,
      firstAt: conversation.startedAt,
      lastAt: conversation.startedAt,
    };
    this.#edges.set(key, edge);
    return edge;
  }
}
