import type { EpochMs } from '#core/flow/time.ts';
import type { Peer, PeerKey } from '#core/identity/peer.ts';
import type { Edge, EdgeKey } from './edge.ts';

/** Peers and edges in a window. */
export interface ServiceGraph {
  readonly edges: ReadonlyMap<EdgeKey, Edge>;
  readonly peers: ReadonlyMap<PeerKey, Peer>;
  /** Time span of what was seen; undefined while nothing was. */
  readonly span: { readonly from: EpochMs; readonly until: EpochMs } | undefined;
  /** Minutes before this were dropped to stay within the byte budget; undefined while all are kept. */
  readonly historyFrom: EpochMs | undefined;
}
