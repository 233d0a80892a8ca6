import type { Baseline } from '#core/baseline/baseline.ts';
import { PublicListeners } from '#core/baseline/public-listener.ts';
import { describePort, type Edge, type EdgeKey } from '#core/graph/edge.ts';
import { describePeer, type PeerKey, peerKey, type WorkloadId } from '#core/identity/peer.ts';
import type { NotAdmittedReason } from '../certificate.ts';
import type { Draft } from '../generate/draft.ts';
import type { Refusal } from '../generate/evidence.ts';
import type { LossKind, StandingKind } from './hold-out.ts';

/** Reasons that no further learning takes away. */
const INEXPRESSIBLE: ReadonlySet<NotAdmittedReason> = new Set([
  'entity-not-expressible',
  'protocol-not-expressible',
  'folded',
  'peer-not-selectable',
]);

/** What was known at the cut, and what is known now. */
export interface LossContext {
  /** As learnt at the cut. */
  readonly before: Baseline;
  readonly draft: Pick<Draft, 'refusals'>;
  /** Why the whole window's policies do not admit edges. */
  readonly refusals: ReadonlyMap<EdgeKey, Refusal>;
}

const workloadsIn = (edges: Iterable<Edge>): Set<PeerKey> =>
  new Set([...edges].flatMap(({ from, to }) => [peerKey(from), peerKey(to)]));

const pairOf = ({ from, to }: Pick<Edge, 'from' | 'to'>): string => `${peerKey(from)}>${peerKey(to)}`;

/** Ends of an edge that are workloads, once each. */
export const workloadsOf = ({ from, to }: Pick<Edge, 'from' | 'to'>): readonly WorkloadId[] => [
  ...new Set([from, to].flatMap((peer) => (peer.kind === 'workload' ? [peer.id] : []))),
];

/** Says of an edge that would have been blocked what was new about it. */
export class LossBook {
  private readonly context: LossContext;
  private readonly met: ReadonlySet<PeerKey>;
  private readonly pairs: ReadonlySet<string>;
  private readonly listeners: PublicListeners;

  constructor(context: LossContext) {
    this.context = context;
    const edges = [...context.before.edges.values()].map(({ edge }) => edge);
    const pods = context.before.world.pods.map(({ workload: id }) => peerKey({ kind: 'workload', id }));
    this.met = new Set([...workloadsIn(edges), ...pods]);
    this.pairs = new Set(edges.map(pairOf));
    this.listeners = new PublicListeners(edges);
  }

  kindOf(edge: Edge): LossKind | StandingKind {
    const { before, draft, refusals } = this.context;
    const reasons = [draft.refusals.get(edge.key)?.reason, refusals.get(edge.key)?.reason];
    if (reasons.some((reason) => reason !== undefined && INEXPRESSIBLE.has(reason))) return 'not-expressible';
    const isOutside = edge.from.kind !== 'workload' || edge.to.kind !== 'workload';
    if (!before.edges.has(edge.key)) return isOutside ? this.newOutside(edge) : this.newInside(edge);
    if (draft.refusals.has(edge.key)) return refusals.has(edge.key) ? 'held' : 'held-then';
    return isOutside ? 'new-outside' : 'new-labels';
  }

  /** What became of it with the whole window. */
  noteOn(edge: Edge, kind: LossKind | StandingKind): string {
    const { refusals, draft } = this.context;
    const [now, then] = [refusals.get(edge.key), draft.refusals.get(edge.key)];
    if (kind === 'held-then') return `The proposal admits it; at the cut it was held: ${then?.note ?? ''}`;
    const refusal = now ?? (kind === 'not-expressible' ? then : undefined);
    if (refusal === undefined) return 'With the whole window the proposal admits it.';
    return `The proposal does not admit it either (${refusal.reason}): ${refusal.note}`;
  }

  private newOutside(edge: Edge): LossKind {
    const inside = workloadsOf(edge);
    if (inside.some((id) => !this.met.has(peerKey({ kind: 'workload', id })))) return 'new-workload';
    return this.listeners.isVisit(edge) ? 'new-visitor' : 'new-outside';
  }

  private newInside(edge: Edge): LossKind {
    if ([edge.from, edge.to].some((peer) => !this.met.has(peerKey(peer)))) return 'new-workload';
    return this.pairs.has(pairOf(edge)) ? 'new-port' : 'new-pair';
  }
}

/** What all visitors of a port have in common. */
export const visitorsLine = (edge: Edge, count: number): string =>
  `${count} new outside ${count === 1 ? 'client' : 'clients'} => ${describePeer(edge.to)} : ${describePort(edge)}`;
