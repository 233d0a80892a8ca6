import { peerKey } from '#core/identity/peer.ts';
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

const isLive = ({ state }: Finding): boolean => state === 'open' || state === 'acknowledged';

/** Looked like edges of their own until there were enough of them to see the scan they belong to. */
const isPartOf = (fanOut: Finding, stored: Finding): boolean =>
  peerKey(fanOut.ends.from) === peerKey(stored.ends.from) &&
  stored.firstSeenAt >= fanOut.firstSeenAt &&
  stored.firstSeenAt <= fanOut.lastSeenAt;

/** A stored finding that was not found again: over, swallowed by a scan, or simply as it was. */
function unseenAgain(stored: Finding, fanOuts: readonly Finding[]): Finding {
  if (!isLive(stored) || stored.kind === 'fan-out') return stored;
  if (stored.kind === 'gone-silent') return { ...stored, state: 'resolved' };
  if (!fanOuts.some((fanOut) => isPartOf(fanOut, stored))) return stored;
  const explanation = `${stored.explanation} It turned out to be part of a fan-out of its source.`;
  return { ...stored, state: 'resolved', explanation };
}

/**
 * Findings after another look. New ones come in, known ones keep their state and grow, a resolved one that is seen
 * again opens, a silence that ended is resolved, and so is what turned out to be one part of a scan. What did not change is the same object, so that a caller can tell
 * what to store. Sorted by {@link compareFindings}.
 */
export function mergeFindings(stored: Iterable<Finding>, current: Iterable<Finding>): Finding[] {
  const seen = new Map([...current].map((finding) => [finding.id, finding] as const));
  const fanOuts = [...seen.values()].filter(({ kind }) => kind === 'fan-out');
  const merged = new Map<FindingId, Finding>(seen);
  for (const known of stored) {
    const again = seen.get(known.id);
    merged.set(known.id, again === undefined ? unseenAgain(known, fanOuts) : updated(known, again));
  }
  return [...merged.values()].sort(compareFindings);
}
