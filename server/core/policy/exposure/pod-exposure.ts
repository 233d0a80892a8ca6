import { joinedSpans } from '../blast/outside.ts';
import { addressClasses, podClassIds, pointOf } from '../blast/reach-graph.ts';
import type { PortInterval } from '../certificate.ts';
import type { ClusterModel } from '../cluster/cluster-model.ts';
import { worldOf } from '../cluster/model-world.ts';
import { type PortSet, portSetOf, sharedPorts, withoutPorts } from '../connections/port-set.ts';
import { describeSpan } from '../fast/address-atoms.ts';
import { addressAt } from '../fast/address-axis.ts';
import type { ClassId } from '../fast/end-class.ts';
import { createEngine, type FastEngine } from '../fast/fast-engine.ts';
import { evaluate } from '../literal/evaluate.ts';
import type { PolicyDirection } from '../literal/verdict.ts';
import type { NetworkPolicy } from '../network-policy.ts';
import type { CniProfile, Endpoint, World, WorldNamespace, WorldPod } from '../world.ts';
import { worldWith } from './newcomers.ts';
import { joinedReasons, type Reason, reasonFinder } from './rules-between.ts';

/** A pod somebody thinks of making. */
export interface PodQuestion {
  readonly model: ClusterModel;
  readonly profile: CniProfile;
  /** Its name must be nobody's. */
  readonly pod: WorldPod;
  /** Labels of its namespace, where that is new. */
  readonly namespace: WorldNamespace | undefined;
  /** Where it will listen; undefined: anywhere. */
  readonly listens: PortSet | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Workloads, or addresses outside. */
export type MetEnd =
  | { readonly kind: 'workload'; readonly workload: number }
  | { readonly kind: 'outside'; readonly ranges: readonly string[]; readonly isAnywhere: boolean };

/** Whom the pod reaches or is reached by, and on what. */
export interface Met {
  readonly end: MetEnd;
  /** Of some pod of a workload. */
  readonly ports: PortSet;
  /** What holds only for some of the workload's pods; empty as a rule. */
  readonly onlySomePods: PortSet;
  /** On the side of the new pod, and on that of the other end. */
  readonly own: Reason;
  readonly other: Reason;
}

export interface PodExposure {
  readonly direction: PolicyDirection;
  /** Policies that govern the pod in this direction; none: it is open. */
  readonly selecting: readonly NetworkPolicy[];
  readonly met: readonly Met[];
}

/** What is open between the pod and one class, in one direction. */
interface Ask {
  readonly engine: FastEngine;
  readonly own: ClassId;
  readonly direction: PolicyDirection;
  readonly listens: PortSet | undefined;
}

function openBetween({ engine, own, direction, listens }: Ask, other: ClassId): readonly PortInterval[] {
  const [from, to] = direction === 'ingress' ? [other, own] : [own, other];
  const open = engine.intervals().filter((interval) => engine.admits(from, to, pointOf(interval)));
  if (listens === undefined || direction === 'egress') return open;
  return open.flatMap((interval) => sharedPorts([interval], listens));
}

/** Policies that govern an end, as the literal evaluator has it. */
function selectingOf(
  world: World,
  question: PodQuestion,
  direction: PolicyDirection,
): readonly NetworkPolicy[] {
  const pod: Endpoint = { kind: 'pod', pod: question.pod };
  const other: Endpoint = { kind: 'entity', entity: 'world' };
  const ends = direction === 'ingress' ? { from: other, to: pod } : { from: pod, to: other };
  const verdict = evaluate(world, { ...ends, protocol: 'TCP', port: 1 }, question.profile);
  return verdict[direction].selecting
    .map((index) => world.policies[index])
    .filter((policy) => policy !== undefined);
}

interface Piece {
  readonly intervals: readonly PortInterval[];
  readonly endpoint: Endpoint;
}

class Interview {
  private readonly question: PodQuestion;
  private readonly ask: Ask;
  private readonly find: ReturnType<typeof reasonFinder>;

  constructor(world: World, question: PodQuestion, ask: Ask) {
    this.question = question;
    this.ask = ask;
    this.find = reasonFinder(world, question.profile);
  }

  private reasons(pieces: readonly Piece[]): Pick<Met, 'own' | 'other'> {
    const { direction } = this.ask;
    return {
      own: this.side(pieces, direction),
      other: this.side(pieces, direction === 'ingress' ? 'egress' : 'ingress'),
    };
  }

  private side(pieces: readonly Piece[], side: PolicyDirection): Reason {
    const pod: Endpoint = { kind: 'pod', pod: this.question.pod };
    const reasons = pieces.map(({ endpoint, intervals }) => {
      const ends =
        this.ask.direction === 'ingress' ? { from: endpoint, to: pod } : { from: pod, to: endpoint };
      return this.find({ ...ends, direction: side, intervals });
    });
    return joinedReasons(reasons);
  }

  /** Everybody who is there, workload by workload. */
  workloads(): readonly Met[] {
    const { engine } = this.ask;
    const { model, onProgress } = this.question;
    const open = new Map<ClassId, readonly PortInterval[]>();
    for (const [done, id] of podClassIds(engine).entries()) {
      onProgress?.(done, engine.classes().length);
      open.set(id, openBetween(this.ask, id));
    }
    const pieces = new Map<number, Map<ClassId, Piece>>();
    for (const { pod, workload } of model.pods) {
      const id = engine.classOf({ kind: 'pod', pod });
      if (id === undefined) continue;
      const own = pieces.get(workload) ?? new Map<ClassId, Piece>();
      pieces.set(workload, own);
      own.set(id, { intervals: open.get(id) ?? [], endpoint: { kind: 'pod', pod } });
    }
    return [...pieces].flatMap(([workload, own]) =>
      this.met({ kind: 'workload', workload }, [...own.values()]),
    );
  }

  private met(end: MetEnd, pieces: readonly Piece[]): readonly Met[] {
    const ports = portSetOf(pieces.flatMap(({ intervals }) => intervals));
    if (ports.length === 0) return [];
    const every = pieces.map(({ intervals }) => portSetOf(intervals)).reduce(sharedPorts);
    const onlySomePods = end.kind === 'outside' ? [] : withoutPorts(ports, every);
    const reachable = pieces.filter(({ intervals }) => intervals.length > 0);
    return [{ end, ports, onlySomePods, ...this.reasons(reachable) }];
  }

  /** Addresses outside, those together that meet the same. */
  outside(): readonly Met[] {
    const { engine } = this.ask;
    const ids = addressClasses(engine);
    const groups = new Map<
      string,
      { readonly ids: ClassId[]; readonly intervals: readonly PortInterval[] }
    >();
    for (const id of ids) {
      const intervals = openBetween(this.ask, id);
      if (intervals.length === 0) continue;
      const key = JSON.stringify(intervals);
      const group = groups.get(key) ?? { ids: [], intervals };
      groups.set(key, group);
      group.ids.push(id);
    }
    return [...groups.values()].flatMap((group) => {
      const spans = group.ids.flatMap((id) => engine.classes()[id]?.spans ?? []);
      const isAnywhere = group.ids.length === ids.length;
      const pieces = group.ids.map((id): Piece => {
        const first = engine.classes()[id]?.spans[0]?.first ?? 0n;
        return { intervals: group.intervals, endpoint: { kind: 'address', ip: addressAt(first) } };
      });
      return this.met({ kind: 'outside', ranges: joinedSpans(spans).map(describeSpan), isAnywhere }, pieces);
    });
  }
}

/** What the pod could be reached by, then what it could reach, workload by workload and outside. */
export function podExposureOf(question: PodQuestion): readonly PodExposure[] {
  const { model, profile, pod, namespace, listens } = question;
  const world = worldWith(worldOf(model), [{ pod, namespace }]);
  const engine = createEngine(world, profile);
  const own = engine.classOf({ kind: 'pod', pod });
  if (own === undefined) return [];
  return (['ingress', 'egress'] as const).map((direction): PodExposure => {
    const interview = new Interview(world, question, { engine, own, direction, listens });
    const met = [...interview.outside(), ...interview.workloads()];
    return { direction, selecting: selectingOf(world, question, direction), met };
  });
}
