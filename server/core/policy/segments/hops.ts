import type { PortSet } from '../connections/port-set.ts';
import type { Claim } from './claim.ts';
import { MOST_PATHS, type Offence, offendingPorts, partiesOf } from './offences.ts';
import type { SpotCourt } from './spot-court.ts';
import type { Ground, SpotId } from './spots.ts';

/** Connections one after the other, the first from a sender, the last to a target. */
export type Chain = readonly Offence[];

/** The chains of one assertion, the first of them kept. */
export interface Chains {
  readonly count: number;
  readonly kept: readonly Chain[];
}

/** Where a spot goes on towards a target: the next spot, and on what. */
interface Onward {
  readonly to: SpotId;
  readonly ports: PortSet;
  /** Connections from here to the target. */
  readonly hops: number;
}

/** One search, backwards from the targets, level by level. */
class Search {
  readonly onward = new Map<SpotId, Onward>();
  private readonly ground: Ground;
  private readonly claim: Claim;
  private readonly court: SpotCourt;
  private left: readonly SpotId[];

  constructor(claim: Claim, court: SpotCourt, ground: Ground) {
    this.ground = ground;
    this.claim = claim;
    this.court = court;
    const between = ground.spots.flatMap((spot, id) =>
      spot.kind === 'pods' && !claim.targets.has(id) && !claim.senders.has(id) ? [id] : [],
    );
    this.left = [
      ...between,
      ...[...claim.senders].filter((id) => !claim.targets.has(id)).sort((a, b) => a - b),
    ];
  }

  /** Whoever reaches a target at once. */
  begin(): readonly SpotId[] {
    const targets = [...this.claim.targets].sort((a, b) => a - b);
    return this.level(targets, (from, to) => offendingPorts(this.claim, this.court, [from, to]), 1);
  }

  /** Whoever reaches one of those before. Only pods that are neither side's lie in between. */
  step(before: readonly SpotId[], hops: number): readonly SpotId[] {
    const through = before.filter((id) => !this.claim.senders.has(id));
    return this.level(
      through,
      (from, to) => this.court.allowed(from, to, this.claim.portsOnTheWay(from, to)),
      hops,
    );
  }

  /** Every pair of spots of the same two ends that connects just so. */
  likes(from: SpotId, { to, ports, hops }: Onward): Offence['pairs'] {
    const isLast = hops === 1;
    return this.siblingsOf(from).flatMap((source) =>
      this.siblingsOf(to).flatMap((target) => {
        if (!this.claim.isPair(source, target)) return [];
        const own = isLast
          ? offendingPorts(this.claim, this.court, [source, target])
          : this.court.allowed(source, target, this.claim.portsOnTheWay(source, target));
        // Equal sets are one object, unless exceptions cut them.
        return own === ports ? [[source, target] as const] : [];
      }),
    );
  }

  /** Spots on the same side that are shown as one end with this one. */
  private siblingsOf(id: SpotId): readonly SpotId[] {
    const { senders, targets } = this.claim;
    const side = senders.has(id) ? senders : targets.has(id) ? targets : new Set(this.ground.spots.keys());
    const isOther = (other: SpotId): boolean => senders.has(id) || targets.has(id) || !targets.has(other);
    return (
      partiesOf(side, this.ground)
        .find((party) => party.includes(id))
        ?.filter(isOther) ?? [id]
    );
  }

  private level(
    towards: readonly SpotId[],
    portsOf: (from: SpotId, to: SpotId) => PortSet,
    hops: number,
  ): readonly SpotId[] {
    const reached: SpotId[] = [];
    const left: SpotId[] = [];
    for (const from of this.left) {
      const next = this.firstOf(from, towards, portsOf);
      if (next === undefined) left.push(from);
      else {
        this.onward.set(from, { ...next, hops });
        reached.push(from);
      }
    }
    this.left = left;
    return reached;
  }

  private firstOf(
    from: SpotId,
    towards: readonly SpotId[],
    portsOf: (from: SpotId, to: SpotId) => PortSet,
  ): Omit<Onward, 'hops'> | undefined {
    for (const to of towards) {
      const ports = this.claim.isPair(from, to) ? portsOf(from, to) : [];
      if (ports.length > 0) return { to, ports };
    }
    return undefined;
  }
}

function chainFrom(start: SpotId, search: Search): Chain {
  const { onward } = search;
  const chain: Offence[] = [];
  for (let at = start, next = onward.get(at); next !== undefined; next = onward.get(at)) {
    chain.push({ pairs: search.likes(at, next), ports: next.ports });
    at = next.to;
  }
  return chain;
}

/**
 * The shortest chain of allowed connections from each sending workload to any target, of two connections and more: a breadth-first
 * search from the targets (Moore 1959), which gives every sender its shortest chain at once. What lies between is pods
 * of neither side. Work grows with the square of the spots times port intervals, memory with the spots.
 */
export function chainsOf(claim: Claim, court: SpotCourt, ground: Ground): Chains {
  const search = new Search(claim, court, ground);
  const most = claim.assertion.hops === 'any' ? ground.spots.length : claim.assertion.hops;
  let reached = search.begin();
  for (let hops = 2; hops <= most && reached.length > 0; hops += 1) reached = search.step(reached, hops);
  const hopsOf = (id: SpotId): number => search.onward.get(id)?.hops ?? 0;
  const longer = new Set([...claim.senders].filter((id) => hopsOf(id) > 1));
  // One chain for each workload: the shortest of its pods.
  const starts = partiesOf(longer, ground)
    .flatMap((party) => party.toSorted((a, b) => hopsOf(a) - hopsOf(b)).slice(0, 1))
    .sort((a, b) => hopsOf(a) - hopsOf(b) || a - b);
  return { count: starts.length, kept: starts.slice(0, MOST_PATHS).map((start) => chainFrom(start, search)) };
}
