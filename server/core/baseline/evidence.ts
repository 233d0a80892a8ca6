import type { Edge } from '#core/graph/edge.ts';

/** True when conversations passed. Denied attempts are never evidence, nor are other drops: such an edge is in no baseline at all. */
export const isEvidence = ({ outcomes }: Edge): boolean =>
  outcomes.forwarded + outcomes.redirected + outcomes.audited > 0;
