import type { CertificateTotals, JudgedEdge } from '../certificate.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { ExtraJudgement } from './extras.ts';
import type { AdmittedPorts, CellJudgement } from './judge-cells.ts';
import { ruleCount } from './policy-facts.ts';
import type { StandIn } from './stand-ins.ts';

const isPodPair = ({ from, to }: AdmittedPorts): boolean =>
  from !== to && from.startsWith('workload:') && to.startsWith('workload:');

/** Ordered pairs of workloads of which at least one is in scope. */
function pairsOf(standIns: readonly StandIn[]): number {
  const all = new Map(standIns.map(({ workload, inScope }) => [workload, inScope]));
  const inScope = [...all.values()].filter(Boolean).length;
  const outside = all.size - inScope;
  return inScope * (inScope - 1) + 2 * inScope * outside;
}

const conversationsOf = (edges: readonly JudgedEdge[]): number =>
  edges.reduce((sum, { conversations }) => sum + conversations, 0);

/** A share, 1 when there is nothing to share. */
const share = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole);

/** The figures of a certificate. */
export function totalsOf(parts: {
  readonly conversations: readonly JudgedEdge[];
  readonly extras: ExtraJudgement;
  readonly cells: CellJudgement;
  readonly policies: readonly NetworkPolicy[];
}): CertificateTotals {
  const { conversations, extras, cells, policies } = parts;
  const admitted = conversations.filter((each) => each.admitted);
  const pairsAfter = new Set(cells.admitted.filter(isPodPair).map(({ from, to }) => `${from}>${to}`));
  return {
    trainingEdges: conversations.length,
    admittedEdges: admitted.length,
    trainingConversations: conversationsOf(conversations),
    admittedConversations: conversationsOf(admitted),
    coverage: share(conversationsOf(admitted), conversationsOf(conversations)),
    tightness: share(extras.seenCells, extras.seenCells + extras.extraCells),
    extras: extras.extras.length,
    policies: policies.length,
    rules: ruleCount(policies),
    pairsBefore: pairsOf(cells.standIns),
    pairsAfter: pairsAfter.size,
  };
}
