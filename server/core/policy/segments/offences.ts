import { type PortSet, withoutPorts } from '../connections/port-set.ts';
import type { Claim } from './claim.ts';
import type { SpotCourt } from './spot-court.ts';
import type { Ground, SpotId } from './spots.ts';

/** Ends between which an assertion does not hold, all of them on the same ports. */
export interface Offence {
  /** Each offends; all senders are shown as one end, and all targets. */
  readonly pairs: readonly (readonly [from: SpotId, to: SpotId])[];
  /** Allowed although they must not be, or denied although they must be possible. */
  readonly ports: PortSet;
}

/** The offences of one assertion, the first of them kept. */
export interface Offences {
  /** Pairs of ends the assertion is about: workloads, entities, and the outside as one. */
  readonly pairs: number;
  readonly count: number;
  readonly kept: readonly Offence[];
}

/** Offences kept of one assertion; the others are counted. */
export const MOST_PATHS = 100;

/** Spots that are shown as one end: all of a workload, everything outside, each entity by itself. */
export function partiesOf(ids: ReadonlySet<SpotId>, { spots }: Ground): readonly (readonly SpotId[])[] {
  const parties = new Map<string, SpotId[]>();
  for (const id of [...ids].sort((a, b) => a - b)) {
    const spot = spots[id];
    if (spot === undefined || spot.kind === 'foreign') continue;
    const key = spot.kind === 'pods' ? `${spot.workload}` : spot.kind === 'outside' ? spot.kind : spot.entity;
    const party = parties.get(key);
    if (party === undefined) parties.set(key, [id]);
    else party.push(id);
  }
  return [...parties.values()];
}

/** What offends between two spots; empty when nothing does. */
export function offendingPorts(
  claim: Claim,
  court: SpotCourt,
  [from, to]: readonly [SpotId, SpotId],
): PortSet {
  const asserted = claim.portsBetween(from, to);
  const allowed = court.allowed(from, to, asserted);
  return claim.assertion.verb === 'may' ? withoutPorts(asserted, allowed) : allowed;
}

/** Every offence between two parties, by what it offends on; and how many pairs were looked at. */
function between(
  claim: Claim,
  court: SpotCourt,
  [senders, targets]: readonly [readonly SpotId[], readonly SpotId[]],
): { readonly pairs: number; readonly offences: readonly Offence[] } {
  const found = new Map<string, { readonly pairs: [SpotId, SpotId][]; readonly ports: PortSet }>();
  let pairs = 0;
  for (const from of senders) {
    for (const to of targets) {
      if (!claim.isPair(from, to)) continue;
      pairs += 1;
      const ports = offendingPorts(claim, court, [from, to]);
      if (ports.length === 0) continue;
      const key = JSON.stringify(ports);
      const known = found.get(key) ?? { pairs: [], ports };
      found.set(key, known);
      known.pairs.push([from, to]);
    }
  }
  return { pairs: Math.min(pairs, 1), offences: [...found.values()] };
}

/**
 * Looks at every pair of ends an assertion is about. Work grows with senders times targets times the port intervals
 * that policies cut; memory with none of them.
 */
export function directOffences(claim: Claim, court: SpotCourt, ground: Ground): Offences {
  const targets = partiesOf(claim.targets, ground);
  const kept: Offence[] = [];
  let [pairs, count] = [0, 0];
  for (const from of partiesOf(claim.senders, ground)) {
    for (const to of targets) {
      const found = between(claim, court, [from, to]);
      pairs += found.pairs;
      count += found.offences.length;
      for (const offence of found.offences) if (kept.length < MOST_PATHS) kept.push(offence);
    }
  }
  return { pairs, count, kept };
}
