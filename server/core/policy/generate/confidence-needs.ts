import { type EpochMs, MINUTE_MS } from '#core/flow/time.ts';
import type { Edge } from '#core/graph/edge.ts';
import { describePeer, parseWorkloadId } from '#core/identity/peer.ts';
import type { ConfidenceCap, ConfidenceParts } from '../proposal.ts';
import { CONFIDENCE_BOUNDS } from './confidence-bounds.ts';

type Figures = Omit<ConfidenceParts, 'points' | 'caps' | 'needs'>;

const HOUR_MS = 60 * MINUTE_MS;

const hourOf = (at: EpochMs): number => Math.floor(at / HOUR_MS) % 24;

const isNightly = (runStarts: readonly EpochMs[]): boolean =>
  runStarts.length > 0 && runStarts.every((at) => hourOf(at) >= 22 || hourOf(at) < 6);

const counted = (count: number, noun: string): string => `${count} more ${noun}${count === 1 ? '' : 's'}`;

function runsNeeded(edge: Edge, { runStarts }: Figures): string {
  const job = [edge.from, edge.to].find(
    (peer) => peer.kind === 'workload' && /Job$/.test(parseWorkloadId(peer.id).kind),
  );
  const missing = Math.max(1, CONFIDENCE_BOUNDS.runs - runStarts.length);
  const who = job === undefined ? '' : ` of ${describePeer(job)}`;
  return `${counted(missing, isNightly(runStarts) ? 'nightly run' : 'run')}${who}`;
}

function minutesNeeded({ minutes }: Figures): string {
  const { manyMinutes, someMinutes } = CONFIDENCE_BOUNDS;
  return `${counted((minutes < someMinutes ? someMinutes : manyMinutes) - minutes, 'minute')} with conversations`;
}

/** What would lift a cap; the most telling first. */
function forCap(cap: ConfidenceCap, edge: Edge, figures: Figures): string {
  switch (cap) {
    case 'single-shot':
      return figures.isJob ? runsNeeded(edge, figures) : 'to be seen again: it was one conversation';
    case 'few-runs':
      return runsNeeded(edge, figures);
    case 'lost-in-hold-out':
      return 'a longer window: learnt from its first part alone, the policies would have blocked it';
    case 'one-day':
      return 'traffic on another day';
    case 'one-hour':
      return 'traffic in another hour';
    case 'gone-quiet':
      return 'to be seen again: nothing came in the last half of the window';
    case 'few-minutes':
      return minutesNeeded(figures);
  }
}

/** What would earn a missing point. */
function forPoints({ from }: Edge, { ends, proof, declared, clientPods }: Figures): readonly string[] {
  const isProven = proof === 'handshake' || proof === 'reply-mark' || proof === 'l7';
  const isBorneOut = declared === 'service' || clientPods >= CONFIDENCE_BOUNDS.clientPods;
  return [
    ...(ends === 'one' ? ['reports from both ends'] : []),
    ...(isProven ? [] : ['a handshake or reply mark that proves who the client is']),
    ...(isBorneOut
      ? []
      : [
          from.kind === 'workload'
            ? 'a second client pod, or a Service that clients address'
            : 'a Service that clients address',
        ]),
  ];
}

/** Needs that are said; the rest follows once these are met. */
const MOST_NEEDS = 2;

/** A job that ran once is short of runs and of minutes for the same reason; what came once is quiet because of that. */
const isSaidBy = (cap: ConfidenceCap, { isJob, isSingleShot }: Figures): boolean =>
  (cap === 'few-minutes' && (isJob || isSingleShot)) || (cap === 'gone-quiet' && isSingleShot);

/** The next visitor of a public port is another one, however long one learns. */
export const VISITORS_NEED =
  'a wider rule by hand, if it serves the public: whoever was not seen is blocked, however long one learns';

/** A rule that somebody opened rests on that decision, and no more traffic changes it. */
export const OPENED_NEED =
  'a person to stand by it: it was opened to every public address by choice, whoever was seen';

/** What a rule needs for a better grade, as the end of "needs: …"; undefined when nothing is missing. */
export function needsOf(edge: Edge, figures: Figures, caps: readonly ConfidenceCap[]): string | undefined {
  const telling = caps.filter((cap) => !isSaidBy(cap, figures));
  const needs = [...telling.map((cap) => forCap(cap, edge, figures)), ...forPoints(edge, figures)];
  const said = [...new Set(needs)].slice(0, MOST_NEEDS);
  return said.length === 0 ? undefined : said.join('; ');
}
