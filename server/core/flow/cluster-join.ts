import { type Conversation, joinConversation } from './conversation.ts';
import type { End } from './direction.ts';
import type { FlowEndpoint } from './flow.ts';

/**
 * The cluster that tells a pod from one with the same address elsewhere; undefined where the source named none. An end
 * without a namespace carries the name of whoever reported it, which says nothing about where it is.
 */
export const clusterOf = (endpoint: FlowEndpoint): string | undefined =>
  endpoint.namespace === undefined ? undefined : endpoint.cluster;

const clusterAt = (conversation: Conversation, end: End): string | undefined =>
  clusterOf(conversation[end].endpoint);

function isCompatible(a: Conversation, b: Conversation): boolean {
  return (['a', 'b'] as const).every((end) => {
    const [x, y] = [clusterAt(a, end), clusterAt(b, end)];
    return x === undefined || y === undefined || x === y;
  });
}

/** The cluster of an end: its own, else the only one that the same addresses are known to be in. */
function settledCluster(one: Conversation, all: readonly Conversation[], end: End): string | undefined {
  const own = clusterAt(one, end);
  if (own !== undefined) return own;
  const known = new Set(all.filter((other) => isCompatible(one, other)).map((each) => clusterAt(each, end)));
  known.delete(undefined);
  return known.size === 1 ? known.values().next().value : undefined;
}

function withCluster(conversation: Conversation, end: End, cluster: string | undefined): void {
  const { endpoint } = conversation[end];
  if (cluster === undefined || clusterOf(endpoint) !== undefined || endpoint.namespace === undefined) return;
  conversation[end].endpoint = { ...endpoint, cluster };
}

/**
 * Conversations between the same addresses in different clusters. One node may report an end with its cluster's name and
 * another without: what names no cluster joins what does, when only one can be meant.
 */
export function joinClusters(variants: readonly Conversation[]): Conversation[] {
  const joined = new Map<string, Conversation>();
  const settled = variants.map((one) => ({
    one,
    a: settledCluster(one, variants, 'a'),
    b: settledCluster(one, variants, 'b'),
  }));
  for (const { one, a, b } of settled) {
    const key = JSON.stringify([a, b]);
    const known = joined.get(key);
    withCluster(one, 'a', a);
    withCluster(one, 'b', b);
    if (known === undefined) joined.set(key, one);
    else joinConversation(known, one);
  }
  return [...joined.values()];
}
