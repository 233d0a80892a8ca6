import { type PeerKey, peerKey, type WorkloadId } from '#core/identity/peer.ts';
import { blockPlace, type Side } from '../generate/compress/side.ts';
import { foolingSetSize } from './fooling-set.ts';

/** The least number of rules that one direction of one policy can do with. */
export interface RuleBound {
  readonly workload: WorkloadId;
  readonly direction: 'ingress' | 'egress';
  readonly atLeast: number;
}

/** Who must be let through on what: the ends and ports of the edges themselves. */
function neededBy({ rows }: Side): ReadonlyMap<PeerKey, ReadonlySet<string>> {
  const needed = new Map<PeerKey, Set<string>>();
  for (const { others, peer, asks } of rows) {
    const block = peer.ipBlock?.cidr;
    const places = block === undefined ? others.map(peerKey) : [blockPlace(block)];
    for (const place of places) {
      const ports = needed.get(place) ?? new Set<string>();
      for (const port of asks.keys()) ports.add(port);
      needed.set(place, ports);
    }
  }
  return needed;
}

/**
 * Bounds the rules of one direction of one subject from below. A rule admits each of its peers on each of its ports, a
 * rectangle in the table of peers and ports; so the rules are a cover of what must pass by rectangles that stay within
 * what the policy admits. It bounds one policy for one workload with ports by number: several workloads under one
 * selector could share a policy, and named ports could say more with one rule.
 */
export const ruleBoundOf = (seen: Side, admitted: Side['admitted']): RuleBound => ({
  workload: seen.subject,
  direction: seen.direction,
  atLeast: foolingSetSize(admitted, neededBy(seen)),
});
