import { eachBit, wordsFor } from '../fast/bits.ts';
import type { ClassId } from '../fast/end-class.ts';
import type { ReachGraph } from './reach-graph.ts';
import type { NodeParty, NodePlaces, Start } from './seats.ts';

/** What one more hop brings. */
export interface Hop {
  /** Classes with a pod that was reached in the hop before and in none earlier: those that connect now. */
  readonly from: readonly ClassId[];
  /** Seats reached for the first time. */
  readonly seats: readonly number[];
  /** Nodes, by index, all of whose pods are reached now, through a pod on the node's own network. */
  readonly nodes: readonly number[];
  /** Nodes whose pods on the node's own network are reached now, where a pod may always connect to its own node. */
  readonly hosts: readonly number[];
}

/** Hop by hop, as long as somebody new is reached. */
export type Spread = readonly Hop[];

/** Those that are not in the set yet; they are now. */
function fresh(items: Iterable<number>, known: Set<number>): readonly number[] {
  const found = [...new Set(items)].filter((item) => !known.has(item));
  for (const item of found) known.add(item);
  return found;
}

/** One walk through the graph, breadth first, a row of words at a time. */
class Walk {
  readonly hops: Hop[] = [];
  private readonly graph: ReachGraph;
  private readonly reached: Uint32Array;
  private readonly active = new Set<ClassId>();
  private readonly nodes = new Set<number>();
  private readonly hosted = new Set<number>();
  private from: readonly ClassId[];
  /** Where pods were held in the hop before. */
  private places: NodePlaces;

  constructor(graph: ReachGraph, { classes, places }: Pick<Start, 'classes' | 'places'>) {
    this.graph = graph;
    this.reached = new Uint32Array(wordsFor(graph.seating.seats.length));
    this.from = fresh(classes, this.active);
    this.places = places;
  }

  /** False when nobody new was reached. */
  step(): boolean {
    const { seating } = this.graph;
    const listens = (party: NodeParty | undefined): boolean => party !== undefined && party.pods.length > 0;
    const nodes = fresh(this.places.hosts, this.nodes).filter((id) => listens(seating.nodes[id]?.everybody));
    const guests = fresh(this.places.guests, this.hosted).filter((id) => listens(seating.nodes[id]?.hosts));
    const hosts = guests.filter((node) => !this.nodes.has(node));
    const seats = this.newSeats();
    if (seats.length + nodes.length + hosts.length === 0) return false;
    this.hops.push({ from: this.from, seats, nodes, hosts });
    const sat = seats.map((id) => seating.seats[id]).filter((seat) => seat !== undefined);
    const parties = [
      ...nodes.map((node) => seating.nodes[node]?.everybody),
      ...hosts.map((node) => seating.nodes[node]?.hosts),
    ];
    const classes = parties.flatMap((party) => party?.classes ?? []);
    this.from = fresh([...sat.map(({ classId }) => classId), ...classes], this.active);
    this.places = {
      hosts: [...sat.flatMap((seat) => seat.places.hosts), ...hosts],
      guests: sat.flatMap((seat) => seat.places.guests),
    };
    return true;
  }

  private newSeats(): readonly number[] {
    const next = new Uint32Array(this.reached.length);
    for (const id of this.from) {
      const row = this.graph.rows[id];
      if (row === undefined) continue;
      for (let word = 0; word < next.length; word += 1) next[word] = (next[word] ?? 0) | (row[word] ?? 0);
    }
    for (let word = 0; word < next.length; word += 1) {
      next[word] = (next[word] ?? 0) & ~(this.reached[word] ?? 0);
      this.reached[word] = (this.reached[word] ?? 0) | (next[word] ?? 0);
    }
    const found: number[] = [];
    eachBit(next, (id) => found.push(id));
    return found;
  }
}

/**
 * What is reached from where a walk starts, hop by hop. A pod counts as held once it was reached on any port; whoever
 * holds one of a workload's pods may hold any of them, so that the walk starts from all of them at once.
 */
export function spreadFrom(
  graph: ReachGraph,
  start: Pick<Start, 'classes' | 'places'>,
  most = Number.POSITIVE_INFINITY,
): Spread {
  const walk = new Walk(graph, start);
  while (walk.hops.length < most && walk.step());
  return walk.hops;
}

/** Everybody whom one hop brings: lists of workloads, one may be in several. */
export function workloadsIn({ seating }: ReachGraph, hop: Hop): readonly (readonly number[])[] {
  return [
    ...hop.seats.map((id) => seating.seats[id]?.workloads ?? []),
    ...hop.nodes.map((id) => seating.nodes[id]?.everybody.workloads ?? []),
    ...hop.hosts.map((id) => seating.nodes[id]?.hosts.workloads ?? []),
  ];
}

/** Workloads reached for the first time, hop by hop; never the one that the walk started from. */
export function workloadsByHop(
  graph: ReachGraph,
  spread: Spread,
  start: number,
): readonly (readonly number[])[] {
  const known = new Set([start]);
  return spread.map((hop) => {
    const found = fresh(workloadsIn(graph, hop).flat(), known);
    return found.toSorted((a, b) => a - b);
  });
}
