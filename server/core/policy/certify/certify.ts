import type { Baseline, BaselineEdge } from '#core/baseline/baseline.ts';
import { touchesScope } from '#core/baseline/training-window.ts';
import { DIRECTION_PROOFS } from '#core/flow/direction.ts';
import { describeEdge, type Edge } from '#core/graph/edge.ts';
import { sortedBy } from '#core/order.ts';
import { cellEdgeOf } from '../cell.ts';
import type { BlindSpots, Certificate, JudgedEdge, Minimality } from '../certificate.ts';
import type { Draft } from '../generate/draft.ts';
import type { HashText } from '../hash.ts';
import { minimalityOf } from '../minimality/minimality-of.ts';
import { findingReliance, type Reliance } from '../minimality/rule-reliance.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import { scopedWorld } from '../scoped-world.ts';
import type { CniProfile } from '../world.ts';
import { certifiedWorldOf } from './certified-world.ts';
import { hashingContent } from './content-hash.ts';
import type { Progress } from './judge-cells.ts';
import { type Hearing, judgeCourt, thoroughlyWith } from './judge-court.ts';
import type { EdgeJudge } from './judge-edges.ts';
import type { Court } from './stand-ins.ts';
import { mapping } from './steps.ts';
import { totalsOf } from './totals.ts';

export interface CertifyRequest {
  readonly baseline: Baseline;
  readonly draft: Draft;
  readonly profile: CniProfile;
  readonly toolVersion: string;
  readonly hash: HashText;
}

/** All policies of a draft, those that close whole namespaces too. */
export const policiesOf = (draft: Pick<Draft, 'policies' | 'isolation'>): readonly NetworkPolicy[] =>
  [...draft.policies, ...draft.isolation].map(({ policy }) => policy);

const trainingEdges = ({ edges, scope }: Baseline): readonly BaselineEdge[] =>
  sortedBy(edges.values(), ({ edge }) => edge.key).filter(({ edge }) =>
    touchesScope(scope, edge.from, edge.to),
  );

function hearingFrom(edges: readonly BaselineEdge[], draft: Draft): Hearing {
  const accepted = edges.filter(({ edge }) => draft.accepted.has(edge.key));
  return {
    accepted: accepted.map(({ edge }) => cellEdgeOf(edge)),
    unaccepted: edges
      .filter(({ edge }) => !draft.accepted.has(edge.key))
      .map(({ edge }) => ({
        edge: cellEdgeOf(edge),
        reason: draft.refusals.get(edge.key)?.reason ?? 'rejected',
      })),
    declared: draft.declared,
    collisions: draft.collisions,
    budgeted: draft.budgeted,
  };
}

const strongestProof = ({ proofs }: Edge): JudgedEdge['proof'] =>
  DIRECTION_PROOFS.find((proof) => proofs[proof] > 0) ?? 'none';

/** The judge's word, and where it is "no", why and what to do about it. */
function outcomeOf(
  edge: Edge,
  draft: Draft,
  judgeEdge: EdgeJudge,
): Pick<JudgedEdge, 'admitted' | 'reason' | 'note'> {
  const refusal = draft.refusals.get(edge.key);
  const admitted = judgeEdge(cellEdgeOf(edge)) && refusal?.reason !== 'folded';
  if (!admitted) {
    const note = refusal?.note ?? 'The policies were meant to admit it and do not.';
    return { admitted, reason: refusal?.reason ?? 'denied-by-evaluator', note };
  }
  return refusal === undefined
    ? { admitted }
    : { admitted, note: `Admitted by other rules (${refusal.reason}).` };
}

function judgedEdge(edge: Edge, draft: Draft, judgeEdge: EdgeJudge): JudgedEdge {
  const { key, from, to, protocol, port } = edge;
  return {
    key,
    line: describeEdge(edge),
    from,
    to,
    protocol,
    port,
    addresses: cellEdgeOf(edge).addresses,
    conversations: edge.conversations.total - edge.outcomes.denied,
    accepted: draft.accepted.has(key),
    ...outcomeOf(edge, draft, judgeEdge),
    proof: strongestProof(edge),
  };
}

function blindSpotsOf({ coverage, world, window }: Baseline, edges: readonly BaselineEdge[]): BlindSpots {
  const { setAside } = coverage;
  const decided = (decision: BaselineEdge['decision']): number =>
    edges.filter((each) => each.decision === decision).length;
  return {
    lostEvents: coverage.lostEvents.toString(),
    undecidedConversations:
      setAside['undecided-direction'].conversations + setAside['ephemeral-server-port'].conversations,
    unresolvedConversations:
      setAside['unresolved-endpoint'].conversations + setAside['invalid-name'].conversations,
    heldEdges: decided('held'),
    rejectedEdges: decided('rejected'),
    silentNodes: coverage.silentNodes,
    closedEarly: coverage.closedEarly,
    shedPods: world.shedPods,
    trainedFrom: window.from,
    trainedUntil: window.until,
  };
}

/** Follows from what is proven, not from the proof: what policies say, and of whom. */
function seedOf(
  { policies, profile, certified }: Court,
  edges: readonly BaselineEdge[],
  hash: HashText,
): string {
  const keys = edges.map(({ edge }) => edge.key);
  return hash(JSON.stringify([profile.name, policies, certified.owners, keys])).slice(0, 16);
}

/** What the rules are needed for: by the accepted edges, in the order in which their reliance was asked. */
function minimalityFrom(
  judged: readonly JudgedEdge[],
  { policies, bounds }: Draft,
  reliance: readonly Reliance[],
): Minimality {
  const conversations = judged.filter(({ accepted }) => accepted).map((edge) => edge.conversations);
  return minimalityOf({ policies, reliance, conversations, bounds });
}

/**
 * Proves a draft: each training edge and each cell of the universe is put to the literal evaluator, which shares no
 * code with what wrote the policies. Yields how far it has come.
 */
export function* certifying(request: CertifyRequest): Generator<Progress | undefined, Certificate> {
  const { baseline, draft, profile, toolVersion, hash } = request;
  const policies = policiesOf(draft);
  const certified = certifiedWorldOf(scopedWorld(baseline), profile);
  const court: Court = { certified, policies, scope: baseline.scope, profile };
  yield;
  const edges = trainingEdges(baseline);
  yield;
  const hearing = hearingFrom(edges, draft);
  yield;
  const { judgeEdge, extras, cells, universe } = yield* judgeCourt(
    court,
    hearing,
    thoroughlyWith(seedOf(court, edges, hash)),
  );
  const conversations = yield* mapping(edges, ({ edge }) => judgedEdge(edge, draft, judgeEdge));
  const reliance = yield* findingReliance(court, cells.standIns, hearing.accepted);
  const certificate: Omit<Certificate, 'contentHash'> = {
    format: 'bulkhead.certificate/v1',
    toolVersion,
    profile: profile.name,
    scope: baseline.scope,
    window: baseline.window,
    universe,
    conversations,
    extras: extras.extras,
    totals: totalsOf({ conversations, extras, cells, policies }),
    blindSpots: blindSpotsOf(baseline, edges),
    world: { namespaces: certified.namespaces, pods: certified.pods, policies },
    owners: certified.owners,
    minimality: minimalityFrom(conversations, draft, reliance),
    ...(draft.budget === undefined ? {} : { budget: draft.budget }),
  };
  return { ...certificate, contentHash: yield* hashingContent(certificate, hash) };
}
