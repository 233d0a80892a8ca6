import type { PortInterval } from '../certificate.ts';
import type { ClusterModel } from '../cluster/cluster-model.ts';
import { type PortSet, sharedPorts } from '../connections/port-set.ts';
import { type Decision, type ExplainedConnection, explainConnection } from '../explain/explain.ts';
import type { PolicyDirection, VerdictReason } from '../literal/verdict.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { ReplayCourt } from '../replay/replay-court.ts';
import type { Connection, Endpoint } from '../world.ts';
import type { Offence } from './offences.ts';
import { rangesText } from './outside.ts';
import { endpointOf, type Ground, type Spot, type SpotId, workloadText } from './spots.ts';

/** One rule of one policy; the index counts from 0. */
export interface BlamedRule {
  readonly policy: NetworkPolicy;
  readonly direction: PolicyDirection;
  readonly rule: number;
}

/** What the policies of one direction say about a step, over all its ends and ports. */
export interface StepSide {
  readonly direction: PolicyDirection;
  /** Whom it is about: pods, or what no policy of this cluster governs. */
  readonly subject: 'pods' | 'other';
  /** Several where ends or ports differ. */
  readonly decisions: readonly Decision[];
  readonly isolatedBy: readonly NetworkPolicy[];
  /** Every rule that allows some of it. */
  readonly allowedBy: readonly BlamedRule[];
}

/** One connection of a path, as the literal evaluator judged it. */
export interface Step {
  readonly from: string;
  readonly to: string;
  readonly ports: PortSet;
  /** `policy`, unless no policy has a say. */
  readonly reason: VerdictReason;
  readonly egress: StepSide;
  readonly ingress: StepSide;
}

/** Who asks, and who judges. */
export interface PathCourt {
  readonly model: ClusterModel;
  readonly ground: Ground;
  readonly court: ReplayCourt;
  /** All ports, cut where policies cut them. */
  readonly intervals: readonly PortInterval[];
  /** Spots of each workload. */
  readonly parts: ReadonlyMap<number, number>;
}

/** Spots of each workload: one, unless policies or segments tell its pods apart. */
export function partsOf({ spots }: Ground): ReadonlyMap<number, number> {
  const parts = new Map<number, number>();
  for (const spot of spots) {
    if (spot.kind === 'pods') parts.set(spot.workload, (parts.get(spot.workload) ?? 0) + 1);
  }
  return parts;
}

const isAll = (ids: ReadonlySet<SpotId>, name: string, { segments }: Ground): boolean => {
  const members = segments.get(name);
  return members !== undefined && members.size === ids.size && [...members].every((id) => ids.has(id));
};

function outsideText(ids: readonly SpotId[], ground: Ground): string {
  const own = new Set(ids);
  for (const name of ['world', 'internet']) if (isAll(own, name, ground)) return name;
  const ranges = ids.flatMap((id) => {
    const spot = ground.spots[id];
    return spot?.kind === 'outside' ? spot.ranges : [];
  });
  const sorted = ranges.toSorted((a, b) =>
    a.family === b.family ? (a.first < b.first ? -1 : 1) : a.family < b.family ? -1 : 1,
  );
  return rangesText(sorted);
}

/** `shop/cart[Deployment]`, `internet`, `203.0.113.0/24`, `kube-apiserver`. */
export function endText(ids: readonly SpotId[], { model, ground, parts }: PathCourt): string {
  const spot = ids[0] === undefined ? undefined : ground.spots[ids[0]];
  switch (spot?.kind) {
    case 'pods': {
      const isSome = (parts.get(spot.workload) ?? 1) > ids.length;
      return `${workloadText(model, spot.workload)}${isSome ? ' (some of its pods)' : ''}`;
    }
    case 'outside':
      return outsideText(ids, ground);
    case 'entity':
      return spot.entity;
    default:
      return 'pods of other clusters';
  }
}

/** One pair of spots for each pair of their classes: the others are judged alike. */
function oneOfEachKind(
  pairs: Offence['pairs'],
  { spots }: Ground,
): readonly (readonly [source: Spot, target: Spot])[] {
  const kept = new Map<string, readonly [Spot, Spot]>();
  const kindOf = (spot: Spot): string =>
    spot.kind === 'entity' ? spot.entity : spot.kind === 'foreign' ? spot.kind : `${spot.classId}`;
  for (const [from, to] of pairs) {
    const [source, target] = [spots[from], spots[to]];
    if (source === undefined || target === undefined) continue;
    const key = `${kindOf(source)}>${kindOf(target)}`;
    if (!kept.has(key)) kept.set(key, [source, target]);
  }
  return [...kept.values()];
}

/** A node and the pods it runs may reach each other whatever policies say, and here it is asked what they say. */
function withoutNode(end: Endpoint): Endpoint {
  return end.kind === 'pod' && end.pod.hostNetwork
    ? { kind: 'pod', pod: { ...end.pod, node: undefined } }
    : end;
}

/** A pod may always talk with itself, which says nothing about others like it: one of these takes its place. */
function otherThan(from: Endpoint | undefined, to: Endpoint | undefined): Endpoint | undefined {
  if (from?.kind !== 'pod' || to?.kind !== 'pod') return to;
  const { namespace, name } = to.pod;
  if (from.pod.namespace !== namespace || from.pod.name !== name) return to;
  return { kind: 'pod', pod: { ...to.pod, name: `${name}-twin` } };
}

function endsOf(source: Spot, target: Spot): Pick<Connection, 'from' | 'to'> | undefined {
  const from = endpointOf(source);
  const to = otherThan(from, endpointOf(target));
  return from && to && { from: withoutNode(from), to: withoutNode(to) };
}

/** One judged connection and the policies its indexes mean. */
interface Case {
  readonly explained: ExplainedConnection;
  readonly policies: readonly NetworkPolicy[];
}

function sideOf(cases: readonly Case[], direction: PolicyDirection, subject: StepSide['subject']): StepSide {
  const rules = new Map<string, BlamedRule>();
  const isolating = new Set<NetworkPolicy>();
  const decisions = new Set<Decision>();
  for (const { explained, policies } of cases) {
    const side = explained[direction];
    decisions.add(side.decision);
    for (const index of side.isolatedBy) if (policies[index] !== undefined) isolating.add(policies[index]);
    for (const ref of side.allowedBy) {
      const policy = policies[ref.policy];
      if (policy === undefined) continue;
      const { namespace = 'default', name } = policy.metadata;
      rules.set(`${namespace}/${name}/${ref.rule}`, { policy, direction, rule: ref.rule });
    }
  }
  return {
    direction,
    subject,
    decisions: [...decisions].sort(),
    isolatedBy: [...isolating],
    allowedBy: [...rules.values()],
  };
}

interface Expected {
  readonly allowed: boolean;
}

/**
 * Has the literal evaluator judge an offence: each kind of end on each interval of ports that policies could tell
 * apart. It throws when it does not agree with the fast engine, since then nothing either says can be printed.
 */
export function judgedStep(offence: Offence, at: PathCourt, { allowed }: Expected): Step {
  const { ground, court, intervals } = at;
  const points = intervals.flatMap((interval) => sharedPorts([interval], offence.ports).slice(0, 1));
  const sources = [...new Set(offence.pairs.map(([id]) => id))];
  const targets = [...new Set(offence.pairs.map(([, id]) => id))];
  const cases = oneOfEachKind(offence.pairs, ground).flatMap(([source, target]): readonly Case[] => {
    const ends = endsOf(source, target);
    if (ends === undefined) return [];
    const { world } = court.benchFor(ends.from, ends.to);
    return points.map(({ protocol, from: port }) => ({
      policies: world.policies,
      explained: explainConnection({
        world,
        connection: { ...ends, protocol, port },
        profile: court.profile,
      }),
    }));
  });
  const [from, to] = [endText(sources, at), endText(targets, at)];
  if (cases.length === 0 || cases.some(({ explained }) => explained.allowed !== allowed))
    throw new Error(`the two evaluators disagree about ${from} => ${to}`);
  const subjectOf = ([id]: readonly SpotId[]): StepSide['subject'] =>
    id !== undefined && ground.spots[id]?.kind === 'pods' ? 'pods' : 'other';
  const reasons = cases.map(({ explained }) => explained.verdict.reason);
  return {
    from,
    to,
    ports: offence.ports,
    reason: reasons.find((reason) => reason !== 'policy') ?? 'policy',
    egress: sideOf(cases, 'egress', subjectOf(sources)),
    ingress: sideOf(cases, 'ingress', subjectOf(targets)),
  };
}
