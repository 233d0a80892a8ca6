import type { GraphDelta, SocketSnapshot } from '#contract/socket.ts';
import type { EdgeKey } from '#core/graph/edge.ts';
import type { Workspace } from '../../../app/workspace.ts';
import type { MomentReader } from './moment.ts';
import { Picture } from './picture.ts';

/** At most two deltas a second. */
export const DELTA_INTERVAL_MS = 500;

/** Runs something later; the returned function cancels it. */
export type Schedule = (run: () => void, afterMs: number) => () => void;

/** One step of the live picture. */
export interface Publication {
  readonly delta: GraphDelta;
  /** Set when baseline or proposal are other ones than before. */
  readonly learning: { readonly baselineId: string; readonly proposalId: string } | undefined;
}

/** The moving picture: a snapshot, and numbered deltas for whoever listens. */
export interface LiveFeed {
  /** The picture as of the last delta. */
  snapshot(): SocketSnapshot;
  /** The number of the last delta. */
  lastSeq(): number;
  listen(listener: (publication: Publication) => void): () => void;
  close(): void;
}

/** Nobody listens, nothing is worked out: changes are noted, and the picture catches up when it is asked for. */
export function createLiveFeed(workspace: Workspace, read: MomentReader, schedule: Schedule): LiveFeed {
  const listeners = new Set<(publication: Publication) => void>();
  let touched = new Set<EdgeKey>();
  let isDirty = false;
  let cancel: (() => void) | undefined;
  let picture: Picture | undefined;

  const publish = (): void => {
    cancel = undefined;
    if (!isDirty) return;
    const keys = touched;
    touched = new Set();
    isDirty = false;
    const moment = read();
    if (picture === undefined) {
      picture = new Picture(moment);
      return;
    }
    const { baseline, proposal } = moment;
    const isRelearnt = picture.isRelearnt(moment) && baseline !== undefined && proposal !== undefined;
    const learning = isRelearnt
      ? { baselineId: baseline.baseline.id, proposalId: proposal.proposal.id }
      : undefined;
    const publication = { delta: picture.advance(moment, keys), learning };
    for (const listener of listeners) listener(publication);
  };

  const unsubscribe = workspace.subscribe((change) => {
    isDirty = true;
    if (picture !== undefined) for (const key of change.edges) touched.add(key);
    if (listeners.size > 0) cancel ??= schedule(publish, DELTA_INTERVAL_MS);
  });

  const caughtUp = (): Picture => {
    if (listeners.size === 0) publish();
    picture ??= new Picture(read());
    return picture;
  };

  return {
    snapshot: () => caughtUp().snapshot(),
    lastSeq: () => picture?.lastSeq ?? 0,
    listen(listener) {
      caughtUp();
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        cancel?.();
        cancel = undefined;
      };
    },
    close() {
      unsubscribe();
      cancel?.();
      listeners.clear();
    },
  };
}
