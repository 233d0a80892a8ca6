import type { Coverage } from '#core/flow/coverage.ts';
import { MINUTE_MS, minuteOf } from '#core/flow/time.ts';
import type { Edge } from '#core/graph/edge.ts';
import { isEvidence } from './evidence.ts';
import type { Readiness } from './readiness.ts';
import type { TrainingWindow } from './training-window.ts';
import { hoursCovered, type Incidence, incidenceOf } from './unseen-mass.ts';
import { counted } from './wording.ts';

const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The part of the training window that data exists for. */
export function dataSpan(window: TrainingWindow, coverage: Coverage): TrainingWindow {
  const from = Math.max(window.from, coverage.span?.from ?? window.from);
  const until = Math.min(window.until, coverage.span === undefined ? window.until : coverage.span.until + 1);
  return { from, until: Math.max(from, until) };
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** Four digits: what is estimated is not known better, and short numbers read and compare well. */
const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;

function lostShareOf({ flows, lostEvents }: Coverage): number {
  const lost = Number(lostEvents);
  return ratio(lost, flows + lost);
}

function lengthOf(ms: number): string {
  if (ms < MINUTE_MS) return counted(Math.max(1, Math.round(ms / 1000)), 'second', 'seconds');
  if (ms < HOUR_MS) return counted(Math.round(ms / MINUTE_MS), 'minute', 'minutes');
  const hours = Math.round((ms / HOUR_MS) * 10) / 10;
  if (ms < 2 * DAY_MS) return `${hours} ${hours === 1 ? 'hour' : 'hours'}`;
  return counted(Math.round(ms / DAY_MS), 'day', 'days');
}

const percent = (share: number): string => {
  const value = share * 100;
  return value > 0 && value < 0.1 ? 'less than 0.1 %' : `${Math.round(value * 10) / 10} %`;
};

/** What can not be in a recording of this length, whatever the estimate says. */
function calendarReason(ms: number): string | undefined {
  const spans = `The recording spans ${lengthOf(ms)}: nothing that runs`;
  if (ms < HOUR_MS) return `${spans} hourly or nightly can be relied on to be in it.`;
  if (ms < DAY_MS) return `${spans} nightly or weekly can be relied on to be in it.`;
  if (ms < 7 * DAY_MS) return `${spans} weekly or monthly can be relied on to be in it.`;
  return undefined;
}

function lossReasons(coverage: Coverage, lostShare: number, undecided: number): string[] {
  const reasons: string[] = [];
  if (coverage.lostEvents > 0n) {
    reasons.push(
      `The sources lost ${counted(coverage.lostEvents, 'event', 'events')}, ${percent(lostShare)} of all: edges may be missing.`,
    );
  }
  if (coverage.silentNodes.length > 0) {
    const nodes = counted(coverage.silentNodes.length, 'node was', 'nodes were');
    reasons.push(`${nodes} silent: what happened there is unknown.`);
  }
  if (coverage.undecidedTransport > 0) {
    reasons.push(
      `The direction of ${counted(coverage.undecidedTransport, 'conversation', 'conversations')} (${percent(undecided)}) is undecided: no evidence for anything.`,
    );
  }
  return reasons;
}

/** Why there is nothing to learn from, though something may have been tried. */
function emptyReason(seen: readonly Edge[]): string {
  const attempts = seen.reduce((sum, edge) => sum + edge.outcomes.denied, 0);
  if (seen.length === 0 || seen.some(isEvidence)) return 'No edge was seen in the window.';
  if (attempts === 0) return 'Nothing was let through in the window.';
  const attempted = counted(attempts, 'conversation was', 'conversations were');
  return `Nothing was let through in the window; ${attempted} denied, and a denied attempt is never evidence.`;
}

function incidenceReasons({ edges, once, total, windowMs, unseenMass }: Incidence): string[] {
  const reasons: string[] = [];
  if (once > 0) {
    reasons.push(
      `${once} of ${counted(edges, 'edge', 'edges')} ${once === 1 ? 'was' : 'were'} seen in one time window of ${lengthOf(windowMs)} only.`,
    );
  }
  reasons.push(
    `About ${percent(unseenMass)} of what happens in a time window is not in the baseline yet (Good–Turing, ${once} ÷ ${total}).`,
  );
  return reasons;
}

/**
 * How complete the edges are for what they were learnt from: the share of what happens in a time window that they stand
 * for, less what was lost, undecided, or happened on silent nodes. Never a timer: a recording in which edges are met
 * again and again is ready after minutes, one in which each minute brings new edges is not after a week. Edges through
 * which nothing passed count for nothing, and are named when there are no others.
 */
export function readinessOf(edges: Iterable<Edge>, window: TrainingWindow, coverage: Coverage): Readiness {
  const seen = [...edges];
  const given = seen.filter(isEvidence);
  const span = dataSpan(window, coverage);
  const incidence = incidenceOf(given, span);
  const { unseenMass, windowMs } = incidence;
  const lostShare = lostShareOf(coverage);
  const undecided = Math.min(1, ratio(coverage.undecidedTransport, coverage.transportConversations));
  const nodes = new Set([...coverage.nodes, ...coverage.silentNodes]).size;
  const silent = ratio(coverage.silentNodes.length, nodes);
  const calendar = calendarReason(span.until - span.from);
  return {
    score: rounded((1 - unseenMass) * (1 - lostShare) * (1 - undecided) * (1 - silent)),
    unseenMass: rounded(unseenMass),
    edges: incidence.edges,
    oneShotEdges: incidence.once,
    incidences: incidence.total,
    windowMs,
    hoursCovered: hoursCovered(given, span),
    hoursInSpan: Math.ceil((span.until - minuteOf(span.from)) / HOUR_MS),
    lostShare: rounded(lostShare),
    reasons: [
      ...(incidence.edges === 0 ? [emptyReason(seen)] : incidenceReasons(incidence)),
      ...lossReasons(coverage, lostShare, undecided),
      ...(calendar === undefined || incidence.edges === 0 ? [] : [calendar]),
    ],
  };
}
