import { compareText, sortedBy } from '#core/order.ts';
import type { PortInterval } from '../certificate.ts';
import { type ClusterModel, describeWorkload, type PlacedPolicy } from '../cluster/cluster-model.ts';
import { worldOf } from '../cluster/model-world.ts';
import { KUBERNETES_PROFILE, PROFILES } from '../literal/profiles.ts';
import type { CniProfile, Endpoint, NetworkName } from '../world.ts';
import { describeRange } from './address-range.ts';
import { type CauseKind, causesOf, type FoundCause } from './difference-causes.ts';
import { engineJudge, type PortsBetween } from './engine-judge.ts';
import { literalVerdicts } from './literal-judge.ts';
import { RangesOutside } from './outside.ts';
import { type PodClass, podClasses } from './pod-class.ts';
import { PortAtoms } from './port-atoms.ts';
import { joinPorts, type PortSet, withoutPorts } from './port-set.ts';

/** Two ends about which a network and the specification differ. */
export interface DifferingEnds {
  /** `shop/cart[Deployment]` or `192.0.2.0/24[external]`. */
  readonly from: string;
  readonly to: string;
  readonly ports: PortSet;
}

/** One reason for which a network answers otherwise than the specification, with everything that hangs on it. */
export interface PortabilityDifference {
  readonly network: NetworkName;
  /** What happens on that network and not by the specification. */
  readonly effect: 'allowed' | 'denied';
  readonly cause: CauseKind;
  /** The policies that are behind it; none where no policy can change it. */
  readonly policies: readonly PlacedPolicy[];
  /** `ingress[0].from[1]` of the one policy; undefined when no single rule decides. */
  readonly rule: string | undefined;
  /** Sorted. */
  readonly ends: readonly DifferingEnds[];
}

export interface PortabilityRequest {
  readonly model: ClusterModel;
  /** All that are known unless told otherwise. */
  readonly networks?: readonly CniProfile[];
  /** Called with the classes of pods compared so far, over all networks. */
  readonly onProgress?: (done: number, total: number) => void;
}

interface Grouped {
  readonly difference: Omit<PortabilityDifference, 'ends'>;
  readonly ends: Map<string, DifferingEnds>;
}

/** One end in all its names: a class of pods speaks for several workloads. */
interface NamedEnd {
  readonly endpoint: Endpoint;
  readonly names: readonly string[];
}

const namespaceOf = ({ endpoint }: NamedEnd): string | undefined =>
  endpoint.kind === 'pod' ? endpoint.pod.namespace : undefined;

const isWithin = (atom: PortInterval, ports: PortSet): boolean =>
  ports.some(({ protocol, from, to }) => protocol === atom.protocol && from <= atom.from && atom.to <= to);

/** The comparison of one network with the specification. */
class Comparison {
  private readonly groups = new Map<string, Grouped>();
  private readonly spec: PortsBetween;
  private readonly there: PortsBetween;
  private readonly model: ClusterModel;
  private readonly profile: CniProfile;
  private readonly verdicts: ReturnType<typeof literalVerdicts>;
  private readonly atoms: PortAtoms;

  constructor(model: ClusterModel, profile: CniProfile, spec: PortsBetween) {
    const world = worldOf(model);
    this.model = model;
    this.profile = profile;
    this.spec = spec;
    this.there = engineJudge(world, profile);
    this.verdicts = literalVerdicts(world);
    this.atoms = new PortAtoms(model);
  }

  compare(from: NamedEnd, to: NamedEnd): void {
    const spec = this.spec(from.endpoint, to.endpoint);
    const there = this.there(from.endpoint, to.endpoint);
    this.note([from, to], 'allowed', withoutPorts(there, spec));
    this.note([from, to], 'denied', withoutPorts(spec, there));
  }

  /** What differs is cut where causes may change, and each piece put to the literal evaluator under both readings. */
  private note(
    [from, to]: readonly [NamedEnd, NamedEnd],
    effect: PortabilityDifference['effect'],
    ports: PortSet,
  ): void {
    if (ports.length === 0) return;
    const atoms = this.atoms.between(namespaceOf(from), namespaceOf(to));
    for (const interval of atoms.filter((atom) => isWithin(atom, ports))) {
      const connection = {
        ...{ from: from.endpoint, to: to.endpoint },
        protocol: interval.protocol,
        port: interval.from,
      };
      const [spec, there] = [KUBERNETES_PROFILE, this.profile].map((profile) =>
        this.verdicts(connection, profile),
      );
      if (spec === undefined || there === undefined) continue;
      if (spec.verdict.allowed === there.verdict.allowed)
        throw new Error('the fast engine and the literal evaluator differ about a network');
      for (const cause of causesOf({ connection, spec, there, effect })) {
        this.group(effect, cause, { from, to, ports: [interval] });
      }
    }
  }

  private group(
    effect: PortabilityDifference['effect'],
    { kind, policies, rule }: FoundCause,
    { from, to, ports }: { readonly from: NamedEnd; readonly to: NamedEnd; readonly ports: PortSet },
  ): void {
    const placed = this.model.policies.filter(({ policy }) => policies.includes(policy));
    const indexes = placed.map((each) => this.model.policies.indexOf(each));
    const key = JSON.stringify([effect, kind, indexes, rule ?? null]);
    const difference = { network: this.profile.name, effect, cause: kind, policies: placed, rule };
    const group = this.groups.get(key) ?? { difference, ends: new Map<string, DifferingEnds>() };
    this.groups.set(key, group);
    for (const source of from.names) {
      for (const target of to.names) {
        const ends = `${source} ${target}`;
        const known = group.ends.get(ends)?.ports ?? [];
        group.ends.set(ends, { from: source, to: target, ports: joinPorts(known, ports) });
      }
    }
  }

  found(): readonly PortabilityDifference[] {
    return [...this.groups.values()].map(({ difference, ends }) => ({
      ...difference,
      ends: sortedBy(ends.values(), ({ from, to }) => `${from} ${to}`),
    }));
  }
}

const namedClass = ({ workloads }: ClusterModel, { counts }: PodClass, pod: PodClass['pod']): NamedEnd => ({
  endpoint: { kind: 'pod', pod },
  names: [...counts.keys()].flatMap((index) => {
    const workload = workloads[index];
    return workload === undefined ? [] : [describeWorkload(workload)];
  }),
});

/** Each class with the addresses outside that policies tell apart, both ways. */
function compareOutside(
  comparison: Comparison,
  inside: NamedEnd,
  each: PodClass,
  ranges: RangesOutside,
): void {
  for (const direction of ['egress', 'ingress'] as const) {
    for (const range of ranges.of(each.namespace, direction)) {
      if (!each.families.includes(range.family)) continue;
      const outside: NamedEnd = {
        endpoint: {
          kind: 'address',
          ip: describeRange({ ...range, last: range.first }).replace(/\/\d+$/, ''),
        },
        names: [`${describeRange(range)}[external]`],
      };
      if (direction === 'egress') comparison.compare(inside, outside);
      else comparison.compare(outside, inside);
    }
  }
}

const orderOf = ({ network, effect, cause, policies, rule }: PortabilityDifference): string =>
  [
    String(PROFILES.findIndex(({ name }) => name === network)).padStart(2, '0'),
    effect,
    cause,
    ...policies.map(({ policy }) => `${policy.metadata.namespace}/${policy.metadata.name}`),
    rule ?? '',
  ].join(' ');

/**
 * What each network makes of the same policies that the specification does not: "are they portable?". Each difference
 * names the policy and rule it hangs on. The fast engine finds where they differ, the literal evaluator says why. Grows
 * with the square of the kinds of pods, for each network.
 */
export function portabilityOf(request: PortabilityRequest): readonly PortabilityDifference[] {
  const { model, onProgress } = request;
  const networks = (request.networks ?? PROFILES).filter(({ name }) => name !== KUBERNETES_PROFILE.name);
  // The specification sees all that any network does of a pod: its address, its node, and who made it.
  const classes = podClasses(model, KUBERNETES_PROFILE);
  const ends: readonly (NamedEnd | undefined)[] = classes.map((each) => namedClass(model, each, each.pod));
  const twins = classes.map((each) => each.twin && namedClass(model, each, each.twin));
  const ranges = new RangesOutside(model);
  const spec = engineJudge(worldOf(model), KUBERNETES_PROFILE);
  const total = networks.length * classes.length;
  const found = networks.flatMap((profile, at) => {
    const comparison = new Comparison(model, profile, spec);
    for (const [index, each] of classes.entries()) {
      onProgress?.(at * classes.length + index, total);
      const from = ends[index];
      if (from === undefined) continue;
      for (const to of ends.with(index, twins[index])) if (to !== undefined) comparison.compare(from, to);
      compareOutside(comparison, from, each, ranges);
    }
    return comparison.found();
  });
  onProgress?.(total, total);
  return [...found].sort((a, b) => compareText(orderOf(a), orderOf(b)));
}
