import type { Conversation } from '#core/flow/conversation.ts';
import type { EdgeKey } from '#core/graph/edge.ts';
import { type EdgeAccumulator, emptyEdge, mergeEdge } from '#core/graph/edge-merge.ts';
import type { ListenerBook } from '#core/graph/listener-book.ts';
import { type SetAsideConversation, type Settlement, settle } from '#core/graph/settle.ts';
import type { AddressAnswer, InformedDirectory } from '#core/identity/informed-directory.ts';
import { isKnownByAddress } from '#core/identity/resolve.ts';
import { formatIp, parseIp } from '#core/net/ip.ts';
import { takeOffCounts } from './settle-batch.ts';

/** Conversations that are kept for a second look, some 2 kB each. */
export const HELD_CONVERSATIONS = 20_000;

/** What a second look changed. */
export interface Correction {
  /** Deltas: taken off where they were counted, added where they belong. */
  readonly edges: readonly EdgeAccumulator[];
  /** Edges once, and now set aside. */
  readonly setAside: readonly SetAsideConversation[];
  /** Set aside once, and edges now. */
  readonly takenUp: readonly SetAsideConversation[];
}

/**
 * Conversations of which one end is known by nothing but its address, kept for a while after they were sent: an inventory
 * may tell later whose the address was. The first ones go first; what goes stays as it was sent.
 */
export interface LateIdentity {
  /** Keeps what of a batch may have to be corrected, after the batch was settled. */
  hold(batch: readonly Conversation[]): void;
  /** Looks again at all that hangs on these addresses. */
  recheck(ips: ReadonlySet<string>): Correction;
}

type Answers = ReadonlyMap<string, AddressAnswer>;

interface Held {
  readonly conversation: Conversation;
  /** Canonical texts of its addresses that nothing else names. */
  readonly ips: readonly string[];
  /** What was answered about them, as the flows write them, when it was sent. */
  answers: Answers;
}

const placeOf = ({ endpoint }: Conversation['a']): string =>
  `${endpoint.ip ?? `${endpoint.namespace ?? ''}/${endpoint.pod ?? ''}`}:${endpoint.port ?? ''}`;

const keyOf = ({ protocol, a, b }: Conversation): string => `${protocol} ${placeOf(a)} ${placeOf(b)}`;

const isSame = (a: AddressAnswer | undefined, b: AddressAnswer): boolean =>
  a?.pod === b.pod &&
  a?.isNode === b.isNode &&
  a.service?.pod === b.service?.pod &&
  a.service?.port === b.service?.port;

/** Holds nothing yet. */
export function createLateIdentity(
  context: { readonly directory: InformedDirectory; readonly listeners: ListenerBook },
  limit = HELD_CONVERSATIONS,
): LateIdentity {
  const { directory } = context;
  const held = new Map<string, Held>();
  const byIp = new Map<string, Set<string>>();

  const forget = (key: string): void => {
    for (const ip of held.get(key)?.ips ?? []) {
      const keys = byIp.get(ip);
      keys?.delete(key);
      if (keys?.size === 0) byIp.delete(ip);
    }
    held.delete(key);
  };

  const unsureIps = ({ a, b }: Conversation): string[] =>
    [a, b]
      .filter(({ endpoint }) => isKnownByAddress(endpoint))
      .map(({ endpoint }) => parseIp(endpoint.ip ?? ''))
      .filter((ip) => ip !== undefined)
      .map(formatIp)
      .filter((ip) => directory.mayBeOurs(ip));

  const answersOf = ({ a, b, firstAt: at, protocol }: Conversation): Answers => {
    const answers = new Map<string, AddressAnswer>();
    for (const { endpoint } of [a, b]) {
      const { ip, port } = endpoint;
      if (ip !== undefined && isKnownByAddress(endpoint))
        answers.set(ip, directory.answerAbout(ip, { at, protocol, port }));
    }
    return answers;
  };

  const keep = (conversation: Conversation): void => {
    const key = keyOf(conversation);
    forget(key); // it went on: what was sent by now is of the whole
    const ips = unsureIps(conversation);
    if (ips.length === 0) return;
    held.set(key, { conversation, ips, answers: answersOf(conversation) });
    for (const ip of ips) {
      const keys = byIp.get(ip) ?? new Set();
      byIp.set(ip, keys.add(key));
    }
    if (held.size > limit) makeRoom();
  };

  /** A tenth at a time: the first key of a map from which first keys were taken is found slowly. */
  const makeRoom = (): void => {
    const kept = limit * 0.9;
    for (const key of held.keys()) {
      if (held.size <= kept) return;
      forget(key);
    }
  };

  return {
    hold(batch) {
      for (const conversation of batch) keep(conversation);
    },
    recheck(ips) {
      const keys = new Set([...ips].flatMap((ip) => [...(byIp.get(ip) ?? [])]));
      const changed: Changed[] = [];
      for (const key of keys) {
        const each = held.get(key);
        if (each === undefined) continue;
        const answers = answersOf(each.conversation);
        if ([...answers].every(([ip, answer]) => isSame(each.answers.get(ip), answer))) continue;
        // Worked out anew with the answers of then: what workloads are called may have become known better since.
        const then = { ...context, directory: directory.withAnswers(each.answers) };
        const sent = settle([each.conversation], then);
        changed.push({ now: settle([each.conversation], context), sent });
        each.answers = answers;
      }
      return correctionOf(changed);
    },
  };
}

interface Changed {
  readonly now: Settlement;
  readonly sent: Settlement;
}

function correctionOf(changed: readonly Changed[]): Correction {
  const edges = new Map<EdgeKey, EdgeAccumulator>();
  for (const { now, sent } of changed) addDifference(edges, now, sent);
  return {
    edges: [...edges.values()],
    setAside: changed.flatMap(({ now }) => (now.edges.size === 0 ? now.setAside : [])),
    takenUp: changed.flatMap(({ sent }) => (sent.edges.size === 0 ? sent.setAside : [])),
  };
}

function addDifference(into: Map<EdgeKey, EdgeAccumulator>, now: Settlement, sent: Settlement): void {
  const at = (edge: EdgeAccumulator): EdgeAccumulator => {
    const known = into.get(edge.key) ?? emptyEdge(edge, edge.sample);
    into.set(edge.key, known);
    return known;
  };
  for (const edge of now.edges.values()) mergeEdge(at(edge), edge);
  for (const before of sent.edges.values()) takeOffCounts(at(before), before);
}
