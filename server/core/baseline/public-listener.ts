import { type Edge, type EdgeEnds, edgeKey } from '#core/graph/edge.ts';
import type { Peer } from '#core/identity/peer.ts';

/** From so many distinct outside clients on, another one is a visitor and not a change. */
const VISITORS = 5;

const ANYBODY: Peer = { kind: 'entity', entity: 'world' };

/** True for a peer outside the cluster. */
export const isOutsidePeer = (peer: Peer): boolean =>
  peer.kind === 'cidr' ||
  peer.kind === 'fqdn' ||
  peer.kind === 'other-external' ||
  (peer.kind === 'entity' && peer.entity === 'world');

/** The listener an edge leads to, whoever comes. */
const listenerOf = ({ to, protocol, port }: EdgeEnds): string =>
  edgeKey({ from: ANYBODY, to, protocol, port });

/**
 * Ports that serve the public: five or more outside clients were let through, or so many that they were folded. Who
 * comes there next says nothing about the cluster.
 */
export class PublicListeners {
  private readonly visitors = new Map<string, number>();

  constructor(edges: Iterable<Edge>) {
    for (const edge of edges) {
      if (!isOutsidePeer(edge.from)) continue;
      const isMany = edge.from.kind === 'other-external' || edge.addresses.size >= VISITORS;
      const listener = listenerOf(edge);
      this.visitors.set(listener, (this.visitors.get(listener) ?? 0) + (isMany ? VISITORS : 1));
    }
  }

  /** True when the edge is a visit from outside to a port that serves the public. */
  isVisit(edge: EdgeEnds): boolean {
    return isOutsidePeer(edge.from) && (this.visitors.get(listenerOf(edge)) ?? 0) >= VISITORS;
  }
}
