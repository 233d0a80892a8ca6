import type { z } from 'zod';
import type { EdgeState, GraphEdge } from '#contract/graph.ts';
import { touchesScope } from '#core/baseline/training-window.ts';
import type { ProposalAnswer } from '#core/finding/finding.ts';
import { type EpochMs, MINUTE_MS, minuteOf } from '#core/flow/time.ts';
import type { Edge } from '#core/graph/edge.ts';
import { peerKey } from '#core/identity/peer.ts';
import { decidingPolicies } from '#core/query/query-edge.ts';
import type { Moment } from '../live/moment.ts';

/** Minutes of data that the rate of an edge is taken over. */
export const RATE_MINUTES = 5;

/** Conversations per minute over the last {@link RATE_MINUTES} minutes of data, the current one included. */
export function ratePerMinute(edge: Edge, now: EpochMs): number {
  const current = minuteOf(now);
  let conversations = 0;
  for (let back = 0; back < RATE_MINUTES; back += 1) {
    conversations += edge.minutes.get(current - back * MINUTE_MS)?.conversations ?? 0;
  }
  return conversations / RATE_MINUTES;
}

const STATE_OF_DECISION = { accepted: 'known', held: 'held', rejected: 'rejected' } as const;

/** What the current baseline says of the edge; `unjudged` without one, or outside its scope. */
export function edgeState(edge: Edge, moment: Moment): z.infer<typeof EdgeState> {
  const baseline = moment.baseline?.baseline;
  if (baseline === undefined) return 'unjudged';
  const known = baseline.edges.get(edge.key);
  if (known === undefined) return touchesScope(baseline.scope, edge.from, edge.to) ? 'new' : 'unjudged';
  if (known.decision === 'accepted' && moment.findingsByEdge.get(edge.key)?.isSilent === true)
    return 'silent';
  return STATE_OF_DECISION[known.decision];
}

const ADMITTED: Readonly<Record<ProposalAnswer, GraphEdge['admitted']>> = {
  'would-admit': 'admitted',
  'would-block': 'blocked',
  'not-covered': 'out-of-scope',
  'no-proposal': 'no-proposal',
};

/** An edge as the map shows it. */
export function edgeView(edge: Edge, moment: Moment): GraphEdge {
  const policies = [...decidingPolicies(edge)];
  return {
    id: moment.ids.idOf(edge.key),
    key: edge.key,
    from: peerKey(edge.from),
    to: peerKey(edge.to),
    protocol: edge.protocol,
    port: edge.port,
    conversations: edge.conversations.total,
    denied: edge.outcomes.denied,
    audited: edge.outcomes.audited,
    refused: edge.conversations.refused,
    ratePerMinute: ratePerMinute(edge, moment.now),
    firstSeenAt: edge.firstSeenAt,
    lastSeenAt: edge.lastSeenAt,
    state: edgeState(edge, moment),
    admitted: ADMITTED[moment.answerFor(edge)],
    findings: moment.findingsByEdge.get(edge.key)?.open ?? 0,
    ...(policies.length === 0 ? {} : { policies }),
  };
}
