import type { FindingView } from '#contract/learning.ts';
import type { Finding } from '#core/finding/finding.ts';
import { describeEdge } from '#core/graph/edge.ts';
import { peerKey } from '#core/identity/peer.ts';
import type { Moment } from '../live/moment.ts';

/** One finding; `edgeId` is null while the live graph does not hold its edge. */
export function findingView(finding: Finding, moment: Pick<Moment, 'graph' | 'ids'>): FindingView {
  return {
    id: finding.id,
    kind: finding.kind,
    severity: finding.severity,
    state: finding.state,
    edgeKey: finding.edge,
    edgeId: moment.graph.edges.has(finding.edge) ? moment.ids.idOf(finding.edge) : null,
    from: peerKey(finding.ends.from),
    to: peerKey(finding.ends.to),
    line: describeEdge(finding.ends),
    title: finding.title,
    explanation: finding.explanation,
    nearestKnown: finding.nearestKnown ?? null,
    proposalAnswer: finding.proposalAnswer,
    conversations: finding.conversations,
    firstSeenAt: finding.firstSeenAt,
    lastSeenAt: finding.lastSeenAt,
  };
}

/** All findings in the order the workspace gives them. */
export const findingViews = (moment: Moment): FindingView[] =>
  moment.findings.map((finding) => findingView(finding, moment));
