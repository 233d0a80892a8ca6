import { type AllowingRule, verdictBench } from '../blast/verdict-bench.ts';
import type { PortInterval } from '../certificate.ts';
import type { PolicyDirection } from '../literal/verdict.ts';
import type { CniProfile, Endpoint, World } from '../world.ts';

/** Why one side of connections lets them through. */
export interface Reason {
  /** False: no policy isolates that side, so that everything passes. */
  readonly isIsolated: boolean;
  /** In the order they were found; none unless isolated. */
  readonly rules: readonly AllowingRule[];
  /** The literal evaluator did not confirm all of it, which would be a fault. */
  readonly isConfirmed: boolean;
}

const ruleKey = ({ policy, direction, rule }: AllowingRule): string =>
  JSON.stringify([policy.metadata?.namespace, policy.metadata?.name, direction, rule]);

/** The reasons of several connections as one. */
export const joinedReasons = (reasons: readonly Reason[]): Reason => ({
  isIsolated: reasons.every(({ isIsolated }) => isIsolated),
  rules: [...new Map(reasons.flatMap(({ rules }) => rules.map((rule) => [ruleKey(rule), rule]))).values()],
  isConfirmed: reasons.every(({ isConfirmed }) => isConfirmed),
});

/** Connections between two ends, whose policies of one direction are asked for. */
export interface Between {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly direction: PolicyDirection;
  readonly intervals: readonly PortInterval[];
}

/** Finds the rules that are responsible, each interval judged by the literal evaluator. */
export function reasonFinder(world: World, profile: CniProfile): (between: Between) => Reason {
  const judge = verdictBench(world, profile);
  return ({ from, to, direction, intervals }) => {
    const rules = new Map<string, AllowingRule>();
    let [isIsolated, isConfirmed] = [false, true];
    for (const { protocol, from: port } of intervals) {
      const ruling = judge({ from, to, protocol, port });
      isConfirmed &&= ruling.verdict.allowed;
      isIsolated = ruling.verdict[direction].isolated;
      for (const rule of ruling.rules.filter((each) => each.direction === direction)) {
        rules.set(ruleKey(rule), rule);
      }
      // Where nothing isolates, one port is as good as another.
      if (!isIsolated) break;
    }
    return { isIsolated, rules: [...rules.values()], isConfirmed };
  };
}
