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

/** What is open between pods, by source and destination workload. */
function insideTally({ classes, between, request }: Session): PairTally {
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
  return tally;
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

const external = (range: AddressRange): ConnectivityEnd => ({ kind: 'external', range });

/** The workloads as ends, in the order of their texts. */
function sortedEnds({ workloads }: ClusterModel): ReadonlyMap<number, ConnectivityEnd> {
  const texts = workloads.map(describeWorkload);
  const order = [...texts.keys()].sort((a, b) => compareText(texts[a] ?? '', texts[b] ?? ''));
  return new Map(
    order.flatMap((index) => {
      const workload = workloads[index];
      if (workload === undefined) return [];
      const { namespace, kind, name } = workload;
      return [[index, { kind: 'workload' as const, workload: { namespace, kind, name } }]];
    }),
  );
}

/** `shop/cart[Deployment]` or `10.0.0.0/8[external]`. */
export const describeEnd = (end: ConnectivityEnd): string =>
  end.kind === 'workload' ? describeWorkload(end.workload) : `${describeRange(end.range)}[external]`;

/** Rows by source and destination: workloads in the order of the ends, before what is outside. */
function* rowsInOrder(
  session: Session,
  ends: ReadonlyMap<number, ConnectivityEnd>,
): Generator<ConnectivityRow> {
  const tally = insideTally(session);
  const outside = judgedOutside(session);
  for (const [index, from] of ends) {
    const row = tally.rowOf(index);
    for (const [target, to] of row.size === 0 ? [] : ends) {
      const pair = row.get(target);
      if (pair !== undefined) yield { from, to, ...portsOf(pair) };
    }
    for (const [range, pair] of tallyOutside(outside.get(index)?.egress ?? []))
      yield { from, to: external(range), ...portsOf(pair) };
  }
  yield* rowsFromOutside(outside, ends);
}

/** By address, then in the order of the ends. */
function rowsFromOutside(
  outside: ReadonlyMap<number, Judged>,
  ends: ReadonlyMap<number, ConnectivityEnd>,
): readonly ConnectivityRow[] {
  const rows = [...ends].flatMap(([index, to]) =>
    tallyOutside(outside.get(index)?.ingress ?? []).map(([range, pair]) => ({ range, to, pair })),
  );
  return rows
    .sort((a, b) => compareRanges(a.range, b.range))
    .map(({ range, to, pair }) => ({ from: external(range), to, ...portsOf(pair) }));
}

/**
 * Who may open connections to whom, on what: every pair of workloads, and each workload with everything outside, in
 * one order: workloads by their text, then what is outside by address. Policies alone are asked; whether anybody listens
 * is another question. Replicas of one workload are a row of their own where there can be two of them. Nodes and the API
 * server are met by their addresses only. Time grows with the square of the kinds of pods that policies tell apart,
 * memory with what is open.
 */
export function connectivityOf(request: ConnectivityRequest): readonly ConnectivityRow[] {
  const { model, profile, allowed } = request;
  const classes = podClasses(model, profile);
  const between = allowed === undefined ? engineJudge(worldOf(model), profile) : askingOf(model, allowed);
  const rows: ConnectivityRow[] = [];
  for (const row of rowsInOrder({ classes, between, request }, sortedEnds(model))) {
    if (row.ports.length > 0) rows.push(row);
  }
  request.onProgress?.(classes.length, classes.length);
  return rows;
}
