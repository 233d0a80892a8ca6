import type { Baseline } from '#core/baseline/baseline.ts';
import { isOutsidePeer } from '#core/baseline/public-listener.ts';
import type { EdgeKey } from '#core/graph/edge.ts';
import { sortedBy } from '#core/order.ts';
import type { DeclaredCell } from '../cell.ts';
import { publicCells } from '../system/public-blocks.ts';
import { SystemRoles } from '../system/system-role.ts';
import { refusalOf } from './evidence.ts';

/** Who may reach a port that serves the public: the addresses that were seen, or every public one. */
export type PublicListenerWish = 'seen' | 'any';

/** Visits that are opened to everybody public, and what that admits unseen. */
export interface PublicOpening {
  readonly opened: ReadonlySet<EdgeKey>;
  readonly declared: readonly DeclaredCell[];
}

const OPENED = 'The port serves the public, and somebody chose to open it to every public address.';

const NOTHING: PublicOpening = { opened: new Set(), declared: [] };

/** Opens the ports that many outside clients came to, when that is wished: somebody decides it, the flows do not. */
export function publicOpening(baseline: Baseline, wish: PublicListenerWish): PublicOpening {
  if (wish === 'seen') return NOTHING;
  const edges = sortedBy(baseline.edges.values(), ({ edge }) => edge.key)
    .filter((each) => refusalOf(each) === undefined)
    .map(({ edge }) => edge);
  const roles = new SystemRoles(edges);
  const visits = edges.filter((edge) => roles.isVisit(edge));
  const inward = edges.filter(({ from }) => isOutsidePeer(from));
  return {
    opened: new Set(visits.map(({ key }) => key)),
    declared: publicCells(visits, inward).map((cell) => ({ ...cell, why: OPENED })),
  };
}
