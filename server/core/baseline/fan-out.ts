import type { EpochMs } from '#core/flow/time.ts';
import type { Edge } from '#core/graph/edge.ts';
import { type PeerKey, peerKey } from '#core/identity/peer.ts';

/** When many new destinations of one workload are a search rather than work. */
export interface FanOutLimits {
  /** New edges (destination and port) within the time below that make a fan-out. */
  readonly edges: number;
  readonly withinMs: number;
  /** An edge that went on for longer than this was used, not tried. */
  readonly briefMs: number;
}

/**
 * Ten new destinations or ports in ten minutes: the shop's whole call graph has fewer per workload, and slow scans of
 * one destination a minute still cross it. An edge that lasted two minutes or more is judged by itself.
 */
export const FAN_OUT_LIMITS: FanOutLimits = { edges: 10, withinMs: 600_000, briefMs: 120_000 };

/** One workload's burst of brief new edges. */
export interface FanOut {
  readonly edges: readonly Edge[];
  readonly from: EpochMs;
  readonly until: EpochMs;
}

/** Tried and left: it did not go on for long. */
const isBrief = (edge: Edge, limits: FanOutLimits): boolean =>
  edge.lastSeenAt - edge.firstSeenAt < limits.briefMs;

const isOutside = (edge: Edge): boolean => edge.to.kind === 'cidr' || edge.to.kind === 'fqdn';

/** Folded from more ports or addresses than are kept apart: a search whatever its length. */
const isFolded = (edge: Edge): boolean => edge.port === 'many' || edge.to.kind === 'other-external';

/** An outside host that answered was talked to: it deserves a finding of its own, never one line in a scan. */
const isTried = (edge: Edge, limits: FanOutLimits): boolean =>
  isFolded(edge) || (isBrief(edge, limits) && !(isOutside(edge) && edge.conversations.answered > 0));

const byFirstSeen = (a: Edge, b: Edge): number =>
  a.firstSeenAt - b.firstSeenAt || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

/** How many places an edge stands for: a folded one stands for more than any limit. */
const weightOf = (edge: Edge, limits: FanOutLimits): number => (isFolded(edge) ? limits.edges : 1);

/** Edges in the order they were first seen that lie in some span of `withinMs` holding at least the limit. */
function crowded(edges: readonly Edge[], limits: FanOutLimits): Edge[] {
  const members: Edge[] = [];
  let start = 0;
  let taken = 0;
  let weight = 0;
  for (const [end, edge] of edges.entries()) {
    weight += weightOf(edge, limits);
    for (let oldest = edges[start]; oldest !== undefined; oldest = edges[start]) {
      if (edge.firstSeenAt - oldest.firstSeenAt <= limits.withinMs) break;
      weight -= weightOf(oldest, limits);
      start += 1;
    }
    if (weight < limits.edges) continue;
    for (const each of edges.slice(Math.max(start, taken), end + 1)) members.push(each);
    taken = end + 1;
  }
  return members;
}

/** The burst among these edges of one source, or undefined when there is none. */
export function fanOutOf(edges: readonly Edge[], limits: FanOutLimits = FAN_OUT_LIMITS): FanOut | undefined {
  const tried = edges.filter((edge) => isTried(edge, limits)).sort(byFirstSeen);
  const members = crowded(tried, limits);
  const first = members[0];
  if (first === undefined) return undefined;
  const until = members.reduce((last, edge) => Math.max(last, edge.lastSeenAt), first.lastSeenAt);
  return { edges: members, from: first.firstSeenAt, until };
}

/** Edges by the peer they come from. */
export function bySource(edges: Iterable<Edge>): Map<PeerKey, Edge[]> {
  const groups = new Map<PeerKey, Edge[]>();
  for (const edge of edges) {
    const key = peerKey(edge.from);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [edge]);
    else group.push(edge);
  }
  return groups;
}
