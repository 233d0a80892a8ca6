import type { PortInterval } from '../certificate.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { CniProfile, Endpoint, PolicyProtocol, World, WorldNamespace, WorldPod } from '../world.ts';
import { atomAt } from './address-atoms.ts';
import { positionOf } from './address-axis.ts';
import { admittedPorts, type ClassPair, reachableFrom } from './admitted-ports.ts';
import { judgeDirectly } from './direct.ts';
import type { ClassId, EndClass } from './end-class.ts';
import { factsOf, isNode } from './end-facts.ts';
import { type EngineState, rowsOf, stateOf, stating, worldOf } from './engine-state.ts';
import { type Admitted, admittedPairs, eachAdmitted, intervalsOf } from './enumerate.ts';
import { exceptionFor } from './exceptions.ts';
import { lazy } from './lazy.ts';
import { portCode } from './port-axis.ts';
import { type ReachMatrix, reachMatrix } from './reach-matrix.ts';
import { doMeet } from './rows.ts';
import { withNamespace, withoutPod, withoutPolicy, withPod, withPolicy } from './updates.ts';

/** One destination port. */
export interface PortPoint {
  readonly protocol: PolicyProtocol;
  readonly port: number;
}

/**
 * Answers for all pairs at once what the literal evaluator answers for one. An engine is a value: a change makes
 * another one, which shares with the first whatever the change did not touch.
 */
export interface FastEngine {
  /** May this connection pass? The same answer as the literal evaluator's, for any ends. */
  readonly allowed: (from: Endpoint, to: Endpoint, point: PortPoint) => boolean;
  /** What holds between two ends whatever policies say; undefined when policies decide. */
  readonly exception: (from: Endpoint, to: Endpoint) => boolean | undefined;
  /** Ends in classes that no policy tells apart, by id; undefined where an id is not in use. */
  readonly classes: () => readonly (EndClass | undefined)[];
  /** The class of an end that is a pod of the world (the same object), an address, or an entity without an address. */
  readonly classOf: (end: Endpoint) => ClassId | undefined;
  /** All ports, cut where policies cut them: within one interval no answer changes. */
  readonly intervals: () => readonly PortInterval[];
  /** What policies say between two classes; a pod reaches itself and a node its pods whatever this says. */
  readonly admits: (from: ClassId, to: ClassId, point: PortPoint) => boolean;
  /** All ports that policies open between two classes, as whole runs; a side that is `free` has no policies. */
  readonly admittedPorts: (pair: ClassPair) => readonly PortInterval[];
  /** The classes of pods that a class may reach on some port: all that it does, and perhaps some that it does not. */
  readonly reachableFrom: (from: ClassId) => readonly ClassId[];
  /** Visits each admitted (class, class, interval), in order of interval, source and destination. */
  readonly forEachAllowed: (visit: (admitted: Admitted) => void) => void;
  /** All classes against all on these ports, or on the first port of every interval. */
  readonly matrix: (points?: readonly PortPoint[]) => FollowingMatrix;
  /** Ordered pairs of different living pods of which the first may connect to the second on this port. */
  readonly admittedPairs: (point: PortPoint) => number;
  /** With a policy in the place of those of its namespace and name. */
  readonly withPolicy: (policy: NetworkPolicy) => FastEngine;
  readonly withoutPolicy: (namespace: string, name: string) => FastEngine;
  /** With a pod in the place of those of its namespace and name. */
  readonly withPod: (pod: WorldPod) => FastEngine;
  readonly withoutPod: (namespace: string, name: string) => FastEngine;
  /** With these labels on a namespace, known before or not. */
  readonly withNamespace: (namespace: WorldNamespace) => FastEngine;
  /** The world as it stands after all changes. */
  readonly world: () => World;
}

/** A matrix that goes along with changes. */
export interface FollowingMatrix extends Omit<ReachMatrix, 'follow'> {
  /** Goes over to an engine made from this one by changes. Returns how many squares of 32 × 32 cells were done again. */
  readonly follow: (engine: FastEngine) => number;
}

const states = new WeakMap<FastEngine, EngineState>();

/** Reads a world under one reading of the specification. It never throws: malformed pieces let nothing through. */
export const createEngine = (world: World, profile: CniProfile): FastEngine =>
  engineOf(stateOf(world, profile));

/** The same in steps, between which a caller may take up other work. */
export function* creatingEngine(world: World, profile: CniProfile): Generator<undefined, FastEngine> {
  return engineOf(yield* stating(world, profile));
}

function engineOf(state: EngineState): FastEngine {
  const intervals = lazy(() => intervalsOf(state));
  const engine: FastEngine = {
    allowed: (from, to, point) => isAllowed(state, [from, to], point),
    exception: (from, to) => exceptionFor(from, to, state.profile),
    classes: () => state.partition.classes,
    classOf: (end) => classOf(state, end),
    intervals,
    admits: (from, to, point) => isAdmitted(state, [from, to], codeOf(point)),
    admittedPorts: (pair) => admittedPorts(state, pair),
    reachableFrom: (from) => reachableFrom(state, from),
    forEachAllowed: (visit) => eachAdmitted(state, intervals(), visit),
    matrix: (points = intervals().map(firstOf)) => matrixOf(state, points),
    admittedPairs: (point) => admittedPairs(state, codeOf(point)),
    withPolicy: (policy) => engineOf(withPolicy(state, policy)),
    withoutPolicy: (namespace, name) => engineOf(withoutPolicy(state, namespace, name)),
    withPod: (pod) => engineOf(withPod(state, pod)),
    withoutPod: (namespace, name) => engineOf(withoutPod(state, namespace, name)),
    withNamespace: (namespace) => engineOf(withNamespace(state, namespace)),
    world: () => worldOf(state),
  };
  states.set(engine, state);
  return engine;
}

const codeOf = ({ protocol, port }: PortPoint): number => portCode(protocol, port);

const firstOf = ({ protocol, from }: PortInterval): PortPoint => ({ protocol, port: from });

function matrixOf(state: EngineState, points: readonly PortPoint[]): FollowingMatrix {
  const matrix = reachMatrix(state, points.map(codeOf));
  const follow = (engine: FastEngine): number => {
    const next = states.get(engine);
    if (next === undefined) throw new Error('a matrix follows only engines that createEngine began');
    return matrix.follow(next);
  };
  return { ...matrix, follow };
}

function isAllowed(state: EngineState, [from, to]: readonly [Endpoint, Endpoint], point: PortPoint): boolean {
  const exception = exceptionFor(from, to, state.profile);
  if (exception !== undefined) return exception;
  const ids = [classOf(state, from), classOf(state, to)] as const;
  const [source, target] = ids;
  if (source !== undefined && target !== undefined) return isAdmitted(state, [source, target], codeOf(point));
  const court = {
    policiesIn: (namespace: string) => state.policies.get(namespace)?.map(({ policy }) => policy) ?? [],
    labelsOf: state.population.labelsOf,
  };
  const ends = { from: factsOf(from, state.profile), to: factsOf(to, state.profile) };
  return judgeDirectly(court, { ...ends, code: codeOf(point) });
}

const isAdmitted = (state: EngineState, [from, to]: readonly [ClassId, ClassId], code: number): boolean =>
  doMeet({ from, to, egress: rowsOf(state, 'egress', from), ingress: rowsOf(state, 'ingress', to) }, code);

function classOf({ partition }: EngineState, end: Endpoint): ClassId | undefined {
  if (end.kind === 'pod') {
    return end.ip === undefined ? partition.homes.get(end.pod.namespace)?.get(end.pod) : undefined;
  }
  if (end.kind === 'entity' && end.ip !== undefined) return undefined;
  const position = positionOf(end.ip);
  if (position !== undefined) return partition.atomClasses[atomAt(partition.cuts.atoms, position)];
  if (end.ip !== undefined || end.kind !== 'entity') return undefined;
  return isNode(end.entity) ? partition.nodeClass : partition.entityClass;
}
