import { type Coverage, SET_ASIDE_REASONS } from '#core/flow/coverage.ts';
import { formatInstant } from '#core/flow/time.ts';
import { describePort } from '#core/graph/edge.ts';
import { describePeer, type Peer } from '#core/identity/peer.ts';
import type { BlockedEdge, BlockedSide } from '#core/policy/replay/blocked-edge.ts';
import type { ReplayResult, ReplayTally } from '#core/policy/replay/replay.ts';
import type { CniProfile } from '#core/policy/world.ts';
import { namedPolicy, type PolicyFolder, type Sources, sourcesOf, toldProblems } from '../placed-policies.ts';

/** Everything that a replay found. */
export interface ReplayShown {
  readonly folder: PolicyFolder;
  /** The flows that were replayed. */
  readonly reading: { readonly coverage: Pick<Coverage, 'setAside' | 'lostEvents'> };
  readonly result: ReplayResult;
  readonly profile: CniProfile;
  /** The cluster the policies are for. */
  readonly cluster: string;
}

/** Whose policies would have blocked one side. */
export const subjectOf = ({ edge }: BlockedEdge, { direction }: BlockedSide): Peer =>
  direction === 'egress' ? edge.from : edge.to;

/** `an egress rule that lets shop/cart[Deployment] reach shop/db[StatefulSet] on TCP 5432`, as what is missing. */
export function missingSentence(blocked: BlockedEdge, { direction }: BlockedSide): string {
  const [from, to] = [describePeer(blocked.edge.from), describePeer(blocked.edge.to)];
  const port = describePort(blocked.edge);
  return direction === 'egress'
    ? `an egress rule that lets ${from} reach ${to} on ${port}`
    : `an ingress rule that lets ${to} be reached from ${from} on ${port}`;
}

/** Conversations that became no edge, by reason. */
export const setAsideOf = ({ coverage }: ReplayShown['reading']) =>
  SET_ASIDE_REASONS.map((reason) => ({ reason, ...coverage.setAside[reason] })).filter(
    ({ conversations }) => conversations > 0,
  );

/** What would have been blocked, counted. */
export const blockedTally = ({ blocked }: ReplayResult): ReplayTally => ({
  edges: blocked.length,
  conversations: blocked.reduce((sum, { conversations }) => sum + conversations, 0),
});

function sideAnswer(side: BlockedSide, blocked: BlockedEdge, sources: Sources) {
  const { direction, namespace, isolatedBy, nearest, missing } = side;
  return {
    direction,
    subject: describePeer(subjectOf(blocked, side)),
    namespace,
    isolatedBy: isolatedBy.map((policy) => namedPolicy(policy, sources)),
    nearest: nearest && {
      ...namedPolicy(nearest.policy, sources),
      direction: nearest.direction,
      rule: nearest.rule,
      misses: nearest.misses,
    },
    missing: { sentence: missingSentence(blocked, side), ...missing },
  };
}

/** The answer as plain data, the same for a command and for the API. */
export function replayAnswer(shown: ReplayShown) {
  const { folder, reading, result, profile, cluster } = shown;
  const sources = sourcesOf(folder.policies);
  const { blocked, ...rest } = result;
  return {
    profile: profile.name,
    cluster,
    policies: folder.policies.length,
    totals: {
      blocked: blockedTally(result),
      admitted: rest.admitted,
      open: rest.open,
      ungoverned: rest.ungoverned,
    },
    blocked: blocked.map((each) => ({
      line: each.line,
      conversations: each.conversations,
      extent: each.extent,
      lastSeenAt: formatInstant(each.lastSeenAt),
      fromExamples: each.fromExamples,
      toExamples: each.toExamples,
      sides: each.sides.map((side) => sideAnswer(side, each, sources)),
    })),
    unjudged: rest.unjudged,
    setAside: setAsideOf(reading),
    denied: rest.denied,
    failed: rest.failed,
    lostEvents: String(reading.coverage.lostEvents),
    problems: toldProblems(folder.problems),
  };
}
