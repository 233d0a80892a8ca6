import type { Edge } from '#core/graph/edge.ts';
import type { ConfidenceGrade } from '../proposal.ts';

const MANY_MINUTES = 10;
const SOME_MINUTES = 3;

function minutePoints(minutes: number): number {
  if (minutes >= MANY_MINUTES) return 2;
  return minutes >= SOME_MINUTES ? 1 : 0;
}

/** Outside the cluster nobody reports, so one observed end is all there can be. */
function hasBothEnds({ from, to, conversations }: Edge): boolean {
  const needsBoth = from.kind === 'workload' && to.kind === 'workload';
  const { atSource, atDestination } = conversations;
  return needsBoth ? atSource > 0 && atDestination > 0 : atSource > 0 || atDestination > 0;
}

const isWellProven = ({ proofs }: Edge): boolean => proofs.handshake + proofs['reply-mark'] + proofs.l7 > 0;

/** Seen once, in one conversation: an accident looks the same. */
const isSingleShot = ({ conversations, aggregated }: Edge): boolean =>
  conversations.total <= 1 && aggregated <= 1;

function gradeOf(edge: Edge): ConfidenceGrade {
  if (isSingleShot(edge)) return 'D';
  const points = minutePoints(edge.minutes.size) + (hasBothEnds(edge) ? 1 : 0) + (isWellProven(edge) ? 1 : 0);
  if (points >= 4) return 'A';
  if (points === 3) return 'B';
  return points === 2 ? 'C' : 'D';
}

const WORST_FIRST: readonly ConfidenceGrade[] = ['D', 'C', 'B', 'A'];

/** How well supported a rule is: as well as the weakest of its edges. */
export function confidenceOf(edges: readonly Edge[]): ConfidenceGrade {
  const grades = new Set(edges.map(gradeOf));
  return WORST_FIRST.find((grade) => grades.has(grade)) ?? 'D';
}
