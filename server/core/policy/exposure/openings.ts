import { addressClasses, eachCommon, pointOf } from '../blast/reach-graph.ts';
import type { PortInterval } from '../certificate.ts';
import type { ClusterModel } from '../cluster/cluster-model.ts';
import { worldOf } from '../cluster/model-world.ts';
import { type PortSet, portSetOf } from '../connections/port-set.ts';
import { type AddressSpan, addressAt } from '../fast/address-axis.ts';
import { type Bits, bitsOf, differenceOf, hasBit, wordsFor } from '../fast/bits.ts';
import type { ClassId } from '../fast/end-class.ts';
import { createEngine, type FastEngine, type FollowingMatrix } from '../fast/fast-engine.ts';
import type { PolicyDirection } from '../literal/verdict.ts';
import type { CniProfile, Endpoint, World, WorldPod } from '../world.ts';
import { mergedOutside } from './merged-outside.ts';
import { type Newcomer, type NewcomerKind, newcomersOf, worldWith } from './newcomers.ts';
import { joinedReasons, type Reason, reasonFinder } from './rules-between.ts';

/** One workload that a newcomer could reach, or that could reach it. */
export interface OpenTarget {
  /** Index of the workload. */
  readonly workload: number;
  /** Of some pod of the workload. */
  readonly ports: PortSet;
  /** On the side of the workload. */
  readonly reason: Reason;
}

/** Whom something is open to. */
export type OpenKind =
  | NewcomerKind
  | { readonly kind: 'outside'; readonly isAnywhere: boolean; readonly spans: readonly AddressSpan[] };

/** What policies leave open to pods that do not exist yet, and to addresses outside. */
export interface Opening {
  /** `ingress`: newcomers reach the workloads. `egress`: the workloads reach them. */
  readonly direction: PolicyDirection;
  readonly who: OpenKind;
  /** Without what is open to a wider group of newcomers anyway: to anybody, to any pod of that namespace. */
  readonly targets: readonly OpenTarget[];
}

export interface ExposureReport {
  /** Widest first. */
  readonly openings: readonly Opening[];
  readonly impossible: readonly string[];
  /** Distinct selectors beyond the limit. */
  readonly left: number;
}

export interface ExposureRequest {
  readonly model: ClusterModel;
  readonly profile: CniProfile;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Ports by class of pods. */
type Found = Map<ClassId, PortInterval[]>;

/** Somebody who may come, in a class of the engine's. */
interface Seated {
  readonly who: OpenKind;
  readonly stranger: Endpoint;
  readonly classId: ClassId;
  /** Of the newcomers who stand for a wider group: what they may is no news. */
  readonly wider: readonly ClassId[];
  readonly ingress: Found;
  readonly egress: Found;
}

function put(found: Found, classId: ClassId, ports: PortInterval): void {
  const own = found.get(classId);
  if (own === undefined) found.set(classId, [ports]);
  else own.push(ports);
}

/** Seats the newcomers, each with those who stand for a wider group. */
function seatedIn(engine: FastEngine, newcomers: readonly Newcomer[]): readonly Seated[] {
  const classOf = (pod: WorldPod): ClassId => engine.classOf({ kind: 'pod', pod }) ?? -1;
  const anybody = newcomers.filter(({ who }) => who.kind === 'anybody').map(({ pod }) => classOf(pod));
  const residents = new Map(
    newcomers.flatMap(({ who, pod }) => (who.kind === 'namespace' ? [[who.namespace, classOf(pod)]] : [])),
  );
  return newcomers.map(({ who, pod }): Seated => {
    const resident = residents.get(pod.namespace);
    const own = who.kind === 'labels' && resident !== undefined ? [resident] : [];
    const wider = who.kind === 'anybody' ? [] : [...anybody, ...own];
    const stranger: Endpoint = { kind: 'pod', pod };
    return { who, stranger, classId: classOf(pod), wider, ingress: new Map(), egress: new Map() };
  });
}

/** Addresses outside, atom by atom. */
function seatedOutside(engine: FastEngine): readonly Seated[] {
  const ids = addressClasses(engine);
  return ids.map((classId): Seated => {
    const spans = engine.classes()[classId]?.spans ?? [];
    const stranger: Endpoint = { kind: 'address', ip: addressAt(spans[0]?.first ?? 0n) };
    const who: OpenKind = { kind: 'outside', isAnywhere: ids.length === 1, spans };
    return { who, stranger, classId, wider: [], ingress: new Map(), egress: new Map() };
  });
}

/** Today's pods, by class. */
interface Today {
  readonly set: Bits;
  readonly ids: readonly ClassId[];
}

/** One interval of ports: which classes the newcomers reach. */
function lookIn(
  matrix: FollowingMatrix,
  seated: readonly Seated[],
  today: Today,
  interval: PortInterval,
): void {
  for (const { classId, wider, ingress } of seated) {
    const own = wider.reduce(
      (left, other) => differenceOf(left, matrix.row(0, other)),
      matrix.row(0, classId),
    );
    eachCommon(own, today.set, (to) => put(ingress, to, interval));
  }
}

/** One interval of ports: which classes reach the newcomers. */
function lookOut(
  matrix: FollowingMatrix,
  seated: readonly Seated[],
  today: Today,
  interval: PortInterval,
): void {
  for (const from of today.ids) {
    const row = matrix.row(0, from);
    const met = seated.filter(
      ({ classId, wider }) => hasBit(row, classId) && !wider.some((other) => hasBit(row, other)),
    );
    for (const { egress } of met) put(egress, from, interval);
  }
}

/** A pod of each class, and the workloads whose pods are of it. */
interface Members {
  readonly pod: WorldPod;
  readonly workloads: ReadonlySet<number>;
}

function membersOf(engine: FastEngine, { pods }: ClusterModel): ReadonlyMap<ClassId, Members> {
  const members = new Map<ClassId, { pod: WorldPod; workloads: Set<number> }>();
  for (const { pod, workload } of pods) {
    const id = engine.classOf({ kind: 'pod', pod });
    if (id === undefined) continue;
    const known = members.get(id);
    if (known === undefined) members.set(id, { pod, workloads: new Set([workload]) });
    else known.workloads.add(workload);
  }
  return members;
}

class Reporter {
  private readonly members: ReadonlyMap<ClassId, Members>;
  private readonly find: ReturnType<typeof reasonFinder>;

  constructor(members: ReadonlyMap<ClassId, Members>, world: World, profile: CniProfile) {
    this.members = members;
    this.find = reasonFinder(world, profile);
  }

  opening(seated: Seated, direction: PolicyDirection): Opening {
    const targets = new Map<number, OpenTarget>();
    for (const [classId, intervals] of seated[direction]) {
      const members = this.members.get(classId);
      if (members === undefined) continue;
      const own: Endpoint = { kind: 'pod', pod: members.pod };
      const { stranger } = seated;
      const ends = direction === 'ingress' ? { from: stranger, to: own } : { from: own, to: stranger };
      const reason = this.find({ ...ends, direction, intervals });
      for (const workload of members.workloads) {
        const target = { workload, ports: portSetOf(intervals), reason };
        targets.set(workload, joinedTargets(targets.get(workload), target));
      }
    }
    const sorted = [...targets.values()].sort((a, b) => a.workload - b.workload);
    return { direction, who: seated.who, targets: sorted };
  }
}

function joinedTargets(known: OpenTarget | undefined, target: OpenTarget): OpenTarget {
  if (known === undefined) return target;
  return {
    workload: target.workload,
    ports: portSetOf([...known.ports, ...target.ports]),
    reason: joinedReasons([known.reason, target.reason]),
  };
}

const WIDTH: Readonly<Record<OpenKind['kind'], number>> = { outside: 0, anybody: 2, namespace: 3, labels: 4 };

/** What is open to every address comes first; whom nobody is today before whom somebody is. */
function widthOf(who: OpenKind): number {
  const isNarrow = who.kind === 'outside' ? !who.isAnywhere : who.kind === 'labels' && !who.isNobodyToday;
  return WIDTH[who.kind] + (isNarrow ? 1 : 0);
}

/**
 * What pods that do not exist yet could reach, and be reached by: one newcomer for each way in which rules tell pods
 * apart, judged as if it had come; and the same of addresses outside. Memory grows with newcomers times the workloads
 * open to them alone; work with classes × newcomers × port intervals.
 */
export function exposureOf({ model, profile, onProgress }: ExposureRequest): ExposureReport {
  const today = worldOf(model);
  const { all, impossible, left } = newcomersOf(today);
  const world = worldWith(today, all);
  const engine = createEngine(world, profile);
  const outside = seatedOutside(engine);
  const seated = [...seatedIn(engine, all), ...outside];
  const members = membersOf(engine, model);
  const ids = [...members.keys()];
  const pods = { ids, set: bitsOf(ids, wordsFor(engine.classes().length)) };
  const intervals = engine.intervals();
  for (const [done, interval] of intervals.entries()) {
    onProgress?.(done, intervals.length);
    const matrix = engine.matrix([pointOf(interval)]);
    lookIn(matrix, seated, pods, interval);
    lookOut(matrix, seated, pods, interval);
  }
  const reporter = new Reporter(members, world, profile);
  const openings = seated
    .flatMap((each) => [reporter.opening(each, 'ingress'), reporter.opening(each, 'egress')])
    .filter(({ targets }) => targets.length > 0);
  const inside = openings.filter(({ who }) => who.kind !== 'outside');
  const sorted = [...mergedOutside(openings, outside.length), ...inside].sort(
    (a, b) => widthOf(a.who) - widthOf(b.who),
  );
  return { openings: sorted, impossible, left };
}
