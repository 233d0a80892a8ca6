import type { NetworkPolicy } from '../network-policy.ts';
import type { NamedPort, PolicyProtocol } from '../world.ts';
import { portCuts } from './policy-facts.ts';
import { FIRST_PORT, LAST_PORT, POLICY_PROTOCOLS } from './port-intervals.ts';

/** Sorted, each once, none that cuts nothing off. */
export type Cuts = readonly number[];

/** Where the word of one side of a pair may change. */
export interface SideCuts {
  /** The same number for the same cuts. */
  readonly id: number;
  readonly of: Readonly<Record<PolicyProtocol, Cuts>>;
}

const NONE: Cuts = [];

export function tidyCuts(cuts: Iterable<number>): Cuts {
  const inside = [...new Set(cuts)].filter(
    (cut) => Number.isInteger(cut) && cut > FIRST_PORT && cut <= LAST_PORT,
  );
  return inside.sort((a, b) => a - b);
}

/** Numbers in any of the sorted lists, each once. */
export function mergedCuts(...lists: readonly Cuts[]): Cuts {
  const filled = lists.filter((list) => list.length > 0);
  if (filled.length < 2) return filled[0] ?? NONE;
  return [...new Set(filled.flat())].sort((a, b) => a - b);
}

/** How many numbers two sorted lists have together. */
function countBoth(a: Cuts, b: Cuts): number {
  let shared = 0;
  for (let left = 0, right = 0; left < a.length && right < b.length; ) {
    const [at, other] = [a[left] ?? 0, b[right] ?? 0];
    if (at === other) shared += 1;
    if (at <= other) left += 1;
    if (other <= at) right += 1;
  }
  return a.length + b.length - shared;
}

/** Cells of a pair in which no single port stands apart. */
export const cellsBetween = (a: SideCuts, b: SideCuts): number =>
  POLICY_PROTOCOLS.reduce((sum, protocol) => sum + 1 + countBoth(a.of[protocol], b.of[protocol]), 0);

/** Cells of a pair in which some ports do. */
export const cellsWith = (a: SideCuts, b: SideCuts, seen: SideCuts['of']): number =>
  POLICY_PROTOCOLS.reduce(
    (sum, protocol) => sum + 1 + mergedCuts(a.of[protocol], b.of[protocol], seen[protocol]).length,
    0,
  );

export const NO_CUTS: SideCuts = { id: 0, of: { SCTP: NONE, TCP: NONE, UDP: NONE } };

/** Reads cuts off policies, once for each policy, and knows sides with equal cuts as such. */
export class CutBook {
  private readonly byPolicy = new Map<NetworkPolicy, Map<string, Cuts>>();
  private readonly known = new Map<string, SideCuts>([[JSON.stringify(NO_CUTS.of), NO_CUTS]]);

  sideOf(
    policies: readonly NetworkPolicy[],
    direction: 'ingress' | 'egress',
    namedPorts: readonly NamedPort[] = [],
  ): SideCuts {
    const named = namedPorts.flatMap(({ port }) => [port, port + 1]);
    const cuts = (protocol: PolicyProtocol): Cuts =>
      tidyCuts([...policies.flatMap((policy) => this.cutsOf(policy, direction, protocol)), ...named]);
    const of = { SCTP: cuts('SCTP'), TCP: cuts('TCP'), UDP: cuts('UDP') };
    const key = JSON.stringify(of);
    const known = this.known.get(key) ?? { id: this.known.size, of };
    this.known.set(key, known);
    return known;
  }

  private cutsOf(policy: NetworkPolicy, side: 'ingress' | 'egress', protocol: PolicyProtocol): Cuts {
    const own = this.byPolicy.get(policy) ?? new Map<string, Cuts>();
    this.byPolicy.set(policy, own);
    const key = `${side} ${protocol}`;
    const cuts = own.get(key) ?? tidyCuts(portCuts(policy, side, protocol));
    own.set(key, cuts);
    return cuts;
  }
}
