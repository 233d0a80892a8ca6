import type { CniProfile, Connection, IpFamily, World } from '../world.ts';
import type { PolicyProblem } from './fault.ts';

export type PolicyDirection = 'ingress' | 'egress';

/** The clause that let a connection through. Indexes count from 0, in the order of the world and of the policy. */
export interface RuleRef {
  /** Index in `world.policies`. */
  readonly policy: number;
  /** Index in `spec.ingress` or `spec.egress`. */
  readonly rule: number;
  /** Index in `from` or `to`; undefined when the rule names no peer and so means anybody. */
  readonly peer: number | undefined;
  /** Index in `ports`; undefined when the rule names no port and so means all. */
  readonly port: number | undefined;
}

/** A malformed piece that was read in its strictest sense while judging; the path ends at the entry that holds it. */
export interface Doubt extends PolicyProblem {
  /** Index in `world.policies`. */
  readonly policy: number;
}

/** What the policies of one direction say. */
export interface DirectionVerdict {
  readonly direction: PolicyDirection;
  readonly allowed: boolean;
  /** At least one policy selects the subject in this direction; otherwise the direction is open. */
  readonly isolated: boolean;
  /** Indexes in `world.policies` of the policies that select the subject in this direction. */
  readonly selecting: readonly number[];
  /** Every rule that allows the connection, each with its first peer and port that do; empty unless isolated. */
  readonly allowedBy: readonly RuleRef[];
  readonly doubts: readonly Doubt[];
}

/** One connection, in one address family (undefined: either), under one reading of the specification. */
export interface Question {
  readonly world: World;
  readonly connection: Connection;
  readonly profile: CniProfile;
  readonly family: IpFamily | undefined;
}

/** What is written down while one direction is judged. */
export interface Minutes {
  readonly direction: PolicyDirection;
  readonly question: Question;
  readonly selecting: number[];
  readonly allowedBy: RuleRef[];
  readonly doubts: Doubt[];
}

/**
 * Why a connection is allowed or denied: `policy` (egress and ingress decide), `same-pod` and `own-node` (always
 * allowed, whatever policies say), `terminated` (an end has stopped running: there is nothing to connect).
 */
export type VerdictReason = 'policy' | 'same-pod' | 'own-node' | 'terminated';

/** What the policies of a world say about one connection. */
export interface Verdict {
  readonly allowed: boolean;
  readonly reason: VerdictReason;
  /** Set when an end has several addresses: the family judged, the first one that is allowed if any is. */
  readonly family: IpFamily | undefined;
  /** Judged for the end the connection comes from. */
  readonly egress: DirectionVerdict;
  /** Judged for the end the connection goes to. */
  readonly ingress: DirectionVerdict;
}
