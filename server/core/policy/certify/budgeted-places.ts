import { type PeerKey, peerKey, type WorkloadId } from '#core/identity/peer.ts';
import type { AdmittedPorts } from './judge-cells.ts';
import { isPlaceInside } from './place-inside.ts';

/** A place that a budget of extras opened, on one side of one subject. */
export interface BudgetedPlace {
  readonly subject: WorkloadId;
  readonly direction: 'ingress' | 'egress';
  readonly place: PeerKey;
  /** `TCP 00080`: protocol and five digits. */
  readonly ports: ReadonlySet<string>;
  /** One sentence. */
  readonly why: string;
}

type Bought = Omit<BudgetedPlace, 'subject' | 'direction'>;

const keyOf = (direction: string, subject: PeerKey): string => `${direction} ${subject}`;

/** True when each port of the interval was bought; an interval wider than what was bought can not be. */
function holdsAll(bought: ReadonlySet<string>, { protocol, from, to }: AdmittedPorts['ports']): boolean {
  if (to - from >= bought.size) return false;
  for (let port = from; port <= to; port += 1) {
    if (!bought.has(`${protocol} ${String(port).padStart(5, '0')}`)) return false;
  }
  return true;
}

/** Tells of admitted ports which step of a budget opened them, if any did, on either side. */
export function budgetNotes(places: readonly BudgetedPlace[]): (at: AdmittedPorts) => string | undefined {
  const bySide = new Map<string, Bought[]>();
  for (const { subject, direction, ...bought } of places) {
    const key = keyOf(direction, peerKey({ kind: 'workload', id: subject }));
    bySide.set(key, [...(bySide.get(key) ?? []), bought]);
  }
  const noteOf = (side: string, other: PeerKey, ports: AdmittedPorts['ports']): string | undefined =>
    bySide.get(side)?.find((each) => isPlaceInside(other, each.place) && holdsAll(each.ports, ports))?.why;
  return ({ from, to, ports }) =>
    noteOf(keyOf('egress', from), to, ports) ?? noteOf(keyOf('ingress', to), from, ports);
}
