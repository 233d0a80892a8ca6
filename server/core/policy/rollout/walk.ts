import { describePeer, type WorkloadId } from '#core/identity/peer.ts';
import { sortedBy, sortedText } from '#core/order.ts';
import type { JudgedEdge } from '../certificate.ts';
import type { StandIn } from '../certify/stand-ins.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { PrefixCourt, PrefixQuestion } from './prefix-court.ts';
import type { BlindIsolation, PrefixJudgement, RolloutCut } from './rollout-plan.ts';

/** What becomes of the training conversations when one more wave is in. */
export interface WaveOutcome {
  readonly judged: PrefixJudgement;
  readonly cuts: readonly RolloutCut[];
  readonly isolatesBlindly: readonly BlindIsolation[];
}

const DIRECTIONS = ['ingress', 'egress'] as const;

/** In which directions something was seen of each workload that may carry a rule. */
export function evidenceOf(
  edges: readonly JudgedEdge[],
): Readonly<Record<'ingress' | 'egress', ReadonlySet<WorkloadId>>> {
  const accepted = edges.filter((edge) => edge.accepted);
  const ids = (side: 'from' | 'to'): ReadonlySet<WorkloadId> =>
    new Set(accepted.flatMap((edge) => (edge[side].kind === 'workload' ? [edge[side].id] : [])));
  return { ingress: ids('to'), egress: ids('from') };
}

const cutOf = ({ edge }: PrefixQuestion): RolloutCut => ({
  line: edge.line,
  conversations: edge.conversations,
  reason: edge.reason ?? 'unknown',
  note: edge.note ?? '',
});

const linesOf = (questions: Iterable<PrefixQuestion>): readonly string[] =>
  sortedText([...questions].map(({ edge }) => edge.line));

/** What is there before the first wave. */
export interface WalkGround {
  readonly edges: readonly JudgedEdge[];
  /** Policies that are in the cluster already. */
  readonly standing: readonly NetworkPolicy[];
}

/**
 * Applies policies one by one and asks the judge after each about the conversations it can have a say in; what the
 * judge said of the others still holds, since none of the policies that select their ends was added. Work grows with
 * edges times the policies that select their ends, never with edges times waves.
 */
export class Walk {
  private readonly court: PrefixCourt;
  private readonly touching = new Map<NetworkPolicy, PrefixQuestion[]>();
  private readonly evidence: ReturnType<typeof evidenceOf>;
  private readonly applied = new Set<NetworkPolicy>();
  private readonly denied = new Set<PrefixQuestion>();
  private readonly told = new Set<PrefixQuestion>();
  /** Denied from the start, and not admitted since. */
  private readonly deniedBefore = new Set<PrefixQuestion>();
  private readonly isolated = new Set<string>();
  private readonly admitted: { readonly edges: number; readonly conversations: number };

  constructor(court: PrefixCourt, questions: readonly PrefixQuestion[], ground: WalkGround) {
    this.court = court;
    this.evidence = evidenceOf(ground.edges);
    for (const question of questions) {
      for (const policy of question.relevant) {
        const known = this.touching.get(policy);
        if (known === undefined) this.touching.set(policy, [question]);
        else known.push(question);
      }
    }
    const admitted = questions.filter(({ edge }) => edge.admitted);
    this.admitted = {
      edges: admitted.length,
      conversations: admitted.reduce((sum, { edge }) => sum + edge.conversations, 0),
    };
    for (const policy of ground.standing) this.apply(policy);
    for (const question of this.denied) this.deniedBefore.add(question);
    this.newlyIsolated(); // closed already, and no wave's doing
  }

  /** The state once these policies are in, too. */
  add(policies: readonly NetworkPolicy[]): WaveOutcome {
    const between = new Set<PrefixQuestion>();
    for (const policy of policies) {
      this.apply(policy);
      for (const question of this.cut()) if (question.edge.admitted) between.add(question);
    }
    const midway = this.cut().filter(({ edge }) => edge.admitted);
    const fresh = this.cut().filter((question) => !question.edge.admitted && !this.told.has(question));
    for (const question of fresh) this.told.add(question);
    return {
      judged: {
        ...this.admitted,
        cutMidway: linesOf(midway),
        cutBetweenFiles: linesOf([...between].filter((question) => !this.denied.has(question))),
      },
      cuts: sortedBy(fresh.map(cutOf), ({ line }) => line).toSorted(
        (a, b) => b.conversations - a.conversations,
      ),
      isolatesBlindly: this.newlyIsolated(),
    };
  }

  /** What is denied now and was not before the first wave. */
  private cut(): readonly PrefixQuestion[] {
    return [...this.denied].filter((question) => !this.deniedBefore.has(question));
  }

  private apply(policy: NetworkPolicy): void {
    this.applied.add(policy);
    for (const question of this.touching.get(policy) ?? []) {
      if (this.court.passes(question, this.applied)) {
        this.denied.delete(question);
        this.deniedBefore.delete(question);
      } else this.denied.add(question);
    }
  }

  private newlyIsolated(): readonly BlindIsolation[] {
    const found = new Map<WorkloadId, Set<'ingress' | 'egress'>>();
    for (const standIn of this.court.standIns) {
      if (standIn.isForeign) continue;
      for (const direction of DIRECTIONS) {
        if (!this.closes(standIn, direction)) continue;
        const directions = found.get(standIn.workload) ?? new Set();
        found.set(standIn.workload, directions.add(direction));
      }
    }
    const rows = [...found].map(([id, directions]): BlindIsolation => {
      const own = DIRECTIONS.filter((direction) => directions.has(direction));
      return { workload: describePeer({ kind: 'workload', id }), directions: own };
    });
    return sortedBy(rows, ({ workload }) => workload);
  }

  /** True the first time that a direction of the workload in which nothing was seen is closed. */
  private closes({ workload, selecting }: StandIn, direction: 'ingress' | 'egress'): boolean {
    const key = `${direction} ${workload}`;
    if (this.isolated.has(key) || this.evidence[direction].has(workload)) return false;
    if (!selecting[direction].some((policy) => this.applied.has(policy))) return false;
    this.isolated.add(key);
    return true;
  }
}
