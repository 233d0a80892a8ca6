import { z } from 'zod';
import { GraphEdge, GraphNode, GraphSnapshot, MinuteRows, Trust } from './graph.ts';
import { FindingView } from './learning.ts';

/**
 * What happens on an edge between two deltas, as a tuple of numbers: ids, not names, keep a delta small.
 * [edge id, conversations, denied, rate per minute, last seen at (epoch ms)]; counts are totals, not increments.
 */
export const EdgeTick = z.tuple([z.int(), z.int(), z.int(), z.number(), z.number()]);
export type EdgeTick = z.infer<typeof EdgeTick>;

/** One numbered change; a client that misses a number asks for a snapshot again. */
export const GraphDelta = z
  .object({
    seq: z.int(),
    now: z.number(),
    nodes: z.array(GraphNode),
    removedNodes: z.array(z.string()),
    /** New edges, and edges whose state changed, in full. */
    edges: z.array(GraphEdge),
    removedEdges: z.array(z.int()),
    ticks: z.array(EdgeTick),
    ...MinuteRows.shape,
    trust: Trust,
    /** Findings that are new or changed. */
    findings: z.array(FindingView),
  })
  .meta({ id: 'GraphDelta' });
export type GraphDelta = z.infer<typeof GraphDelta>;

export const SocketSnapshot = z.object({ graph: GraphSnapshot, findings: z.array(FindingView) });
export type SocketSnapshot = z.infer<typeof SocketSnapshot>;

/** Events the server sends. */
export interface ServerEvents {
  snapshot: (snapshot: SocketSnapshot) => void;
  delta: (delta: GraphDelta) => void;
  /** Baseline or proposal changed: fetch them again. */
  learning: (change: { readonly baselineId: string; readonly proposalId: string }) => void;
}

/** Events a client may send. */
export interface ClientEvents {
  /** A number was missed; answers with a `snapshot`. */
  resync: () => void;
}
