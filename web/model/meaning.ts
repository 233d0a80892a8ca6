import type { GraphEdge } from '#contract/graph.ts';

/** What a line says by its colour, dash and marker; one meaning each. */
export const MEANINGS = ['forwarded', 'denied', 'mixed', 'audit', 'quiet'] as const;
export type Meaning = (typeof MEANINGS)[number];

/** Sums over the edges one line stands for. */
export interface LineSums {
  readonly conversations: number;
  readonly denied: number;
  readonly audited: number;
  readonly ratePerMinute: number;
  readonly findings: number;
  readonly newEdges: number;
  readonly silentEdges: number;
}

/** The sums over these edges. */
export function lineSums(edges: readonly GraphEdge[]): LineSums {
  const sums = {
    conversations: 0,
    denied: 0,
    audited: 0,
    ratePerMinute: 0,
    findings: 0,
    newEdges: 0,
    silentEdges: 0,
  };
  for (const edge of edges) {
    sums.conversations += edge.conversations;
    sums.denied += edge.denied;
    sums.audited += edge.audited;
    sums.ratePerMinute += edge.ratePerMinute;
    sums.findings += edge.findings;
    sums.newEdges += edge.state === 'new' ? 1 : 0;
    sums.silentEdges += edge.state === 'silent' ? 1 : 0;
  }
  return sums;
}

/** Denied beats audit beats quiet: what should worry a person is what the line shows. */
export function meaningOf(edges: readonly GraphEdge[], sums: LineSums): Meaning {
  if (sums.denied > 0) return sums.denied >= sums.conversations ? 'denied' : 'mixed';
  if (sums.audited > 0) return 'audit';
  return edges.length > 0 && sums.silentEdges === edges.length ? 'quiet' : 'forwarded';
}

/** Line width in pixels, 1.2 to 5: grows with the logarithm of conversations per minute. */
export const lineWidth = (ratePerMinute: number): number =>
  Math.min(1.2 + Math.log10(1 + ratePerMinute) * 1.1, 5);
