import { groupedBy } from '#core/grouped-by.ts';
import type { PortInterval } from '../certificate.ts';
import type { ClusterModel } from '../cluster/cluster-model.ts';
import { type Bits, bitsOf, setBit, wordsFor } from '../fast/bits.ts';
import type { ClassId } from '../fast/end-class.ts';
import { createEngine, type FastEngine, type PortPoint } from '../fast/fast-engine.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { CniProfile, World } from '../world.ts';
import type { Listeners } from './listeners.ts';
import { type Seating, seatingOf } from './seats.ts';

/** Under which policies reach is asked for. */
export interface ReachRequest {
  readonly model: ClusterModel;
  readonly policies: readonly NetworkPolicy[];
  readonly profile: CniProfile;
  /** Undefined: every port that policies allow counts, whoever listens. */
  readonly listeners: Listeners | undefined;
  /** Called with the port intervals done so far. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Who reaches whom in one hop, class by seat. Memory grows with classes × seats ÷ 8 bytes; work with that times the
 * number of port intervals. Ports are looked at one interval after the other, so that they cost no memory.
 */
export interface ReachGraph {
  readonly request: ReachRequest;
  readonly world: World;
  readonly engine: FastEngine;
  readonly seating: Seating;
  /** By class: the seats it reaches in one hop; undefined for a class that holds no pod. */
  readonly rows: readonly (Bits | undefined)[];
  /** Classes that reach some address outside. */
  readonly leaving: ReadonlySet<ClassId>;
}

const isWithin = (interval: PortInterval, { protocol, port }: PortPoint): boolean =>
  interval.protocol === protocol && interval.from <= port && port <= interval.to;

/** The seats whose pods listen somewhere in the interval. */
const seatsListening = ({ seats }: Seating, interval: PortInterval): readonly number[] =>
  [...seats.keys()].filter((id) => {
    const points = seats[id]?.points;
    return points === undefined || points.some((point) => isWithin(interval, point));
  });

/** The ports of an interval on which a seat listens; undefined when it is all of them. */
export const pointsWithin = (
  points: readonly PortPoint[] | undefined,
  interval: PortInterval,
): readonly PortPoint[] | undefined => points?.filter((point) => isWithin(interval, point));

/** A port that stands for its interval. */
export const pointOf = ({ protocol, from }: PortInterval): PortPoint => ({ protocol, port: from });

/** The classes of addresses outside. */
export const addressClasses = (engine: FastEngine): readonly ClassId[] =>
  [...engine.classes().entries()].flatMap(([id, each]) => (each?.kind === 'addresses' ? [id] : []));

/** The classes that hold pods. */
export const podClassIds = (engine: FastEngine): readonly ClassId[] =>
  [...engine.classes().entries()].flatMap(([id, each]) => (each?.kind === 'pods' ? [id] : []));

/** Visits the bits that both sets have. */
export function eachCommon(a: Bits, b: Bits, visit: (id: number) => void): void {
  for (let word = 0; word < Math.min(a.length, b.length); word += 1) {
    for (let left = (a[word] ?? 0) & (b[word] ?? 0); left !== 0; left &= left - 1) {
      visit((word << 5) + (31 - Math.clz32(left & -left)));
    }
  }
}

const haveCommon = (a: Bits, b: Bits): boolean => {
  for (let word = 0; word < Math.min(a.length, b.length); word += 1) {
    if (((a[word] ?? 0) & (b[word] ?? 0)) !== 0) return true;
  }
  return false;
};

/** Seats by class, and the classes as a set. */
function seatsByClass(
  { engine, seating }: Pick<ReachGraph, 'engine' | 'seating'>,
  listening: readonly number[],
): { readonly byClass: ReadonlyMap<ClassId, readonly number[]>; readonly classes: Bits } {
  const byClass = groupedBy(listening, (id) => seating.seats[id]?.classId ?? 0);
  return { byClass, classes: bitsOf(byClass.keys(), wordsFor(engine.classes().length)) };
}

/** Works out who reaches whom in one hop. */
export function reachGraphOf(request: ReachRequest): ReachGraph {
  const { model, policies, profile, onProgress } = request;
  const world: World = {
    namespaces: model.namespaces.map(({ name, labels }) => ({ name, labels })),
    pods: model.pods.map(({ pod }) => pod),
    policies,
  };
  const engine = createEngine(world, profile);
  const seating = seatingOf(request, engine);
  const words = wordsFor(seating.seats.length);
  const sources = podClassIds(engine);
  const rows: (Bits | undefined)[] = engine.classes().map(() => undefined);
  for (const id of sources) rows[id] = new Uint32Array(words);
  const leaving = new Set<ClassId>();
  const addresses = bitsOf(addressClasses(engine), wordsFor(engine.classes().length));
  const intervals = engine.intervals();
  for (const [done, interval] of intervals.entries()) {
    onProgress?.(done, intervals.length);
    const { byClass, classes } = seatsByClass({ engine, seating }, seatsListening(seating, interval));
    const matrix = engine.matrix([pointOf(interval)]);
    for (const from of sources) {
      const reached = matrix.row(0, from);
      const own = rows[from];
      if (own === undefined) continue;
      if (haveCommon(reached, addresses)) leaving.add(from);
      eachCommon(reached, classes, (to) => {
        for (const seat of byClass.get(to) ?? []) setBit(own, seat);
      });
    }
  }
  return { request, world, engine, seating, rows, leaving };
}
