import { clusterOf } from '#core/flow/cluster-join.ts';
import { type Conversation, type ConversationEnd, SEEN } from '#core/flow/conversation.ts';
import { type DirectionEvidence, noEvidence } from '#core/flow/direction.ts';
import { MINUTE_MS } from '#core/flow/time.ts';

/** What the memory of closed conversations may hold: some 170 bytes for each, and 8 for each further minute. */
export interface ClosedMemoryLimits {
  readonly conversations: number;
  /** Minutes of all of them together. */
  readonly minutes: number;
}

export const CLOSED_MEMORY_LIMITS: ClosedMemoryLimits = { conversations: 500_000, minutes: 2_000_000 };

/** A conversation that was closed, counted, and then went on. */
export interface Resumed {
  /** As it was when it was counted, under the descriptions of its ends that are known now. */
  readonly before: Conversation;
  /** It became no edge then. */
  readonly wasSetAside: boolean;
}

/**
 * Remembers conversations that were closed, so that later reports of one continue it and do not count as another.
 * Kept of each: which of its ends the evidence showed to be the client, and what was seen in each minute. Beyond the
 * limits the one that was closed first is forgotten: what is reported of it later counts as a further conversation.
 */
export interface ClosedMemory {
  /** If the conversation was closed before: completes it with what was seen then, and says what that was. */
  resume(conversation: Conversation): Resumed | undefined;
  remember(conversation: Conversation, outcome: 'counted' | 'set-aside'): void;
}

interface Remains {
  /** One number for each minute: the minute, times {@link BITS}, plus what was seen. */
  readonly minutes: readonly number[];
  /** By how much each kind of evidence spoke for `a` as the client, a byte each. */
  readonly lead: number;
  readonly flags: number;
  /** Of the clusters of the ends, where they are known: addresses may overlap. */
  readonly clusterHashes: number;
}

const FLAG = { messageOnly: 1, proxied: 2, setAside: 4 } as const;

/** More than all bits of {@link SEEN}. */
const BITS = 2 ** Math.ceil(Math.log2(Math.max(...Object.values(SEEN)) + 1));

const KINDS = ['handshake', 'mark', 'l7', 'first'] as const;
/** A lead beyond this is kept as this. */
const MAX_LEAD = 127;

function leadOf(evidence: Readonly<DirectionEvidence>): number {
  return KINDS.reduce((packed, kind, i) => {
    const lead = evidence[`${kind}A`] - evidence[`${kind}B`];
    const kept = Math.max(-MAX_LEAD, Math.min(MAX_LEAD, lead));
    return packed | ((kept & 0xff) << (8 * i));
  }, 0);
}

function addLead(into: DirectionEvidence, packed: number): void {
  for (const [i, kind] of KINDS.entries()) {
    const lead = (packed << (24 - 8 * i)) >> 24;
    into[`${kind}${lead > 0 ? 'A' : 'B'}`] += Math.abs(lead);
  }
}

/** Two independent 32-bit hashes (FNV-1a, and one that multiplies otherwise), 53 bits of them. */
function hashOf(text: string): number {
  let [low, high] = [0x811c9dc5, 0x1b873593];
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul((high << 13) | (high >>> 19), 5) + Math.imul(code, 0xcc9e2d51);
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b);
  return ((high ^ (high >>> 13)) >>> 11) * 2 ** 32 + (low >>> 0);
}

/** An end by its address, else by what tells it apart. */
const placeOf = ({ endpoint: { ip, namespace, pod, identity, port } }: ConversationEnd): string =>
  `${ip ?? `${namespace ?? ''}/${pod ?? identity ?? ''}`}:${port ?? ''}`;

const keyOf = ({ protocol, a, b }: Conversation): number => hashOf(`${protocol} ${placeOf(a)} ${placeOf(b)}`);

const UNKNOWN = 0;

function clusterHash({ endpoint }: ConversationEnd): number {
  const cluster = clusterOf(endpoint);
  return cluster === undefined ? UNKNOWN : (hashOf(cluster) & 0x3fff) + 1;
}

const clusterHashes = ({ a, b }: Conversation): number => clusterHash(a) * 2 ** 16 + clusterHash(b);

/** False when an end is known to be in two clusters. */
function mayBeSame(x: number, y: number): boolean {
  const isAlike = (p: number, q: number): boolean => p === UNKNOWN || q === UNKNOWN || p === q;
  return isAlike(x >>> 16, y >>> 16) && isAlike(x & 0xffff, y & 0xffff);
}

function remainsOf(conversation: Conversation, outcome: 'counted' | 'set-aside'): Remains {
  const { evidence, isMessageOnly, isProxied } = conversation;
  return {
    minutes: conversation.minutes.map(({ at, bits }) => (at / MINUTE_MS) * BITS + bits),
    lead: leadOf(evidence),
    flags:
      (isMessageOnly ? FLAG.messageOnly : 0) |
      (isProxied ? FLAG.proxied : 0) |
      (outcome === 'set-aside' ? FLAG.setAside : 0),
    clusterHashes: clusterHashes(conversation),
  };
}

function restored(conversation: Conversation, { minutes, lead, flags }: Remains): Conversation {
  const evidence = noEvidence();
  addLead(evidence, lead);
  return {
    ...conversation,
    evidence,
    minutes: minutes.map((packed) => ({
      at: Math.floor(packed / BITS) * MINUTE_MS,
      bits: packed % BITS,
    })),
    isMessageOnly: (flags & FLAG.messageOnly) !== 0,
    isProxied: (flags & FLAG.proxied) !== 0,
  };
}

function complete(conversation: Conversation, before: Conversation, lead: number): void {
  addLead(conversation.evidence, lead);
  for (const { at, bits } of before.minutes) {
    const known = conversation.minutes.find((minute) => minute.at === at);
    if (known === undefined) conversation.minutes.push({ at, bits });
    else known.bits |= bits;
  }
  conversation.isMessageOnly &&= before.isMessageOnly;
  conversation.isProxied ||= before.isProxied;
}

/** A memory of nothing yet. */
export function createClosedMemory(limits: ClosedMemoryLimits = CLOSED_MEMORY_LIMITS): ClosedMemory {
  /** In the order in which they were closed. */
  const closed = new Map<number, Remains>();
  let minutes = 0;

  const take = (key: number): Remains | undefined => {
    const remains = closed.get(key);
    if (remains === undefined) return undefined;
    closed.delete(key);
    minutes -= remains.minutes.length;
    return remains;
  };

  return {
    resume(conversation) {
      if (closed.size === 0 || conversation.aggregated > 0) return undefined;
      const key = keyOf(conversation);
      const remains = closed.get(key);
      if (remains === undefined) return undefined;
      if (!mayBeSame(remains.clusterHashes, clusterHashes(conversation))) return undefined;
      take(key);
      const before = restored(conversation, remains);
      complete(conversation, before, remains.lead);
      return { before, wasSetAside: (remains.flags & FLAG.setAside) !== 0 };
    },
    remember(conversation, outcome) {
      if (conversation.aggregated > 0) return;
      const key = keyOf(conversation);
      take(key);
      const remains = remainsOf(conversation, outcome);
      closed.set(key, remains);
      minutes += remains.minutes.length;
      for (const oldest of closed.keys()) {
        if (closed.size <= limits.conversations && minutes <= limits.minutes) break;
        take(oldest);
      }
    },
  };
}
