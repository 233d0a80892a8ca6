import type { Baseline } from '#core/baseline/baseline.ts';
import { describeEdge, describePort, type Edge, type EdgeKey } from '#core/graph/edge.ts';
import { describePeer } from '#core/identity/peer.ts';
import { compareText } from '#core/order.ts';
import { policiesOf } from '../certify/certify.ts';
import { populationOfSeen } from '../explain/population.ts';
import type { Draft } from '../generate/draft.ts';
import type { Refusal } from '../generate/evidence.ts';
import { passedOf } from '../replay/blocked-edge.ts';
import { ReplayCourt } from '../replay/replay-court.ts';
import { type EdgeRuling, ruleOnEdge } from '../replay/rule-on-edge.ts';
import { scopedWorld } from '../scoped-world.ts';
import type { CniProfile } from '../world.ts';
import {
  type EdgeFate,
  type HoldOut,
  type HoldOutRow,
  type HoldOutTally,
  LOSS_KINDS,
  ROWS_LISTED,
  STANDING_KINDS,
} from './hold-out.ts';
import { LossBook, visitorsLine, workloadsOf } from './loss.ts';
import { baselineBefore, edgesAfter, type Split, splitOf, worldAfter } from './split.ts';

/** The share of the window that is held out unless told otherwise. */
export const HOLD_OUT_SHARE = 0.2;

export interface HoldOutRequest {
  readonly baseline: Baseline;
  /** Why the policies of the whole window do not admit edges. */
  readonly refusals: ReadonlyMap<EdgeKey, Refusal>;
  /** Above 0 and below 1. */
  readonly share: number;
  readonly profile: CniProfile;
  /** Writes policies as the proposal's were written. */
  readonly draft: (baseline: Baseline) => Generator<undefined, Draft>;
}

/** The hold-out, and what it says of single edges; one that is not there was not tested. */
export interface HoldOutJudgement {
  readonly holdOut: HoldOut;
  readonly fates: ReadonlyMap<EdgeKey, EdgeFate>;
}

const NOTHING: HoldOutTally = { edges: 0, conversations: 0 };

const plus = (a: HoldOutTally, b: HoldOutTally): HoldOutTally => ({
  edges: a.edges + b.edges,
  conversations: a.conversations + b.conversations,
});

const isLoss = ({ kind }: Pick<HoldOutRow, 'kind'>): boolean => LOSS_KINDS.some((each) => each === kind);

/** Visitors of one port are told of together: whoever comes next says nothing new. */
const rowKey = (edge: Edge, kind: HoldOutRow['kind']): string =>
  kind === 'new-visitor' ? `${describePeer(edge.to)} : ${describePort(edge)}` : edge.key;

/** What became of the rest so far. */
class Tallies {
  readonly counts = { admitted: NOTHING, unjudged: NOTHING, rejected: NOTHING };
  readonly rows = new Map<string, HoldOutRow>();
  readonly fates = new Map<EdgeKey, EdgeFate>();
  private readonly book: LossBook;

  constructor(book: LossBook) {
    this.book = book;
  }

  add(edge: Edge, ruling: EdgeRuling | 'rejected'): void {
    const tally = { edges: 1, conversations: passedOf(edge) };
    if (ruling !== 'rejected' && ruling.kind === 'blocked') {
      this.block(edge, tally, ruling.extent);
      return;
    }
    const which = ruling === 'rejected' ? 'rejected' : ruling.kind === 'unjudged' ? 'unjudged' : 'admitted';
    this.counts[which] = plus(this.counts[which], tally);
    if (which === 'admitted') this.fates.set(edge.key, 'survived');
  }

  private block(edge: Edge, tally: HoldOutTally, extent: HoldOutRow['extent']): void {
    const kind = this.book.kindOf(edge);
    const key = rowKey(edge, kind);
    const known = this.rows.get(key);
    const sum = plus(known ?? NOTHING, tally);
    this.fates.set(edge.key, 'lost');
    this.rows.set(key, {
      kind,
      line: kind === 'new-visitor' ? visitorsLine(edge, sum.edges) : describeEdge(edge),
      ...sum,
      extent: known?.extent === 'some' ? 'some' : extent,
      firstSeenAt: Math.min(known?.firstSeenAt ?? edge.firstSeenAt, edge.firstSeenAt),
      workloads: workloadsOf(edge),
      note: known?.note ?? this.book.noteOn(edge, kind),
    });
  }
}

const total = (tallies: readonly HoldOutTally[]): HoldOutTally => tallies.reduce(plus, NOTHING);

const inOrder = (rows: Iterable<HoldOutRow>): readonly HoldOutRow[] =>
  [...rows].sort(
    (a, b) =>
      Number(isLoss(b)) - Number(isLoss(a)) ||
      b.conversations - a.conversations ||
      compareText(a.line, b.line),
  );

function summedUp({
  counts,
  rows: found,
}: Tallies): Omit<HoldOut, 'share' | 'span' | 'cutAt' | 'outcome' | 'untested'> {
  const rows = inOrder(found.values());
  const lost = total(rows.filter(isLoss));
  const both = counts.admitted.conversations + lost.conversations;
  return {
    ...counts,
    lost,
    standing: total(rows.filter((row) => !isLoss(row))),
    rate: both === 0 ? 0 : lost.conversations / both,
    kinds: [...LOSS_KINDS, ...STANDING_KINDS].flatMap((kind) => {
      const own = rows.filter((row) => row.kind === kind);
      return own.length === 0 ? [] : [{ kind, ...total(own) }];
    }),
    rows: rows.slice(0, ROWS_LISTED),
    rowsLeftOut: Math.max(0, rows.length - ROWS_LISTED),
  };
}

function without(
  outcome: HoldOut['outcome'],
  { share, baseline }: HoldOutRequest,
  split: Split,
): HoldOutJudgement {
  const { span, cutAt } = split;
  const accepted = [...baseline.edges.values()].filter(({ decision }) => decision === 'accepted').length;
  const nothing = {
    admitted: NOTHING,
    lost: NOTHING,
    standing: NOTHING,
    unjudged: NOTHING,
    rejected: NOTHING,
  };
  const holdOut: HoldOut = {
    share,
    span,
    cutAt,
    outcome,
    ...nothing,
    rate: 0,
    kinds: [],
    rows: [],
    rowsLeftOut: 0,
    untested: accepted,
  };
  return { holdOut, fates: new Map() };
}

interface Hearing {
  readonly hasLearnt: boolean;
  readonly court: ReplayCourt;
  readonly book: LossBook;
}

/** The policies of the first part, with the court that judges the rest by them; each of its steps takes its time. */
function* hearing(
  { baseline, refusals, profile, draft }: HoldOutRequest,
  split: Split,
): Generator<undefined, Hearing> {
  const before = baselineBefore(baseline, split);
  yield undefined;
  const drafted = yield* draft(before);
  yield undefined;
  const seen = scopedWorld({ ...baseline, world: worldAfter(baseline.world, split.cutAt) });
  const population = populationOfSeen(seen, baseline.scope.cluster, profile);
  return {
    hasLearnt: before.edges.size > 0,
    court: new ReplayCourt(population, policiesOf(drafted), profile),
    book: new LossBook({ before, draft: drafted, refusals }),
  };
}

/**
 * Learns from the first part of the training window, writes the policies that would have been proposed then, default
 * deny too, and puts what passed in the rest to the literal evaluator. A function of the baseline alone: the order of
 * flows has no say. Costs a second draft and one question for each edge of the rest; no second certificate. Yields
 * between edges, so that a server can take up other work.
 */
export function* judgingHoldOut(request: HoldOutRequest): Generator<undefined, HoldOutJudgement> {
  const { baseline, share } = request;
  const split = splitOf(baseline, share);
  if (!split.isPossible) return without('too-short', request, split);
  const rest = edgesAfter(baseline, split);
  if (rest.length === 0) return without('nothing-seen', request, split);
  const { court, book, hasLearnt } = yield* hearing(request, split);
  if (!hasLearnt) return without('nothing-seen', request, split);
  const tallies = new Tallies(book);
  for (const edge of rest) {
    yield undefined;
    const isRejected = baseline.edges.get(edge.key)?.decision === 'rejected';
    tallies.add(edge, isRejected ? 'rejected' : ruleOnEdge(edge, court));
  }
  const tested = new Set(rest.map(({ key }) => key));
  const untested = [...baseline.edges.values()].filter(
    ({ edge, decision }) => decision === 'accepted' && !tested.has(edge.key),
  ).length;
  const { span, cutAt } = split;
  const holdOut: HoldOut = { share, span, cutAt, outcome: 'judged', ...summedUp(tallies), untested };
  return { holdOut, fates: tallies.fates };
}
