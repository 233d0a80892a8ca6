import type { BaselineRecord } from '#core/baseline/baseline.ts';
import type { Finding, FindingId } from '#core/finding/finding.ts';
import type { EdgeKey } from '#core/graph/edge.ts';
import type { ServiceGraph } from '#core/graph/service-graph.ts';
import { peerKey } from '#core/identity/peer.ts';

/** Findings of earlier runs, as far as they concern what is looked at now. */
export interface Recalled {
  /** About an edge and a time that this graph holds. */
  readonly here: readonly Finding[];
  /** About another recording of the same cluster: not shown, but what a person said of them still counts. */
  readonly elsewhere: ReadonlyMap<FindingId, Finding>;
}

export const NOTHING_RECALLED: Recalled = { here: [], elsewhere: new Map() };

function isAbout(finding: Finding, { edges, span }: ServiceGraph): boolean {
  if (span === undefined || !edges.has(finding.edge)) return false;
  return finding.firstSeenAt >= span.from && finding.lastSeenAt <= span.until;
}

/** Recordings of one cluster share a ledger: each shows the findings that it holds itself. */
export function recallFindings(stored: readonly Finding[], graph: ServiceGraph): Recalled {
  const here = stored.filter((finding) => isAbout(finding, graph));
  const elsewhere = stored.filter((finding) => !isAbout(finding, graph));
  return { here, elsewhere: new Map(elsewhere.map((finding) => [finding.id, finding])) };
}

/**
 * A finding with the word of a person who saw the same in another recording: what was acknowledged or muted there stays
 * so. What was resolved there is back, so it is open.
 */
export function withEarlierWord(finding: Finding, { elsewhere }: Recalled): Finding {
  const state = elsewhere.get(finding.id)?.state;
  return state === 'acknowledged' || state === 'suppressed' ? { ...finding, state } : finding;
}

const isClosed = ({ state }: Finding): boolean => state === 'resolved' || state === 'suppressed';

/** A scan is one finding with many edges: all that its source began while it went on. */
function edgesOf(finding: Finding, graph: ServiceGraph): readonly EdgeKey[] {
  if (finding.kind !== 'fan-out') return [finding.edge];
  const source = peerKey(finding.ends.from);
  const { firstSeenAt, lastSeenAt } = finding;
  const begun = [...graph.edges.values()].filter(
    (edge) =>
      peerKey(edge.from) === source && edge.firstSeenAt >= firstSeenAt && edge.firstSeenAt <= lastSeenAt,
  );
  return [finding.edge, ...begun.map(({ key }) => key)];
}

/**
 * Edges that a later training window must not simply take for normal: those of findings that nobody closed. Silence is
 * no suspicion, and an edge that is normal already does not stop being so because somebody began to deny it.
 */
export function suspectsOf(
  stored: readonly Finding[],
  graph: ServiceGraph,
  versions: readonly BaselineRecord[],
): ReadonlySet<EdgeKey> {
  const open = stored.filter((finding) => finding.kind !== 'gone-silent' && !isClosed(finding));
  const keys = open.flatMap((finding) => edgesOf(finding, graph));
  const isNormal = (key: EdgeKey): boolean =>
    versions.some(({ baseline }) => baseline.edges.get(key)?.decision === 'accepted');
  return new Set(keys.filter((key) => !isNormal(key)));
}
