import type { Conversation } from '#core/flow/conversation.ts';
import type { EdgeKey } from '#core/graph/edge.ts';
import { addMinute, type EdgeAccumulator, emptyEdge } from '#core/graph/edge-merge.ts';
import type { ListenerBook } from '#core/graph/listener-book.ts';
import { type SetAsideConversation, settle } from '#core/graph/settle.ts';
import type { Directory } from '#core/identity/directory.ts';
import type { ClosedMemory, Resumed } from './closed-memory.ts';

export interface SettleContext {
  readonly directory: Directory;
  readonly listeners: ListenerBook;
  readonly memory: ClosedMemory;
}

/** What closing a batch adds to what was sent before. */
export interface BatchOutcome {
  /** Deltas: what a resumed conversation was counted as before is taken off again, so that counts may be negative. */
  readonly edges: readonly EdgeAccumulator[];
  /** Conversations that were not counted before, as edges or as set aside. */
  readonly counted: readonly Conversation[];
  readonly setAside: readonly SetAsideConversation[];
  readonly directionConflicts: number;
}

function takeOff<Key extends string>(from: Record<Key, number>, counts: Readonly<Record<Key, number>>): void {
  for (const key of Object.keys(counts) as Key[]) from[key] -= counts[key];
}

/** Takes the counts of `before` off an edge; its facts stay. */
export function takeOffCounts(edge: EdgeAccumulator, before: EdgeAccumulator): void {
  takeOff(edge.conversations, before.conversations);
  takeOff(edge.outcomes, before.outcomes);
  takeOff(edge.proofs, before.proofs);
  for (const [minute, { conversations, denied }] of before.minutes) {
    addMinute(edge, minute, { conversations: -conversations, denied: -denied });
    const left = edge.minutes.get(minute);
    if (left?.conversations === 0 && left.denied === 0) edge.minutes.delete(minute);
  }
}

/**
 * Closes a batch and remembers it. A conversation that was closed before is settled as a whole, once as it is now and
 * once as it was then, and what is sent is the difference: it counts once however often it was closed.
 *
 * Three limits. What was decided then is worked out anew, so that it may come out otherwise if it rested on other
 * conversations (a known listener, a stable port). A conversation that was set aside then and is an edge now stays
 * counted among those set aside, and counts as one more. A proxied conversation and its proxy's leg are matched
 * within a batch only.
 */
export function settleBatch(
  batch: readonly Conversation[],
  { directory, listeners, memory }: SettleContext,
): BatchOutcome {
  const resumed = new Map<Conversation, Resumed>();
  for (const conversation of batch) {
    const known = memory.resume(conversation);
    if (known !== undefined) resumed.set(conversation, known);
  }
  const now = settle(batch, { directory, listeners });
  const aside = new Set(now.setAside.map(({ conversation }) => conversation));
  for (const conversation of batch) {
    memory.remember(conversation, aside.has(conversation) ? 'set-aside' : 'counted');
  }
  if (resumed.size === 0) return { ...now, edges: [...now.edges.values()], counted: batch };

  const countedBefore = [...resumed.values()].flatMap((each) => (each.wasSetAside ? [] : [each.before]));
  const then = settle(countedBefore, { directory, listeners });
  const edges = new Map<EdgeKey, EdgeAccumulator>(now.edges);
  for (const [key, before] of then.edges) {
    const edge = edges.get(key) ?? emptyEdge(before, before.sample);
    edges.set(key, edge);
    takeOffCounts(edge, before);
  }
  const isNews = (conversation: Conversation): boolean => {
    const known = resumed.get(conversation);
    return known === undefined || (known.wasSetAside && !aside.has(conversation));
  };
  return {
    edges: [...edges.values()],
    counted: batch.filter(isNews),
    setAside: now.setAside.filter(({ conversation }) => resumed.get(conversation)?.wasSetAside !== true),
    directionConflicts: now.directionConflicts - then.directionConflicts,
  };
}
