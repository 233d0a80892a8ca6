import type { Trust } from '#contract/graph.ts';
import { type Coverage, SET_ASIDE_REASONS } from '#core/flow/coverage.ts';
import { sortedText } from '#core/order.ts';
import type { Moment } from '../live/moment.ts';

/** Above this share of undecided conversations the picture is in doubt: the product's own bar is 1 %. */
const UNDECIDED_BAR = 0.01;

const counted = (count: number | bigint, one: string, many: string): string =>
  `${count} ${count === 1 || count === 1n ? one : many}`;

interface TrustFacts {
  readonly undecidedShare: number;
  readonly unresolved: number;
  readonly badLines: number;
  readonly failedSources: number;
}

/** Sentences for what makes one doubt, the gravest first. */
function doubtsOf(coverage: Coverage, shedPods: number, facts: TrustFacts): string[] {
  const { lostEvents, silentNodes, closedEarly, timeless } = coverage;
  const percent = (facts.undecidedShare * 100).toFixed(1);
  const doubts: readonly (readonly [boolean, string])[] = [
    [
      facts.failedSources > 0,
      `${counted(facts.failedSources, 'source', 'sources')} could not be read to the end: what they held is missing here.`,
    ],
    [
      lostEvents > 0n,
      `${counted(lostEvents, 'event was', 'events were')} lost before Bulkhead saw them: traffic may exist that is not shown.`,
    ],
    [
      silentNodes.length > 0,
      `${counted(silentNodes.length, 'node is', 'nodes are')} silent: no traffic of their pods is known while they are.`,
    ],
    [
      facts.undecidedShare > UNDECIDED_BAR,
      `Client and server could not be told apart in ${percent} % of conversations: these make no edge and no rule.`,
    ],
    [
      facts.unresolved > 0,
      `${counted(facts.unresolved, 'conversation has', 'conversations have')} an end that could not be named: these make no edge and no rule.`,
    ],
    [
      facts.badLines > 0,
      `${counted(facts.badLines, 'record', 'records')} could not be read; the first of each kind are listed under sources.`,
    ],
    [
      closedEarly > 0,
      `${counted(closedEarly, 'conversation was', 'conversations were')} closed early because too many were open: counts may be too high.`,
    ],
    [
      shedPods > 0,
      `${counted(shedPods, 'pod was', 'pods were')} not kept because there were too many: selectors are not checked against them.`,
    ],
    [
      timeless > 0,
      `${counted(timeless, 'flow', 'flows')} came without a time: their edges are real, their place in time is not known.`,
    ],
  ];
  return doubts.filter(([applies]) => applies).map(([, sentence]) => sentence);
}

/** How far the data can be trusted. */
export function trustView(moment: Moment): Trust {
  const { coverage, sources } = moment;
  const { setAside, transportConversations } = coverage;
  const unresolved = setAside['unresolved-endpoint'].conversations + setAside['invalid-name'].conversations;
  const badLines = sources.reduce((sum, { summary }) => sum + summary.badRecords, 0);
  const undecidedShare =
    transportConversations === 0 ? 0 : coverage.undecidedTransport / transportConversations;
  const failedSources = sources.filter(({ state }) => state === 'failed').length;
  const facts = { undecidedShare, unresolved, badLines, failedSources };
  return {
    flows: coverage.flows,
    conversations: coverage.conversations,
    undecided: setAside['undecided-direction'].conversations,
    undecidedShare,
    unresolved,
    lostEvents: String(coverage.lostEvents),
    badLines,
    silentNodes: sortedText(coverage.silentNodes),
    sources: sources.length,
    directionConflicts: coverage.directionConflicts,
    closedEarly: coverage.closedEarly,
    doubts: doubtsOf(coverage, moment.world.shedPods, facts),
  };
}

/** What was set aside, by reason, without the reasons that never occurred. */
export const setAsideView = (
  coverage: Coverage,
): { reason: string; conversations: number; examples: string[] }[] =>
  SET_ASIDE_REASONS.map((reason) => ({ reason, ...coverage.setAside[reason] }))
    .filter(({ conversations }) => conversations > 0)
    .map(({ reason, conversations, examples }) => ({ reason, conversations, examples: [...examples] }));
