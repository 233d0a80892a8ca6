import type { EdgeDetail } from '#contract/graph.ts';
import { DIRECTION_PROOFS } from '#core/flow/direction.ts';
import type { DecidingPolicy } from '#core/flow/flow.ts';
import { describeEdge, type Edge, type EdgeKey, type Tally } from '#core/graph/edge.ts';
import { sortedBy, sortedText } from '#core/order.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import type { Moment } from '../live/moment.ts';
import { edgeView } from './edges.ts';
import { evidenceView } from './evidence.ts';
import { ruleName } from './rule-name.ts';

/** Most frequent first; equals by text. */
const tallyView = (tally: Tally): { text: string; count: number }[] =>
  sortedBy(tally, ([text]) => text)
    .map(([text, count]) => ({ text, count }))
    .sort((a, b) => b.count - a.count);

const policyText = ({ kind, namespace, name }: DecidingPolicy): string =>
  `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`.trim();

const policyTexts = (policies: ReadonlyMap<string, DecidingPolicy>): string[] =>
  sortedText([...policies.values()].map(policyText));

/** The proposal's rules that rest on the edge. */
function rulesFor(proposal: Proposal | undefined, key: EdgeKey): string[] {
  const names = (proposal?.policies ?? []).flatMap(({ policy, reasons }) =>
    reasons.filter((reason) => reason.edges.includes(key)).map((reason) => ruleName(policy, reason)),
  );
  return sortedText(names);
}

function decisionView(edge: Edge, moment: Moment): EdgeDetail['baseline'] {
  const known = moment.baseline?.baseline.edges.get(edge.key);
  if (known === undefined) return null;
  return { decision: known.decision, reason: known.reason, actor: known.actor };
}

/** Everything known about one edge. */
export function edgeDetailView(edge: Edge, moment: Moment): EdgeDetail {
  const proofs = DIRECTION_PROOFS.map((proof) => ({ text: proof, count: edge.proofs[proof] }));
  const minutes = [...edge.minutes].sort(([a], [b]) => a - b);
  return {
    ...edgeView(edge, moment),
    line: describeEdge(edge),
    conversationCounts: { ...edge.conversations },
    outcomes: { ...edge.outcomes },
    proofs: proofs.filter(({ count }) => count > 0),
    minutes: minutes.map(([at, count]) => ({ at, ...count })),
    fromPods: sortedText(edge.fromPods),
    toPods: sortedText(edge.toPods),
    addresses: sortedBy(edge.addresses.values(), ({ ip }) => ip),
    names: sortedText(edge.names),
    methods: tallyView(edge.l7.methods),
    paths: tallyView(edge.l7.paths),
    dnsNames: tallyView(edge.l7.dnsNames),
    allowedBy: policyTexts(edge.allowedBy),
    deniedBy: policyTexts(edge.deniedBy),
    services: sortedText(edge.services),
    truncated: sortedText(edge.truncated),
    sample: evidenceView(edge.sample),
    baseline: decisionView(edge, moment),
    rules: rulesFor(moment.proposal?.proposal, edge.key),
  };
}
