import type { Conversation } from '#core/flow/conversation.ts';
import type { SetAsideReason } from '#core/flow/coverage.ts';
import {
  type DirectionAnswer,
  type DirectionProof,
  type DirectionQuestion,
  decideDirection,
  type End,
  isSelfProven,
  type ListenerFacts,
} from '#core/flow/direction.ts';
import type { Directory } from '#core/identity/directory.ts';
import { peerKey } from '#core/identity/peer.ts';
import { HAIRPIN_ADDRESS, resolveEndpoint } from '#core/identity/resolve.ts';
import { type EdgeKey, edgeKey } from './edge.ts';
import {
  addConversation,
  addProxyLeg,
  endsOf,
  isProxyLeg,
  isTransport,
  type ResolvedConversation,
} from './edge-fold.ts';
import { type EdgeAccumulator, emptyEdge } from './edge-merge.ts';
import type { ListenerBook } from './listener-book.ts';
import { nameAddresses } from './name-addresses.ts';

/** A conversation that became no edge, and why. */
export interface SetAsideConversation {
  readonly reason: SetAsideReason;
  readonly conversation: Conversation;
}

/** What closing a batch of conversations yields. */
export interface Settlement {
  readonly edges: ReadonlyMap<EdgeKey, EdgeAccumulator>;
  readonly setAside: readonly SetAsideConversation[];
  readonly directionConflicts: number;
}

const WITH_EDGES = new Set(['TCP', 'UDP', 'SCTP', 'ICMPv4', 'ICMPv6']);

function isHairpin(conversation: Conversation): boolean {
  const [a, b] = [conversation.a.endpoint, conversation.b.endpoint];
  return a.ip === HAIRPIN_ADDRESS || b.ip === HAIRPIN_ADDRESS || (a.ip !== undefined && a.ip === b.ip);
}

function asideBefore(conversation: Conversation): SetAsideReason | undefined {
  if (!WITH_EDGES.has(conversation.protocol)) return 'no-transport';
  if (conversation.isMessageOnly) return 'icmp-error';
  return isHairpin(conversation) ? 'hairpin' : undefined;
}

function resolveEnds(
  conversation: Conversation,
  directory: Directory,
): ResolvedConversation | SetAsideReason {
  const { firstAt: at, protocol } = conversation;
  const a = resolveEndpoint(conversation.a.endpoint, {
    names: conversation.a.names,
    directory,
    at,
    protocol,
  });
  const b = resolveEndpoint(conversation.b.endpoint, {
    names: conversation.b.names,
    directory,
    at,
    protocol,
  });
  if (a.peer === undefined) return a.reason;
  return b.peer === undefined ? b.reason : { conversation, a, b };
}

const NO_FACTS: ListenerFacts = { isProven: false, distinctPeerPorts: 0 };

/** Asks only the conversation itself. */
const ownQuestion = ({ conversation: { evidence, a, b } }: ResolvedConversation): DirectionQuestion => ({
  evidence,
  portA: a.endpoint.port,
  portB: b.endpoint.port,
  listenerA: NO_FACTS,
  listenerB: NO_FACTS,
});

/** Asks the conversation and, where that is not enough, what is known about its two ports. */
function question(resolved: ResolvedConversation, listeners: ListenerBook): DirectionQuestion {
  const own = ownQuestion(resolved);
  if (isSelfProven(own)) return own;
  const { protocol } = resolved.conversation;
  return {
    ...own,
    listenerA: listeners.factsOf(peerKey(resolved.a.peer), protocol, own.portA),
    listenerB: listeners.factsOf(peerKey(resolved.b.peer), protocol, own.portB),
  };
}

/** Teaches the listener book what this batch proves, before anything that depends on it is decided. */
function learnListeners(batch: readonly ResolvedConversation[], listeners: ListenerBook): void {
  for (const resolved of batch) {
    const asked = ownQuestion(resolved);
    const { protocol } = resolved.conversation;
    const [keyA, keyB] = [peerKey(resolved.a.peer), peerKey(resolved.b.peer)];
    if (isSelfProven(asked)) {
      const { client } = decideDirection(asked);
      if (client === 'a') listeners.prove(keyB, protocol, asked.portB);
      else listeners.prove(keyA, protocol, asked.portA);
    } else {
      listeners.meet(keyA, protocol, { port: asked.portA, peerPort: asked.portB });
      listeners.meet(keyB, protocol, { port: asked.portB, peerPort: asked.portA });
    }
  }
}

interface Decided {
  readonly resolved: ResolvedConversation;
  readonly server: End;
  readonly proof: DirectionProof;
}

/** Sums decided conversations up. A proxied conversation and the leg its proxy opened are one. */
function sumUp(decided: readonly Decided[]): Map<EdgeKey, EdgeAccumulator> {
  const edges = new Map<EdgeKey, EdgeAccumulator>();
  const proxied = new Map<EdgeKey, number>();
  const isLeg = ({ resolved, server }: Decided): boolean => isProxyLeg(resolved, server);
  for (const each of [...decided.filter((one) => !isLeg(one)), ...decided.filter(isLeg)]) {
    const { resolved, server, proof } = each;
    const ends = endsOf(resolved, server);
    const key = edgeKey(ends);
    const edge = edges.get(key) ?? emptyEdge(ends, resolved.conversation.sample);
    edges.set(key, edge);
    edge.proofs[proof] += 1;
    const unmatched = (proxied.get(key) ?? 0) - edge.conversations.proxyLegs;
    if (isLeg(each) && unmatched > 0) addProxyLeg(edge, resolved, server);
    else addConversation(edge, resolved, server);
    if (resolved.conversation.isProxied && !isLeg(each)) proxied.set(key, (proxied.get(key) ?? 0) + 1);
  }
  return edges;
}

/** The decided conversation, or why it can not be an edge. */
function decide(resolved: ResolvedConversation, answer: DirectionAnswer): Decided | SetAsideReason {
  if (answer.client === undefined) return answer.reason;
  const server: End = answer.client === 'a' ? 'b' : 'a';
  const { protocol, port } = endsOf(resolved, server);
  if (port === 'none' && isTransport(protocol)) return 'undecided-direction';
  return { resolved, server, proof: answer.proof };
}

/**
 * Closes a batch of conversations: says who and which way, and sums them up as edges. Listeners that one conversation
 * proves help to decide the others, whatever their order within the batch.
 */
export function settle(
  batch: readonly Conversation[],
  context: { readonly directory: Directory; readonly listeners: ListenerBook },
): Settlement {
  const setAside: SetAsideConversation[] = [];
  const known: ResolvedConversation[] = [];
  let directionConflicts = 0;
  for (const conversation of batch) {
    const ends = asideBefore(conversation) ?? resolveEnds(conversation, context.directory);
    if (typeof ends === 'string') setAside.push({ reason: ends, conversation });
    else known.push(ends);
  }
  const resolved = nameAddresses(known, context.directory.addressNames);
  learnListeners(resolved, context.listeners);
  const decided: Decided[] = [];
  for (const each of resolved) {
    const answer = decideDirection(question(each, context.listeners));
    if (answer.isConflict) directionConflicts += 1;
    const result = decide(each, answer);
    if (typeof result === 'string') setAside.push({ reason: result, conversation: each.conversation });
    else decided.push(result);
  }
  return { edges: sumUp(decided), setAside, directionConflicts };
}
