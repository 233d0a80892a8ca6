import { PublicListeners } from '#core/baseline/public-listener.ts';
import type { TrainingWindow } from '#core/baseline/training-window.ts';
import { DIRECTION_PROOFS } from '#core/flow/direction.ts';
import { type EpochMs, MINUTE_MS } from '#core/flow/time.ts';
import { describeEdge, type Edge, type EdgeKey } from '#core/graph/edge.ts';
import { parseWorkloadId } from '#core/identity/peer.ts';
import { compareText } from '#core/order.ts';
import type { EdgeFate } from '../holdout/hold-out.ts';
import type { ConfidenceCap, ConfidenceGrade, ConfidenceParts } from '../proposal.ts';
import { CONFIDENCE_BOUNDS } from './confidence-bounds.ts';
import { needsOf, VISITORS_NEED } from './confidence-needs.ts';

const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What a grade is worked out from, beside the edge. */
export interface ConfidenceContext {
  /** The part of the training window that data exists for. */
  readonly span: TrainingWindow;
  readonly fateOf: (edge: EdgeKey) => EdgeFate;
}

type Figures = Omit<ConfidenceParts, 'points' | 'caps' | 'needs'>;

/** Outside the cluster nobody reports, so one observed end is all there can be. */
function endsOf({ from, to, conversations }: Edge): ConfidenceParts['ends'] {
  const { atSource, atDestination } = conversations;
  if (atSource > 0 && atDestination > 0) return 'both';
  if (from.kind === 'workload' && to.kind === 'workload') return 'one';
  return atSource > 0 || atDestination > 0 ? 'only-one-possible' : 'one';
}

const distinct = (minutes: readonly EpochMs[], unitMs: number): number =>
  new Set(minutes.map((minute) => Math.floor(minute / unitMs))).size;

const isJob = (edge: Edge): boolean =>
  [edge.from, edge.to].some(
    (peer) => peer.kind === 'workload' && /^(?:Cron)?Job$/.test(parseWorkloadId(peer.id).kind),
  );

/** Minutes at which a stretch of conversations began after a long silence, in order. */
function runsOf(minutes: readonly EpochMs[]): readonly EpochMs[] {
  const sorted = minutes.toSorted((a, b) => a - b);
  return sorted.filter((minute, index) => {
    const before = sorted[index - 1];
    return before === undefined || minute - before > CONFIDENCE_BOUNDS.runGapMs;
  });
}

function figuresOf(edge: Edge, { span, fateOf }: ConfidenceContext): Figures {
  const minutes = [...edge.minutes.keys()];
  return {
    weakest: describeEdge(edge),
    conversations: Math.max(0, edge.conversations.total - edge.outcomes.denied - edge.outcomes.failed),
    minutes: minutes.length,
    hours: distinct(minutes, HOUR_MS),
    days: distinct(minutes, DAY_MS),
    runStarts: isJob(edge) ? runsOf(minutes).slice(0, CONFIDENCE_BOUNDS.runs) : [],
    ends: endsOf(edge),
    proof: DIRECTION_PROOFS.find((proof) => edge.proofs[proof] > 0) ?? 'none',
    declared: edge.services.size > 0 ? 'service' : 'unknown',
    clientPods: edge.fromPods.size,
    lastSeenAt: edge.lastSeenAt,
    quietMs: Math.max(0, span.until - 1 - edge.lastSeenAt),
    isSingleShot: edge.conversations.total <= 1 && edge.aggregated <= 1,
    isJob: isJob(edge),
    holdOut: fateOf(edge.key),
  };
}

function minutePoints(minutes: number): number {
  if (minutes >= CONFIDENCE_BOUNDS.manyMinutes) return 2;
  return minutes >= CONFIDENCE_BOUNDS.someMinutes ? 1 : 0;
}

const isProven = ({ proof }: Figures): boolean =>
  proof === 'handshake' || proof === 'reply-mark' || proof === 'l7';

function pointsOf(figures: Figures): number {
  const isBorneOut = figures.declared === 'service' || figures.clientPods >= CONFIDENCE_BOUNDS.clientPods;
  return (
    minutePoints(figures.minutes) +
    (figures.ends === 'one' ? 0 : 1) +
    (isProven(figures) ? 1 : 0) +
    (isBorneOut ? 1 : 0)
  );
}

/** What keeps a rule from a better grade, whatever its points. */
function capsOf(figures: Figures, { span }: ConfidenceContext): readonly ConfidenceCap[] {
  const spanMs = span.until - span.from;
  const { hourlyFromMs, dailyFromMs, manyMinutes, runs } = CONFIDENCE_BOUNDS;
  const found: readonly (readonly [ConfidenceCap, boolean])[] = [
    ['single-shot', figures.isSingleShot],
    ['lost-in-hold-out', figures.holdOut === 'lost'],
    ['one-day', spanMs > dailyFromMs && figures.days <= 1],
    ['few-runs', figures.isJob && figures.runStarts.length < runs],
    ['one-hour', spanMs > hourlyFromMs && figures.hours <= 1],
    ['gone-quiet', figures.quietMs > spanMs / 2],
    ['few-minutes', figures.minutes < manyMinutes],
  ];
  return found.flatMap(([cap, holds]) => (holds ? [cap] : []));
}

const BEST_WITH: Readonly<Record<ConfidenceCap, ConfidenceGrade>> = {
  'single-shot': 'D',
  'lost-in-hold-out': 'C',
  'one-day': 'C',
  'few-runs': 'B',
  'one-hour': 'B',
  'gone-quiet': 'B',
  'few-minutes': 'B',
};

function gradeFrom(points: number): ConfidenceGrade {
  if (points >= 4) return 'A';
  if (points === 3) return 'B';
  return points === 2 ? 'C' : 'D';
}

/** The worse of two grades. */
export const worseOf = (a: ConfidenceGrade, b: ConfidenceGrade): ConfidenceGrade => (a > b ? a : b);

/** The grade of one edge, and everything it was worked out from. */
export interface EdgeConfidence {
  readonly grade: ConfidenceGrade;
  readonly parts: ConfidenceParts;
}

/** How well supported one edge is: what its points earn, held down by each cap that applies. */
export function confidenceOfEdge(edge: Edge, context: ConfidenceContext): EdgeConfidence {
  const figures = figuresOf(edge, context);
  const points = pointsOf(figures);
  const caps = capsOf(figures, context);
  const grade = caps.map((cap) => BEST_WITH[cap]).reduce(worseOf, gradeFrom(points));
  const needs = grade === 'A' ? undefined : needsOf(edge, figures, caps);
  return { grade, parts: { ...figures, points, caps, ...(needs === undefined ? {} : { needs }) } };
}

const weakestFirst = (a: EdgeConfidence, b: EdgeConfidence): number =>
  compareText(b.grade, a.grade) ||
  a.parts.points - b.parts.points ||
  a.parts.minutes - b.parts.minutes ||
  a.parts.conversations - b.parts.conversations ||
  compareText(a.parts.weakest, b.parts.weakest);

/** How well supported a rule is: as well as the weakest of its edges, whose parts it shows. Undefined without edges. */
export function ruleConfidence(
  edges: readonly Edge[],
  context: ConfidenceContext,
): EdgeConfidence | undefined {
  const graded = edges.map((edge) => ({ edge, ...confidenceOfEdge(edge, context) }));
  const [weakest] = graded.sort(weakestFirst);
  if (weakest === undefined) return undefined;
  const { edge, grade, parts } = weakest;
  const isVisit = parts.needs !== undefined && new PublicListeners(edges).isVisit(edge);
  return { grade, parts: isVisit ? { ...parts, needs: VISITORS_NEED } : parts };
}

/** The grade by the edges alone, as a draft has it: before window and hold-out had their say. */
export function confidenceOf(edges: readonly Edge[]): ConfidenceGrade {
  const from = Math.min(...edges.map(({ firstSeenAt }) => firstSeenAt));
  const until = Math.max(...edges.map(({ lastSeenAt }) => lastSeenAt)) + 1;
  return ruleConfidence(edges, { span: { from, until }, fateOf: () => 'untested' })?.grade ?? 'D';
}
