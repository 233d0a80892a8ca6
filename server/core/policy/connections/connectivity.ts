import { compareText } from '#core/order.ts';
import { type ClusterModel, describeWorkload, type WorkloadName } from '../cluster/cluster-model.ts';
import { worldOf } from '../cluster/model-world.ts';
import type { CniProfile, Endpoint } from '../world.ts';
import { type AddressRange, describeRange } from './address-range.ts';
import { engineJudge, type PortsBetween } from './engine-judge.ts';
import type { Allowed } from './literal-judge.ts';
import { compareRanges, type Outside, outsideOf, RangesOutside, tallyOutside } from './outside.ts';
import { PairTally, portsOf } from './pair-tally.ts';
import { type PodClass, podClasses } from './pod-class.ts';
import { PortAtoms } from './port-atoms.ts';
import { type PortSet, portSetOf } from './port-set.ts';

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
  /** Judges one connection between pods of the model, or a pod and an address; without it the fast engine answers. */
  readonly allowed?: Allowed;
  /** Called with the classes of pods done so far. */
  readonly onProgress?: (done: number, total: number) => void;
}

const podEnd = (pod: PodClass['pod']): Endpoint => ({ kind: 'pod', pod });

const namespaceOf = (end: Endpoint): string | undefined =>
  end.kind === 'pod' ? end.pod.namespace : undefined;

/** Puts the first port of each interval, within which no policy changes its word, to a judge of single connections. */
function askingOf(model: ClusterModel, allowed: Allowed): PortsBetween {
  const atoms = new PortAtoms(model);
  return (from, to) =>
    portSetOf(
      atoms
        .between(namespaceOf(from), namespaceOf(to))
        .filter(({ protocol, from: port }) => allowed({ from, to, protocol, port })),
    );
}

/** One run over all classes of pods. */
interface Session {
  readonly classes: readonly PodClass[];
  readonly between: PortsBetween;
  readonly request: ConnectivityRequest;
}

/** A row with the place of each workload in the order of their texts. */
interface RankedRow extends ConnectivityRow {
  readonly ranks: readonly [from: number | undefined, to: number | undefined];
}

function insideRows({ classes, between, request }: Session, ends: readonly RankedEnd[]): RankedRow[] {
  const tally = new PairTally(classes);
  for (const [done, from] of classes.entries()) {
    request.onProgress?.(done, classes.length);
    const source = podEnd(from.pod);
    for (const to of classes) {
      const target = from === to ? to.twin : to.pod;
      const ports = target === undefined ? [] : between(source, podEnd(target));
      if (ports.length > 0) tally.note(from, to, ports);
    }
  }
  return tally.pairs().flatMap((pair) => {
    const [from, to] = [ends[pair.from], ends[pair.to]];
    if (from === undefined || to === undefined) return [];
    return [{ from: from.end, to: to.end, ...portsOf(pair), ranks: [from.rank, to.rank] as const }];
  });
}

interface Judged {
  readonly egress: Outside[];
  readonly ingress: Outside[];
}

/** What each workload's classes may do with everything outside, by index. */
function judgedOutside({ classes, between, request }: Session): ReadonlyMap<number, Judged> {
  const ranges = new RangesOutside(request.model);
  const judged = new Map<number, Judged>();
  for (const each of classes) {
    const pod = podEnd(each.pod);
    const { namespace } = each;
    const egress = outsideOf(each, ranges.of(namespace, 'egress'), (address) => between(pod, address));
    const ingress = outsideOf(each, ranges.of(namespace, 'ingress'), (address) => between(address, pod));
    for (const workload of each.counts.keys()) {
      const known = judged.get(workload) ?? { egress: [], ingress: [] };
      judged.set(workload, known);
      known.egress.push(egress);
      known.ingress.push(ingress);
    }
  }
  return judged;
}

function outsideRows(session: Session, ends: readonly RankedEnd[]): RankedRow[] {
  return [...judgedOutside(session)].flatMap(([workload, { egress, ingress }]) => {
    const self = ends[workload];
    if (self === undefined) return [];
    const external = (range: AddressRange): ConnectivityEnd => ({ kind: 'external', range });
    return [
      ...tallyOutside(egress).map(([range, tally]) => ({
        ...{ from: self.end, to: external(range), ...portsOf(tally) },
        ranks: [self.rank, undefined] as const,
      })),
      ...tallyOutside(ingress).map(([range, tally]) => ({
        ...{ from: external(range), to: self.end, ...portsOf(tally) },
        ranks: [undefined, self.rank] as const,
      })),
    ];
  });
}

interface RankedEnd {
  readonly end: ConnectivityEnd;
  readonly rank: number;
}

/** The workloads as ends, each with its place in the order of their texts. */
function rankedEnds({ workloads }: ClusterModel): readonly RankedEnd[] {
  const texts = workloads.map(describeWorkload);
  const order = [...texts.keys()].sort((a, b) => compareText(texts[a] ?? '', texts[b] ?? ''));
  const ranks = new Map(order.map((workload, rank) => [workload, rank]));
  return workloads.map(({ namespace, kind, name }, index) => ({
    end: { kind: 'workload', workload: { namespace, kind, name } },
    rank: ranks.get(index) ?? 0,
  }));
}

/** `shop/cart[Deployment]` or `10.0.0.0/8[external]`. */
export const describeEnd = (end: ConnectivityEnd): string =>
  end.kind === 'workload' ? describeWorkload(end.workload) : `${describeRange(end.range)}[external]`;

/** Workloads by their text, then what is outside by address. */
function compareEnds(a: RankedRow, b: RankedRow, side: 'from' | 'to'): number {
  const at = side === 'from' ? 0 : 1;
  const [rank, other] = [a.ranks[at], b.ranks[at]];
  if (rank !== undefined && other !== undefined) return rank - other;
  const [end, otherEnd] = [a[side], b[side]];
  if (end.kind === 'external' && otherEnd.kind === 'external')
    return compareRanges(end.range, otherEnd.range);
  return end.kind === 'workload' ? -1 : 1;
}

const inOrder = (a: RankedRow, b: RankedRow): number => compareEnds(a, b, 'from') || compareEnds(a, b, 'to');

/**
 * Who may open connections to whom, on what: every pair of workloads, and each workload with everything outside, in
 * one order. Policies alone are asked; whether anybody listens is another question. Replicas of one workload are a row
 * of their own where there can be two of them. Nodes and the API server are met by their addresses only. Time grows
 * with the square of the kinds of pods that policies tell apart, memory with what is open.
 */
export function connectivityOf(request: ConnectivityRequest): readonly ConnectivityRow[] {
  const { model, profile, allowed } = request;
  const classes = podClasses(model, profile);
  const between = allowed === undefined ? engineJudge(worldOf(model), profile) : askingOf(model, allowed);
  const session = { classes, between, request };
  const ends = rankedEnds(model);
  const rows = [...insideRows(session, ends), ...outsideRows(session, ends)];
  request.onProgress?.(classes.length, classes.length);
  return rows
    .filter(({ ports }) => ports.length > 0)
    .sort(inOrder)
    .map(({ ranks: _ranks, ...row }) => row);
}
