import { compareText } from '#core/order.ts';
import type { PortInterval } from '../certificate.ts';
import { cidrsOf } from '../certify/policy-facts.ts';
import { type ClusterModel, describeWorkload, type WorkloadName } from '../cluster/cluster-model.ts';
import type { CniProfile, Endpoint } from '../world.ts';
import {
  type AddressRange,
  addressText,
  describeRange,
  elementaryRanges,
  isNextTo,
} from './address-range.ts';
import type { Allowed } from './literal-judge.ts';
import { type PodClass, podClasses } from './pod-class.ts';
import { PortAtoms } from './port-atoms.ts';
import { isSamePorts, joinPorts, type PortSet, portSetOf, sharedPorts, withoutPorts } from './port-set.ts';

/** One end of a connection: a workload, or addresses outside the cluster. */
export type ConnectivityEnd =
  | { readonly kind: 'workload'; readonly workload: WorkloadName }
  | { readonly kind: 'external'; readonly range: AddressRange };

/** What one end may open to another. Two ends between which nothing may be opened have no row. */
export interface ConnectivityRow {
  readonly from: ConnectivityEnd;
  readonly to: ConnectivityEnd;
  /** What some pod of the one may open to some pod of the other. */
  readonly ports: PortSet;
  /** The part of it that does not hold for every pair of their pods; empty as a rule. */
  readonly onlySomePods: PortSet;
}

export interface ConnectivityRequest {
  readonly model: ClusterModel;
  readonly profile: CniProfile;
  /** Judges one connection between pods of the model, or a pod and an address. */
  readonly allowed: Allowed;
  /** Called with the classes of pods done so far. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** What all pairs of pods met so far may do, and what each of them may. */
interface Tally {
  readonly any: PortSet;
  readonly every: PortSet;
}

const tallied = (known: Tally | undefined, ports: PortSet): Tally =>
  known === undefined
    ? { any: ports, every: ports }
    : { any: joinPorts(known.any, ports), every: sharedPorts(known.every, ports) };

const podEnd = (pod: PodClass['pod']): Endpoint => ({ kind: 'pod', pod });

/** One run over all pairs. */
class Session {
  readonly pairs = new Map<string, Tally & { readonly from: number; readonly to: number }>();
  private readonly model: ClusterModel;
  private readonly allowed: Allowed;
  private readonly atoms: PortAtoms;

  constructor({ model, allowed }: ConnectivityRequest) {
    this.model = model;
    this.allowed = allowed;
    this.atoms = new PortAtoms(model);
  }

  judgePair(from: PodClass, to: PodClass): void {
    const target = from === to ? to.twin : to.pod;
    if (target === undefined) return;
    const atoms = this.atoms.between(from.namespace, to.namespace);
    const ports = this.ask(podEnd(from.pod), podEnd(target), atoms);
    for (const [fromWorkload, fromCount] of from.counts) {
      for (const toWorkload of to.counts.keys()) {
        const isAlone = from === to && fromWorkload === toWorkload && fromCount < 2;
        if (!isAlone) this.note(fromWorkload, toWorkload, ports);
      }
    }
  }

  private note(from: number, to: number, ports: PortSet): void {
    const key = `${from}>${to}`;
    this.pairs.set(key, { from, to, ...tallied(this.pairs.get(key), ports) });
  }

  /** What a class may open to each elementary range outside, or each of them to it. */
  judgeOutside(inside: PodClass, direction: 'ingress' | 'egress'): readonly [AddressRange, PortSet][] {
    const { namespace } = inside;
    const policies = this.model.policies.filter(({ policy }) => policy.metadata.namespace === namespace);
    const ranges = elementaryRanges(policies.flatMap(({ policy }) => cidrsOf(policy, direction)));
    const isEgress = direction === 'egress';
    const atoms = isEgress
      ? this.atoms.between(namespace, undefined)
      : this.atoms.between(undefined, namespace);
    const pod = podEnd(inside.pod);
    return ranges
      .filter(({ family }) => inside.families.includes(family))
      .map((range) => {
        const address: Endpoint = { kind: 'address', ip: addressText(range.family, range.first) };
        return [range, isEgress ? this.ask(pod, address, atoms) : this.ask(address, pod, atoms)];
      });
  }

  private ask(from: Endpoint, to: Endpoint, atoms: readonly PortInterval[]): PortSet {
    return portSetOf(atoms.filter(({ protocol, from: port }) => this.allowed({ from, to, protocol, port })));
  }
}

const isOpen = ({ ports }: ConnectivityRow): boolean => ports.length > 0;

const rowOf = (ends: Pick<ConnectivityRow, 'from' | 'to'>, { any, every }: Tally): ConnectivityRow => ({
  ...ends,
  ports: any,
  onlySomePods: withoutPorts(any, every),
});

function insideRows(
  session: Session,
  classes: readonly PodClass[],
  request: ConnectivityRequest,
): ConnectivityRow[] {
  for (const [done, from] of classes.entries()) {
    request.onProgress?.(done, classes.length);
    for (const to of classes) session.judgePair(from, to);
  }
  const { workloads } = request.model;
  return [...session.pairs.values()].flatMap((pair) => {
    const [from, to] = [workloads[pair.from], workloads[pair.to]];
    if (from === undefined || to === undefined) return [];
    return [rowOf({ from: endOf(from), to: endOf(to) }, pair)];
  });
}

const endOf = ({ namespace, kind, name }: WorkloadName): ConnectivityEnd => ({
  kind: 'workload',
  workload: { namespace, kind, name },
});

/** Ranges side by side that are alike in everything are one. */
function joined(
  ranges: readonly (readonly [AddressRange, Tally])[],
): readonly (readonly [AddressRange, Tally])[] {
  const kept: (readonly [AddressRange, Tally])[] = [];
  for (const [range, tally] of ranges) {
    const last = kept.at(-1);
    const isAlike =
      last !== undefined &&
      isNextTo(last[0], range) &&
      isSamePorts(last[1].any, tally.any) &&
      isSamePorts(last[1].every, tally.every);
    if (isAlike) kept[kept.length - 1] = [{ ...last[0], last: range.last }, tally];
    else kept.push([range, tally]);
  }
  return kept;
}

type Outside = readonly (readonly [AddressRange, PortSet])[];

/** One workload's classes lie in one namespace, so that their ranges are cut alike, less a family that one lacks. */
function tallyOutside(classes: readonly Outside[]): readonly (readonly [AddressRange, Tally])[] {
  const tallies = new Map<string, readonly [AddressRange, Tally]>();
  for (const [range, ports] of classes.flat()) {
    const key = describeRange(range);
    tallies.set(key, [range, tallied(tallies.get(key)?.[1], ports)]);
  }
  const sorted = [...tallies.values()].sort(([a], [b]) => compareRanges(a, b));
  return joined(sorted);
}

function outsideRows(
  session: Session,
  classes: readonly PodClass[],
  { model }: ConnectivityRequest,
): ConnectivityRow[] {
  const judged = classes.map((each) => ({
    counts: each.counts,
    egress: session.judgeOutside(each, 'egress'),
    ingress: session.judgeOutside(each, 'ingress'),
  }));
  return model.workloads.flatMap((workload, index) => {
    const own = judged.filter(({ counts }) => counts.has(index));
    const egress = tallyOutside(own.map((each) => each.egress));
    const ingress = tallyOutside(own.map((each) => each.ingress));
    const self = endOf(workload);
    return [
      ...egress.map(([range, tally]) => rowOf({ from: self, to: { kind: 'external', range } }, tally)),
      ...ingress.map(([range, tally]) => rowOf({ from: { kind: 'external', range }, to: self }, tally)),
    ];
  });
}

/** `shop/cart[Deployment]` or `10.0.0.0/8[external]`. */
export const describeEnd = (end: ConnectivityEnd): string =>
  end.kind === 'workload' ? describeWorkload(end.workload) : `${describeRange(end.range)}[external]`;

const compareRanges = (a: AddressRange, b: AddressRange): number =>
  compareText(a.family, b.family) || (a.first < b.first ? -1 : a.first > b.first ? 1 : 0);

/** Workloads by their text, then what is outside by address. */
function compareEnds(a: ConnectivityEnd, b: ConnectivityEnd): number {
  if (a.kind === 'external' && b.kind === 'external') return compareRanges(a.range, b.range);
  if (a.kind !== b.kind) return a.kind === 'workload' ? -1 : 1;
  return compareText(describeEnd(a), describeEnd(b));
}

/**
 * Who may open connections to whom, on what: every pair of workloads, and each workload with everything outside, in
 * one order. Policies alone are asked; whether anybody listens is another question. Replicas of one workload are a row
 * of their own where there can be two of them. Nodes and the API server are met by their addresses only.
 */
export function connectivityOf(request: ConnectivityRequest): readonly ConnectivityRow[] {
  const classes = podClasses(request.model, request.profile);
  const session = new Session(request);
  const rows = [...insideRows(session, classes, request), ...outsideRows(session, classes, request)];
  request.onProgress?.(classes.length, classes.length);
  return rows.filter(isOpen).sort((a, b) => compareEnds(a.from, b.from) || compareEnds(a.to, b.to));
}
