import type { EpochMs } from '#core/flow/time.ts';
import type { ConnectivityEnd } from '../connections/connectivity.ts';
import { isSamePorts, joinPorts, type PortSet, withoutPorts } from '../connections/port-set.ts';
import type { PolicyDirection } from '../literal/verdict.ts';
import type { NetworkPolicy } from '../network-policy.ts';

/**
 * What a change means, most important first.
 *
 * `breaks-observed`: the flows show conversations that passed, and the new policies block them. `widened`: the new
 * policies allow what the old ones did not. `tightened`: the old policies allowed what the new ones do not. `neutral`:
 * the connection comes or goes with a workload, a replica or an address family, and the policies of the other side say
 * the same about it, or could not have been asked.
 */
export const CHANGE_CLASSES = ['breaks-observed', 'widened', 'tightened', 'neutral'] as const;
export type ChangeClass = (typeof CHANGE_CLASSES)[number];

/** What one end may open to another. */
export interface Openness {
  /** What some pod of the one may open to some pod of the other. */
  readonly ports: PortSet;
  /** The part of it that does not hold for every pair of their pods. */
  readonly onlySomePods: PortSet;
}

export const CLOSED: Openness = { ports: [], onlySomePods: [] };

export const isSameOpenness = (a: Openness, b: Openness): boolean =>
  isSamePorts(a.ports, b.ports) && isSamePorts(a.onlySomePods, b.onlySomePods);

const forEvery = ({ ports, onlySomePods }: Openness): PortSet => withoutPorts(ports, onlySomePods);

/** Ports on which the second allows what the first does not: to any pod, or to every one instead of to some. */
export const openedBetween = (before: Openness, after: Openness): PortSet =>
  joinPorts(withoutPorts(after.ports, before.ports), withoutPorts(forEvery(after), forEvery(before)));

/** A rule that allows something. */
export interface AllowingRule {
  readonly policy: NetworkPolicy;
  /** Index in `spec.ingress` or `spec.egress`. */
  readonly rule: number;
}

/** What the policies of one world say in one direction; a direction nobody isolates is open. */
export interface DirectionSaid {
  readonly decision: 'open' | 'allowed' | 'denied';
  readonly isolatedBy: readonly NetworkPolicy[];
  readonly allowedBy: readonly AllowingRule[];
}

/** The policies responsible in one direction. A world that an end is not in says nothing. */
export interface DirectionReason {
  readonly direction: PolicyDirection;
  readonly before: DirectionSaid | undefined;
  readonly after: DirectionSaid | undefined;
}

/** Why a part of a change is as it is; judged by the literal evaluator on one pair of pods that stands for the others. */
export interface ChangeReason {
  readonly effect: 'opened' | 'closed';
  /** The ports that it is the reason for. */
  readonly ports: PortSet;
  readonly directions: readonly DirectionReason[];
}

/** What the flows show of the ports that a change is about. */
export interface ChangeTraffic {
  /** Conversations that passed on ports that are closed now. */
  readonly closed: number;
  /** Those of them that the new policies block. */
  readonly broken: number;
  /** Conversations that policy denied on ports that are open now. */
  readonly opened: number;
  /** True when an address or a port of some of them is not known well enough, so that the counts are the most it can be. */
  readonly isAtMost: boolean;
  readonly lastSeenAt: EpochMs | undefined;
}

/** One pair of ends whose connections are not the same in both worlds. */
export interface ConnectionChange {
  readonly from: ConnectivityEnd;
  readonly to: ConnectivityEnd;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly before: Openness;
  readonly after: Openness;
  /** Ports on which more is allowed than before, and on which less is; none is in both. */
  readonly opened: PortSet;
  readonly closed: PortSet;
  /** The parts of both for which policies are responsible, and not the coming or going of a workload. */
  readonly openedByPolicy: PortSet;
  readonly closedByPolicy: PortSet;
}

/** A change with its meaning. */
export interface WeighedChange extends ConnectionChange {
  /** In the order of {@link CHANGE_CLASSES}; at least one. */
  readonly classes: readonly ChangeClass[];
  readonly reasons: readonly ChangeReason[];
  /** Ports whose reasons were not looked for, since there are more than are worth reading. */
  readonly unexplained: PortSet;
  /** Undefined without flows. */
  readonly traffic: ChangeTraffic | undefined;
}
