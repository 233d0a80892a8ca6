import type { PortInterval } from '../certificate.ts';
import { type PortSet, portSetOf } from '../connections/port-set.ts';
import { type Bits, hasBit, wordsFor } from '../fast/bits.ts';
import type { ClassId } from '../fast/end-class.ts';
import type { PortPoint } from '../fast/fast-engine.ts';
import { addressClasses, pointOf, pointsWithin, type ReachGraph } from './reach-graph.ts';
import type { NodeParty } from './seats.ts';
import type { Spread } from './spread.ts';

/** Ports of one workload that can be reached, and after how many hops the first time. */
export interface Door {
  readonly workload: number;
  readonly hop: number;
  /** One port where listeners are known, else an interval that policies treat alike. */
  readonly ports: PortInterval;
}

/** Addresses outside that can be reached after so many hops, and on which ports. */
export interface OutsideDoor {
  readonly classId: ClassId;
  readonly hop: number;
  readonly ports: PortInterval;
}

/** All that a spread reaches, port by port. */
export interface Doors {
  readonly inside: readonly Door[];
  readonly outside: readonly OutsideDoor[];
  /** What can be opened to nodes and the API server, by hop; their addresses are not known. */
  readonly entities: readonly { readonly hop: number; readonly ports: PortInterval }[];
}

const single = ({ protocol, port }: PortPoint): PortInterval => ({ protocol, from: port, to: port });

/** Which classes are reached by any who connect up to a hop, on one interval of ports. */
class Union {
  readonly bits: Bits;

  constructor(classes: number) {
    this.bits = new Uint32Array(wordsFor(classes));
  }

  add(row: Bits): void {
    const { bits } = this;
    for (let word = 0; word < Math.min(bits.length, row.length); word += 1) {
      bits[word] = (bits[word] ?? 0) | (row[word] ?? 0);
    }
  }
}

interface Round {
  readonly graph: ReachGraph;
  readonly interval: PortInterval;
  readonly hop: number;
  readonly reached: Bits;
}

/** Doors found in one interval, each at its first hop. */
class Finder {
  readonly inside: Door[] = [];
  readonly outside: OutsideDoor[] = [];
  readonly entities: { hop: number; ports: PortInterval }[] = [];
  private readonly start: number;
  private readonly places: readonly ClassId[];
  private known = new Set<string>();

  constructor(graph: ReachGraph, start: number) {
    this.start = start;
    this.places = addressClasses(graph.engine);
  }

  begin(): void {
    this.known = new Set();
  }

  private isNew(key: string): boolean {
    if (this.known.has(key)) return false;
    this.known.add(key);
    return true;
  }

  open(workload: number, points: readonly PortPoint[] | undefined, { interval, hop }: Round): void {
    if (workload === this.start) return;
    for (const ports of pointsWithin(points, interval)?.map(single) ?? [interval]) {
      if (this.isNew(`${workload} ${ports.from}`)) this.inside.push({ workload, hop, ports });
    }
  }

  look(round: Round): void {
    const { graph, interval, hop, reached } = round;
    for (const { classId, points, workloads } of graph.seating.seats) {
      if (!hasBit(reached, classId)) continue;
      for (const workload of workloads) this.open(workload, points, round);
    }
    for (const classId of this.places) {
      if (hasBit(reached, classId) && this.isNew(`out ${classId}`))
        this.outside.push({ classId, hop, ports: interval });
    }
    const entity = graph.engine.classOf({ kind: 'entity', entity: 'host' });
    if (entity !== undefined && hasBit(reached, entity) && this.isNew('entity'))
      this.entities.push({ hop, ports: interval });
  }

  /** Pods that are reached since they share a node are reached wherever they listen. */
  enter(party: NodeParty | undefined, round: Round): void {
    const { listeners } = round.graph.request;
    for (const workload of party?.workloads ?? [])
      this.open(workload, listeners && (listeners.points[workload] ?? []), round);
  }
}

/** Every port of every workload that a spread reaches, and what it reaches outside. Nobody's own workload counts. */
export function doorsOf(graph: ReachGraph, spread: Spread, start: number): Doors {
  const finder = new Finder(graph, start);
  for (const interval of graph.engine.intervals()) {
    const matrix = graph.engine.matrix([pointOf(interval)]);
    const union = new Union(graph.engine.classes().length);
    finder.begin();
    for (const [index, { from, nodes, hosts }] of spread.entries()) {
      for (const id of from) union.add(matrix.row(0, id));
      const round = { graph, interval, hop: index + 1, reached: union.bits };
      finder.look(round);
      for (const id of nodes) finder.enter(graph.seating.nodes[id]?.everybody, round);
      for (const id of hosts) finder.enter(graph.seating.nodes[id]?.hosts, round);
    }
  }
  const { inside, outside, entities } = finder;
  return { inside, outside, entities };
}

/** Workload-port pairs among doors up to a hop: every single port counts. */
export const pairsAt = (doors: readonly Door[], hop: number): number =>
  doors.reduce((sum, door) => sum + (door.hop <= hop ? door.ports.to - door.ports.from + 1 : 0), 0);

/** The ports of each workload that are reached within so many hops. */
export function portsByWorkload(doors: readonly Door[], hop: number): ReadonlyMap<number, PortSet> {
  const ports = new Map<number, PortInterval[]>();
  for (const door of doors.filter((each) => each.hop <= hop)) {
    const own = ports.get(door.workload);
    if (own === undefined) ports.set(door.workload, [door.ports]);
    else own.push(door.ports);
  }
  return new Map([...ports].map(([workload, intervals]) => [workload, portSetOf(intervals)]));
}
