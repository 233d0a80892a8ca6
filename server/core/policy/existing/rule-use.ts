import type { EpochMs } from '#core/flow/time.ts';
import { compareText } from '#core/order.ts';
import { rulesOf } from '../explain/describe-rule.ts';
import type { PolicyDirection } from '../literal/verdict.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { ReplayCourt } from '../replay/replay-court.ts';
import { doubtOfRule, type UnjudgedReason } from '../replay/rule-on-pair.ts';
import type { Connection } from '../world.ts';
import { conversationsOf, type ObservedConnection, type ObservedEdge, type PolicyBench } from './observed.ts';

/** A rule of a policy. */
export interface RuleAt {
  readonly policy: NetworkPolicy;
  readonly direction: PolicyDirection;
  /** Index in `spec.ingress` or `spec.egress`. */
  readonly rule: number;
}

/** What one rule did for what was observed. */
export interface RuleUse {
  /** Conversations it let through in its direction, whatever others let through too. */
  readonly conversations: number;
  /** Those that nothing else would have let through. */
  readonly onlyByIt: number;
  readonly lastSeenAt: EpochMs | undefined;
  /** Lines of edges, most conversations first. */
  readonly edges: readonly { readonly line: string; readonly conversations: number }[];
  /** Why it may have let through more than the recording can tell, e.g. it names a port. */
  readonly perhaps: readonly UnjudgedReason[];
  /** No rule of the proposal lets that through, so that it can not go. */
  readonly perhapsNeeded: boolean;
}

interface Tally {
  readonly edges: Set<ObservedEdge>;
  readonly alone: Set<ObservedEdge>;
  readonly perhaps: Set<UnjudgedReason>;
  perhapsNeeded: boolean;
}

const keyOf = (direction: PolicyDirection, rule: number): string => `${direction}|${rule}`;

/** Which rules of a set of policies let through what was observed, by the literal evaluator. */
export class RuleUses {
  private readonly tallies = new Map<NetworkPolicy, Map<string, Tally>>();
  private readonly bench: PolicyBench;
  private readonly proposal: PolicyBench;
  private readonly court: ReplayCourt;

  constructor(
    observed: readonly ObservedEdge[],
    { existing, proposal }: { readonly existing: PolicyBench; readonly proposal: PolicyBench },
    court: ReplayCourt,
  ) {
    this.bench = existing;
    this.proposal = proposal;
    this.court = court;
    for (const edge of observed) for (const each of edge.connections) this.note(edge, each);
  }

  private tallyOf(policy: NetworkPolicy, key: string): Tally {
    const own = this.tallies.get(policy) ?? new Map<string, Tally>();
    this.tallies.set(policy, own);
    const known = own.get(key) ?? {
      edges: new Set(),
      alone: new Set(),
      perhaps: new Set(),
      perhapsNeeded: false,
    };
    own.set(key, known);
    return known;
  }

  private note(edge: ObservedEdge, { connection, own }: ObservedConnection): void {
    const verdict = this.bench.verdict(connection);
    if (verdict.reason !== 'policy') return;
    for (const direction of own) {
      const by = this.bench.rulesOf(verdict[direction], connection);
      for (const { policy, rule } of by) {
        const tally = this.tallyOf(policy, keyOf(direction, rule));
        if (edge.isVague) tally.perhaps.add('folded');
        else tally.edges.add(edge);
        if (by.length === 1) tally.alone.add(edge);
      }
      for (const policy of this.bench.selectingOf(verdict[direction], connection))
        this.doubt(policy, { direction, connection });
    }
  }

  /** Rules that fail only by what the recording does not say. */
  private doubt(
    policy: NetworkPolicy,
    at: Pick<ObservedConnection, 'connection'> & { direction: PolicyDirection },
  ): void {
    for (const [index, rule] of rulesOf(policy, at.direction).entries()) {
      const tally = this.tallyOf(policy, keyOf(at.direction, index));
      if (rule.isMalformed) continue;
      const reason = doubtOfRule({ ...at, policy, rule }, this.court);
      if (reason === undefined || this.isCertain(policy, { ...at, index })) continue;
      tally.perhaps.add(reason);
      tally.perhapsNeeded ||= !this.proposal.verdict(at.connection)[at.direction].allowed;
    }
  }

  /** `doubtOfRule` is asked about rules that did not match; one that did is no doubt. */
  private isCertain(
    policy: NetworkPolicy,
    at: { connection: ObservedConnection['connection']; direction: PolicyDirection; index: number },
  ): boolean {
    const verdict = this.bench.verdict(at.connection)[at.direction];
    return this.bench
      .rulesOf(verdict, at.connection)
      .some((by) => by.policy === policy && by.rule === at.index);
  }

  /** Observed connections of the edges that a rule let through. */
  connectionsOf({ policy, direction, rule }: RuleAt): readonly Connection[] {
    const edges = this.tallies.get(policy)?.get(keyOf(direction, rule))?.edges ?? [];
    return [...edges].flatMap(({ connections }) => connections.map(({ connection }) => connection));
  }

  summaryOf({ policy, direction, rule }: RuleAt): RuleUse {
    const tally = this.tallies.get(policy)?.get(keyOf(direction, rule));
    const edges = [...(tally?.edges ?? [])];
    const last = edges.reduce((latest, { edge }) => Math.max(latest, edge.lastSeenAt), 0);
    return {
      conversations: conversationsOf(edges),
      onlyByIt: conversationsOf(edges.filter((edge) => tally?.alone.has(edge) === true)),
      lastSeenAt: edges.length === 0 ? undefined : last,
      edges: edges
        .map(({ line, conversations }) => ({ line, conversations }))
        .sort((a, b) => b.conversations - a.conversations || compareText(a.line, b.line)),
      perhaps: [...(tally?.perhaps ?? [])].sort(compareText),
      perhapsNeeded: tally?.perhapsNeeded ?? false,
    };
  }
}
