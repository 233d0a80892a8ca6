import type { BaselineRecord } from '#core/baseline/baseline.ts';
import type { Readiness } from '#core/baseline/readiness.ts';
import type { Scope, TrainingWindow } from '#core/baseline/training-window.ts';
import type { Finding, ProposalAnswer } from '#core/finding/finding.ts';
import type { Coverage } from '#core/flow/coverage.ts';
import type { EpochMs } from '#core/flow/time.ts';
import type { EdgeEnds, EdgeKey } from '#core/graph/edge.ts';
import type { ServiceGraph } from '#core/graph/service-graph.ts';
import { type PeerKey, peerKey } from '#core/identity/peer.ts';
import type { SeenPod, SeenWorld } from '#core/identity/seen-pod.ts';
import type { ProposalRecord, SourceStatus, Workspace } from '../../../app/workspace.ts';
import { createEdgeIds, type EdgeIds } from './edge-ids.ts';

/** Open findings of one edge. */
export interface EdgeFindings {
  readonly open: number;
  /** One of them says that the edge went silent. */
  readonly isSilent: boolean;
}

/** Everything a view may look at, read once, so that the parts of one answer agree with each other. */
export interface Moment {
  readonly mode: Workspace['mode'];
  readonly title: string;
  readonly now: EpochMs;
  readonly graph: ServiceGraph;
  readonly world: SeenWorld;
  readonly podsByWorkload: ReadonlyMap<PeerKey, readonly SeenPod[]>;
  readonly coverage: Coverage;
  readonly sources: readonly SourceStatus[];
  readonly scope: Scope;
  readonly window: TrainingWindow | undefined;
  readonly baseline: BaselineRecord | undefined;
  readonly readinessSoFar: Readiness | undefined;
  readonly proposal: ProposalRecord | undefined;
  readonly findings: readonly Finding[];
  readonly findingsByEdge: ReadonlyMap<EdgeKey, EdgeFindings>;
  readonly openFindingsByPeer: ReadonlyMap<PeerKey, number>;
  /** The proposal's answer for an edge, asked of the evaluator once per edge and proposal. */
  answerFor(edge: EdgeEnds & { readonly key: EdgeKey }): ProposalAnswer;
  readonly ids: EdgeIds;
}

/** Reads the workspace as it is now. */
export type MomentReader = () => Moment;

function groupPods(world: SeenWorld): ReadonlyMap<PeerKey, readonly SeenPod[]> {
  const groups = new Map<PeerKey, SeenPod[]>();
  for (const pod of world.pods) {
    const key = peerKey({ kind: 'workload', id: pod.workload });
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [pod]);
    else group.push(pod);
  }
  return groups;
}

function countFindings(findings: readonly Finding[]): Pick<Moment, 'findingsByEdge' | 'openFindingsByPeer'> {
  const findingsByEdge = new Map<EdgeKey, EdgeFindings>();
  const openFindingsByPeer = new Map<PeerKey, number>();
  for (const finding of findings) {
    if (finding.state !== 'open') continue;
    const known = findingsByEdge.get(finding.edge);
    const isSilent = finding.kind === 'gone-silent' || known?.isSilent === true;
    findingsByEdge.set(finding.edge, { open: (known?.open ?? 0) + 1, isSilent });
    for (const peer of new Set([peerKey(finding.ends.from), peerKey(finding.ends.to)])) {
      openFindingsByPeer.set(peer, (openFindingsByPeer.get(peer) ?? 0) + 1);
    }
  }
  return { findingsByEdge, openFindingsByPeer };
}

/** Answers of the evaluator, kept until another proposal is the current one. */
function rememberAnswers(workspace: Workspace): Moment['answerFor'] {
  let proposalId: string | undefined;
  const answers = new Map<EdgeKey, ProposalAnswer>();
  return (edge) => {
    const current = workspace.proposal()?.proposal.id;
    if (current !== proposalId) answers.clear();
    proposalId = current;
    const known = answers.get(edge.key);
    if (known !== undefined) return known;
    const answer = workspace.proposalAnswer(edge);
    answers.set(edge.key, answer);
    return answer;
  };
}

/** A reader whose edge numbers stay the same from one moment to the next. */
export function createMomentReader(workspace: Workspace): MomentReader {
  const ids = createEdgeIds();
  const answerFor = rememberAnswers(workspace);
  return () => {
    const graph = workspace.graph();
    const world = workspace.world();
    const findings = workspace.findings();
    ids.retain(graph.edges);
    return {
      mode: workspace.mode,
      title: workspace.title,
      now: workspace.now(),
      graph,
      world,
      podsByWorkload: groupPods(world),
      coverage: workspace.coverage(),
      sources: workspace.sources(),
      scope: workspace.scope(),
      window: workspace.window(),
      baseline: workspace.baseline(),
      readinessSoFar: workspace.readinessSoFar?.(),
      proposal: workspace.proposal(),
      findings,
      ...countFindings(findings),
      answerFor,
      ids,
    };
  };
}
