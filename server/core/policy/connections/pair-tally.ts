import { lazy } from '../fast/lazy.ts';
import type { PodClass } from './pod-class.ts';
import { joinPorts, type PortSet, sharedPorts, withoutPorts } from './port-set.ts';

/** What some of the pairs met so far may do, and what each of them may. */
export interface Tally {
  readonly any: PortSet;
  readonly every: PortSet;
}

export const tallied = (known: Tally | undefined, ports: PortSet): Tally =>
  known === undefined
    ? { any: ports, every: ports }
    : { any: joinPorts(known.any, ports), every: sharedPorts(known.every, ports) };

/** The ports of a tally, and those of them that not every pair has. */
export const portsOf = ({ any, every }: Tally): { ports: PortSet; onlySomePods: PortSet } => ({
  ports: any,
  onlySomePods: any === every ? NO_PORTS : withoutPorts(any, every),
});

const NO_PORTS: PortSet = [];

interface Counted extends Tally {
  /** Pairs of classes of the two that were open; those that were not leave no trace. */
  readonly met: number;
}

/** Adds up what classes of pods may do into what their workloads may. Grows with what is open, not with all pairs. */
export class PairTally {
  private readonly bySource = new Map<number, Map<number, Counted>>();
  private readonly counts: () => ReturnType<PairTally['countClasses']>;
  private readonly classes: readonly PodClass[];

  constructor(classes: readonly PodClass[]) {
    this.classes = classes;
    this.counts = lazy(() => this.countClasses());
  }

  /** Notes ports that are open, not none, between the pods of two classes. */
  note(from: PodClass, to: PodClass, ports: PortSet): void {
    for (const [source, count] of from.counts) {
      for (const target of to.counts.keys()) {
        const isAlone = from === to && source === target && count < 2;
        if (!isAlone) this.add(source, target, ports);
      }
    }
  }

  private add(from: number, to: number, ports: PortSet): void {
    const row = this.bySource.get(from) ?? new Map<number, Counted>();
    this.bySource.set(from, row);
    const known = row.get(to);
    row.set(to, { ...tallied(known, ports), met: (known?.met ?? 0) + 1 });
  }

  /** What a workload may open to others, by their index; only those to which something is open. */
  rowOf(from: number): ReadonlyMap<number, Tally> {
    const { perWorkload, alone } = this.counts();
    const own = perWorkload.get(from) ?? 0;
    const row = new Map<number, Tally>();
    for (const [to, { any, every, met }] of this.bySource.get(from) ?? []) {
      const pairs = own * (perWorkload.get(to) ?? 0) - (from === to ? (alone.get(from) ?? 0) : 0);
      row.set(to, { any, every: met < pairs ? NO_PORTS : every });
    }
    return row;
  }

  /** Classes of each workload, and those in which it has a single pod, which has no twin to talk to. */
  private countClasses() {
    const perWorkload = new Map<number, number>();
    const alone = new Map<number, number>();
    for (const { counts } of this.classes) {
      for (const [workload, count] of counts) {
        perWorkload.set(workload, (perWorkload.get(workload) ?? 0) + 1);
        if (count < 2) alone.set(workload, (alone.get(workload) ?? 0) + 1);
      }
    }
    return { perWorkload, alone };
  }
}
