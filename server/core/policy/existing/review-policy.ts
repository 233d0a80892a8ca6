import { describePeer } from '#core/identity/peer.ts';
import { compareText, sortedText } from '#core/order.ts';
import { policyId } from '../certify/content-hash.ts';
import { sizeOf } from '../certify/port-intervals.ts';
import type { PlacedPolicy } from '../cluster/cluster-model.ts';
import { describeWrittenRule, rulesOf } from '../explain/describe-rule.ts';
import type { PolicyDirection } from '../literal/verdict.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { PolicyProtocol } from '../world.ts';
import { type ExcessCell, sizeOfExcess } from './excess.ts';
import type { PolicyReview, RuleReview, RuleStatus, TooWide } from './existing-review.ts';
import { isolatingOf, type PolicyBench } from './observed.ts';
import type { RuleAt, RuleUses } from './rule-use.ts';
import type { GovernedPods } from './subjects.ts';

/** What a review of one policy rests on. */
export interface PolicyInquiry {
  readonly subjects: readonly GovernedPods[];
  readonly existing: PolicyBench;
  readonly proposal: PolicyBench;
  readonly uses: RuleUses;
  readonly excess: readonly ExcessCell[];
}

const MOST_EXAMPLES = 3;

const USUAL_FIRST: readonly PolicyProtocol[] = ['TCP', 'UDP', 'SCTP'];

const DIRECTIONS: readonly PolicyDirection[] = ['ingress', 'egress'];

const portsText = ({ ports }: ExcessCell): string => {
  const { protocol, from, to } = ports;
  return `${protocol} ${from === to ? from : `${from}-${to}`}`;
};

function cellText(cell: ExcessCell): string {
  const { subject, direction, peer } = cell;
  const { text } = subject.resident;
  const [from, to] = direction === 'ingress' ? [peer, text] : [text, peer];
  return `from ${from} to ${to} : ${portsText(cell)}`;
}

/** The widest intervals, each of another pair as long as there is one. */
function examplesOf(cells: readonly ExcessCell[]): readonly string[] {
  const sorted = cells.toSorted(
    (a, b) =>
      sizeOf(b.ports) - sizeOf(a.ports) ||
      USUAL_FIRST.indexOf(a.ports.protocol) - USUAL_FIRST.indexOf(b.ports.protocol) ||
      compareText(cellText(a), cellText(b)),
  );
  const byPair = new Map<string, string>();
  for (const cell of sorted) {
    const pair = `${cell.subject.resident.text} ${cell.peer}`;
    if (!byPair.has(pair)) byPair.set(pair, cellText(cell));
  }
  return [...new Set([...byPair.values(), ...sorted.map(cellText)])].slice(0, MOST_EXAMPLES);
}

/** `shop/db-1a2b ingress[0], from pods app=cart of the policy's own namespace on TCP 5432`. */
function ruleText({ policy, direction, rule }: RuleAt): string {
  const written = rulesOf(policy, direction)[rule];
  const place = `${policyId(policy)} ${direction}[${rule}]`;
  return written === undefined ? place : `${place}, ${describeWrittenRule(written, direction)}`;
}

function insteadOf(at: RuleAt, { uses, proposal }: PolicyInquiry): readonly string[] {
  const texts = uses.connectionsOf(at).flatMap((connection) => {
    const verdict = proposal.verdict(connection)[at.direction];
    return proposal.rulesOf(verdict, connection).map((by) => ruleText({ ...by, direction: at.direction }));
  });
  return sortedText(new Set(texts));
}

function tooWideOf(at: RuleAt, inquiry: PolicyInquiry): TooWide | undefined {
  const cells = inquiry.excess.filter(
    ({ direction, by }) =>
      direction === at.direction && by.some(({ policy, rule }) => policy === at.policy && rule === at.rule),
  );
  if (cells.length === 0) return undefined;
  return { ...sizeOfExcess(cells), examples: examplesOf(cells), instead: insteadOf(at, inquiry) };
}

function reviewRule(at: RuleAt, governs: readonly string[], inquiry: PolicyInquiry): RuleReview {
  const use = inquiry.uses.summaryOf(at);
  const written = rulesOf(at.policy, at.direction)[at.rule];
  return {
    direction: at.direction,
    rule: at.rule,
    text: written === undefined ? '' : describeWrittenRule(written, at.direction),
    status: statusOf(use.conversations, use.perhaps.length, governs.length),
    use,
    tooWide: tooWideOf(at, inquiry),
  };
}

function statusOf(conversations: number, doubts: number, governed: number): RuleStatus {
  if (conversations > 0) return 'used';
  if (governed === 0) return 'unseen';
  return doubts > 0 ? 'perhaps' : 'unused';
}

function governedBy(policy: NetworkPolicy, { subjects, existing }: PolicyInquiry): readonly string[] {
  const own = subjects.filter(({ resident: { pod } }) =>
    DIRECTIONS.some((direction) => isolatingOf(existing, pod, direction).includes(policy)),
  );
  return sortedText(new Set(own.map(({ id }) => describePeer({ kind: 'workload', id }))));
}

/** What one policy does for what was observed, rule by rule. Its fate is not decided here. */
export function reviewPolicy(placed: PlacedPolicy, inquiry: PolicyInquiry): PolicyReview {
  const { policy } = placed;
  const governs = governedBy(policy, inquiry);
  const rules = DIRECTIONS.flatMap((direction) =>
    rulesOf(policy, direction).map((_, rule) => reviewRule({ policy, direction, rule }, governs, inquiry)),
  );
  return { placed, fate: 'kept', keptBecause: undefined, governs, rules };
}
