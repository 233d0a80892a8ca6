import { compareText } from '#core/order.ts';
import { type Finding, type FindingId, type FindingState, SEVERITIES } from './finding.ts';

const rank = (finding: Finding): number => SEVERITIES.indexOf(finding.severity);

/** Most severe first, then newest, then by id: the order in which they are shown. */
export const compareFindings = (a: Finding, b: Finding): number =>
  rank(b) - rank(a) || b.lastSeenAt - a.lastSeenAt || compareText(a.id, b.id);

/** Resolved, and seen again since: it was not over. What a person acknowledged or muted stays so. */
function stateAfter(stored: Finding, seen: Finding): FindingState {
  const isBack = stored.state === 'resolved' && seen.lastSeenAt > stored.lastSeenAt;
  return isBack ? 'open' : stored.state;
}

/**
 * Counts and times only grow: a restart that has seen less never shrinks a finding. A reopened gone-silent counts from
 * its new last sign of life.
 */
function updated(stored: Finding, seen: Finding): Finding {
  const worst = rank(seen) >= rank(stored) ? seen : stored;
  const newest = seen.lastSeenAt >= stored.lastSeenAt ? seen : stored;
  const next: Finding = {
    ...newest,
    severity: worst.severity,
    state: stateAfter(stored, seen),
    conversations: Math.max(stored.conversations, seen.conversations),
    firstSeenAt: Math.min(stored.firstSeenAt, seen.firstSeenAt),
    lastSeenAt: newest.lastSeenAt,
    proposalAnswer: seen.proposalAnswer,
    sample: stored.sample ?? seen.sample,
  };
  return isSame(stored, next) ? stored : next;
}

function isSame(a: Finding, b: Finding): boolean {
  const names = Object.keys(b) as (keyof Finding)[];
  return names.every((name) => name === 'ends' || a[name] === b[name]); // the key says what the ends say
}

/** An edge that had gone silent and is not silent any more. */
function isOver(stored: Finding, current: ReadonlyMap<FindingId, Finding>): boolean {
  const isLive = stored.state === 'open' || stored.state === 'acknowledged';
  return stored.kind === 'gone-silent' && isLive && !current.has(stored.id);
}

/**
 * Findings after another look. New ones come in, known ones keep their state and grow, a resolved one that is seen
 * again opens, and a silence that ended is resolved. What did not change is the same object, so that a caller can tell
 * what to store. Sorted by {@link compareFindings}.
 */
export function mergeFindings(stored: Iterable<Finding>, current: Iterable<Finding>): Finding[] {
  const seen = new Map([...current].map((finding) => [finding.id, finding] as const));
  const merged = new Map<FindingId, Finding>(seen);
  for (const known of stored) {
    const again = seen.get(known.id);
    if (again !== undefined) merged.set(known.id, updated(known, again));
    else merged.set(known.id, isOver(known, seen) ? { ...known, state: 'resolved' } : known);
  }
  return [...merged.values()].sort(compareFindings);
}
