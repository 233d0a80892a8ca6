import type { Coverage } from '#core/flow/coverage.ts';
import { type EpochMs, MINUTE_MS, minuteOf } from '#core/flow/time.ts';
import type { Edge } from '#core/graph/edge.ts';
import type { Readiness } from './readiness.ts';
import { sliceOf } from './training-slice.ts';
import type { TrainingWindow } from './training-window.ts';
import { counted } from './wording.ts';

const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Time windows the span is cut into at most. */
const TIME_WINDOWS = 60;

interface Span {
  readonly from: EpochMs;
  readonly until: EpochMs;
}

/** The part of the training window that data exists for, from the start of a minute on. */
function dataSpan(window: TrainingWindow, coverage: Coverage): Span {
  const from = minuteOf(Math.max(window.from, coverage.span?.from ?? window.from));
  const until = Math.min(window.until, coverage.span === undefined ? window.until : coverage.span.until + 1);
  return { from, until: Math.max(from, until) };
}

/** In how many distinct slots of `slotMs` since `from` the minutes lie. */
const slotsOf = (minutes: Iterable<EpochMs>, from: EpochMs, slotMs: number): Set<number> =>
  new Set([...minutes].map((minute) => Math.floor((minute - from) / slotMs)));

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
      `The sources lost ${coverage.lostEvents} events, ${percent(lostShare)} of all: edges may be missing.`,
    );
  }
  if (coverage.silentNodes.length > 0) {
    const nodes = counted(coverage.silentNodes.length, 'node was', 'nodes were');
    reasons.push(`${nodes} silent: what happened there is unknown.`);
  }
  if (coverage.undecidedTransport > 0) {
    reasons.push(
      `The direction of ${coverage.undecidedTransport} conversations (${percent(undecided)}) is undecided: they are no evidence.`,
    );
  }
  return reasons;
}

interface Incidence {
  readonly edges: number;
  readonly once: number;
  readonly total: number;
  readonly windowMs: number;
}

function incidenceReasons({ edges, once, total, windowMs }: Incidence, unseenMass: number): string[] {
  if (edges === 0) return ['No edge was seen in the window.'];
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
 * How complete the edges are for what they were learnt from. The unseen mass is Good and Turing's estimate (I. J. Good,
 * "The population frequencies of species and the estimation of population parameters", Biometrika 40, 1953) over
 * incidences: the edges seen in exactly one time window, divided by all (edge, time window) pairs. Every edge seen once
 * in a single time window gives 1, so a moment's recording is never ready, and no timer is needed to say so.
 */
export function readinessOf(edges: Iterable<Edge>, window: TrainingWindow, coverage: Coverage): Readiness {
  const span = dataSpan(window, coverage);
  const spanMs = span.until - span.from;
  const windowMs = Math.max(1, Math.ceil(spanMs / TIME_WINDOWS / MINUTE_MS)) * MINUTE_MS;
  const hours = new Set<number>();
  let [count, once, total] = [0, 0, 0];
  for (const edge of edges) {
    const minutes = sliceOf(edge, window)?.minutes;
    if (minutes === undefined) continue;
    const slots = slotsOf(minutes.keys(), span.from, windowMs).size;
    for (const hour of slotsOf(minutes.keys(), span.from, HOUR_MS)) hours.add(hour);
    count += 1;
    total += slots;
    if (slots === 1) once += 1;
  }
  const unseenMass = total === 0 ? 1 : once / total;
  const lostShare = lostShareOf(coverage);
  const undecided = ratio(coverage.undecidedTransport, coverage.transportConversations);
  const silent = ratio(
    coverage.silentNodes.length,
    new Set([...coverage.nodes, ...coverage.silentNodes]).size,
  );
  const calendar = calendarReason(spanMs);
  return {
    score: rounded((1 - unseenMass) * (1 - lostShare) * (1 - Math.min(1, undecided)) * (1 - silent)),
    unseenMass: rounded(unseenMass),
    edges: count,
    oneShotEdges: once,
    incidences: total,
    windowMs,
    hoursCovered: hours.size,
    hoursInSpan: Math.ceil(spanMs / HOUR_MS),
    lostShare: rounded(lostShare),
    reasons: [
      ...incidenceReasons({ edges: count, once, total, windowMs }, unseenMass),
      ...lossReasons(coverage, lostShare, undecided),
      ...(calendar === undefined || count === 0 ? [] : [calendar]),
    ],
  };
}
