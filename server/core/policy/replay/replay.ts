import { describeEdge, type Edge } from '#core/graph/edge.ts';
import { compareText, sortedText } from '#core/order.ts';
import type { Population } from '../explain/population.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { CniProfile } from '../world.ts';
import { type BlockedEdge, blockedEdge, passedOf } from './blocked-edge.ts';
import { ReplayCourt } from './replay-court.ts';
import { ruleOnEdge } from './rule-on-edge.ts';
import { UNJUDGED_REASONS, type UnjudgedReason } from './rule-on-pair.ts';

export interface ReplayRequest {
  readonly edges: Iterable<Edge>;
  readonly population: Population;
  readonly policies: readonly NetworkPolicy[];
  readonly profile: CniProfile;
  readonly onProgress?: (done: number, total: number) => void;
}

/** How many edges, and how many conversations on them. */
export interface ReplayTally {
  readonly edges: number;
  readonly conversations: number;
}

export interface Unjudged extends ReplayTally {
  readonly reason: UnjudgedReason;
  /** Lines of the first few edges. */
  readonly examples: readonly string[];
}

export interface ReplayResult {
  /** Most conversations first. */
  readonly blocked: readonly BlockedEdge[];
  /** Let through by a rule. */
  readonly admitted: ReplayTally;
  /** Let through since no policy isolates either end, or none can forbid it. */
  readonly open: ReplayTally;
  /** No end is a pod of the cluster. */
  readonly ungoverned: ReplayTally;
  readonly unjudged: readonly Unjudged[];
  /** Conversations that did not pass when they were recorded, and are not replayed. */
  readonly denied: number;
  readonly failed: number;
}

const MOST_EXAMPLES = 3;

const NOTHING: ReplayTally = { edges: 0, conversations: 0 };

const plus = ({ edges, conversations }: ReplayTally, edge: Edge): ReplayTally => ({
  edges: edges + 1,
  conversations: conversations + passedOf(edge),
});

function unjudgedOf(edges: ReadonlyMap<UnjudgedReason, readonly Edge[]>): readonly Unjudged[] {
  return UNJUDGED_REASONS.flatMap((reason) => {
    const own = edges.get(reason) ?? [];
    if (own.length === 0) return [];
    const examples = sortedText(own.map(describeEdge)).slice(0, MOST_EXAMPLES);
    return [{ reason, ...own.reduce(plus, NOTHING), examples }];
  });
}

/** What became of the edges so far. */
class Outcome {
  readonly blocked: BlockedEdge[] = [];
  readonly tallies = { admitted: NOTHING, open: NOTHING, ungoverned: NOTHING };
  readonly unjudged = new Map<UnjudgedReason, Edge[]>();

  add(edge: Edge, court: ReplayCourt): void {
    const ruling = ruleOnEdge(edge, court);
    if (ruling.kind === 'blocked') this.blocked.push(blockedEdge(edge, ruling, court));
    else if (ruling.kind === 'unjudged') this.setAside(edge, ruling.reason);
    else {
      const which = ruling.kind === 'ungoverned' ? 'ungoverned' : ruling.open ? 'open' : 'admitted';
      this.tallies[which] = plus(this.tallies[which], edge);
    }
  }

  private setAside(edge: Edge, reason: UnjudgedReason): void {
    const known = this.unjudged.get(reason);
    if (known === undefined) this.unjudged.set(reason, [edge]);
    else known.push(edge);
  }
}

/**
 * Judges every edge of a recording by a set of policies. Conversations that were denied when they were recorded, or
 * that failed, are not replayed. Work and memory grow with edges, pods and policies, never with flows.
 */
export function replay(request: ReplayRequest): ReplayResult {
  const court = new ReplayCourt(request.population, request.policies, request.profile);
  const edges = [...request.edges];
  const outcome = new Outcome();
  let [denied, failed] = [0, 0];
  for (const [done, edge] of edges.entries()) {
    request.onProgress?.(done, edges.length);
    denied += edge.outcomes.denied;
    failed += edge.outcomes.failed;
    if (passedOf(edge) > 0) outcome.add(edge, court);
  }
  request.onProgress?.(edges.length, edges.length);
  const { tallies, unjudged } = outcome;
  const blocked = outcome.blocked.toSorted(
    (a, b) => b.conversations - a.conversations || compareText(a.line, b.line),
  );
  return { blocked, ...tallies, unjudged: unjudgedOf(unjudged), denied, failed };
}
