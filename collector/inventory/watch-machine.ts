import type { EpochMs } from '#core/flow/time.ts';
import type { KubeFailure } from './kube-failure.ts';

/** How things stand with a resource. */
export type Standing =
  /** Not listed yet. */
  | 'starting'
  /** Listed, and told of every change. */
  | 'live'
  /** Listed again and again, since watching is not allowed. */
  | 'polled'
  /** Was listed; what changed since then is not known. */
  | 'stale'
  /** Not allowed. */
  | 'forbidden'
  /** The API server does not have it. */
  | 'absent'
  /** Never listed so far, and the last try failed. */
  | 'failing';

/** One resource between two answers of the API server. */
export interface WatchState {
  readonly standing: Standing;
  /** What is being done, or will be done after a wait. */
  readonly doing: 'list' | 'watch';
  /** The last version that was seen; undefined before the first list. */
  readonly resourceVersion: string | undefined;
  /** Objects asked for in a page; undefined for all at once. */
  readonly limit: number | undefined;
  /** Failures since something last went well. */
  readonly failures: number;
  readonly listedAt: EpochMs | undefined;
  readonly watchingSince: EpochMs | undefined;
  readonly mayWatch: boolean;
  /** The last failure, while it matters. */
  readonly problem: KubeFailure | undefined;
}

/** What came back. */
export type WatchInput =
  | { readonly is: 'start' | 'woken' }
  | { readonly is: 'page'; readonly resourceVersion: string; readonly continueFrom: string | undefined }
  /** The server took the watch on. */
  | { readonly is: 'opened' }
  /** An object's event or a bookmark: both carry a version to go on from. */
  | { readonly is: 'event'; readonly resourceVersion: string }
  /** The server closed the watch, as it does every few minutes. */
  | { readonly is: 'ended' }
  | { readonly is: 'failed'; readonly failure: KubeFailure };

/** What to do next. */
export type WatchStep =
  | { readonly do: 'list'; readonly limit: number | undefined; readonly continueFrom: string | undefined }
  | { readonly do: 'watch'; readonly resourceVersion: string; readonly timeoutSeconds: number }
  | { readonly do: 'wait'; readonly ms: number }
  /** Go on reading the watch. */
  | { readonly do: 'read' };

export interface WatchSettings {
  readonly pageSize: number;
  /** A watch asks to be closed after this long, and up to twice as long, so that not all end at once. */
  readonly watchSeconds: number;
  /** Everything is listed anew this long after the last list: what was missed heals. */
  readonly resyncMs: number;
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** Rights and APIs are looked for again this often. */
  readonly deniedWaitMs: number;
  readonly pollMs: number;
}

export const WATCH_DEFAULTS: WatchSettings = {
  pageSize: 500,
  watchSeconds: 290,
  resyncMs: 60 * 60_000,
  firstWaitMs: 800,
  longestWaitMs: 30_000,
  deniedWaitMs: 5 * 60_000,
  pollMs: 60_000,
};

/** Nothing listed yet. */
export const startOfWatch = ({ pageSize }: WatchSettings = WATCH_DEFAULTS): WatchState => ({
  standing: 'starting',
  doing: 'list',
  resourceVersion: undefined,
  limit: pageSize,
  failures: 0,
  listedAt: undefined,
  watchingSince: undefined,
  mayWatch: true,
  problem: undefined,
});

/** A time and a number from 0 to 1 that nobody can foresee. */
export interface Circumstances {
  readonly at: EpochMs;
  readonly chance: number;
  readonly settings: WatchSettings;
}

export interface Transition {
  readonly state: WatchState;
  readonly step: WatchStep;
}

/**
 * What to do about an answer. The rules are those of client-go's Reflector: page through a list, watch from its version,
 * go on from the last event or bookmark, list anew when that version is gone, and wait longer after each failure, by chance
 * up to twice as long, so that a thousand clients do not come back in the same moment.
 */
export function nextStep(state: WatchState, input: WatchInput, now: Circumstances): Transition {
  switch (input.is) {
    case 'start':
      return listing(state);
    case 'woken':
      return state.doing === 'watch' ? watching(state, now) : listing(state);
    case 'opened':
      return { state: { ...well(state), standing: 'live' }, step: { do: 'read' } };
    case 'page':
      return afterPage(state, input, now);
    case 'event':
      return { state: { ...well(state), resourceVersion: input.resourceVersion }, step: { do: 'read' } };
    case 'ended':
      return afterEnd(state, now);
    default:
      return afterFailure(state, input.failure, now);
  }
}

const well = (state: WatchState): WatchState =>
  state.failures === 0 && state.problem === undefined ? state : { ...state, failures: 0, problem: undefined };

const listing = (state: WatchState, continueFrom?: string | undefined): Transition => ({
  state: { ...state, doing: 'list', watchingSince: undefined },
  step: { do: 'list', limit: state.limit, continueFrom },
});

function watching(state: WatchState, { at, chance, settings }: Circumstances): Transition {
  const { resourceVersion } = state;
  if (resourceVersion === undefined) return listing(state);
  const timeoutSeconds = Math.floor(settings.watchSeconds * (1 + chance));
  return {
    state: {
      ...state,
      doing: 'watch',
      watchingSince: at,
      standing: state.failures === 0 ? 'live' : state.standing,
    },
    step: { do: 'watch', resourceVersion, timeoutSeconds },
  };
}

function afterPage(
  state: WatchState,
  { resourceVersion, continueFrom }: Extract<WatchInput, { is: 'page' }>,
  now: Circumstances,
): Transition {
  if (continueFrom !== undefined && continueFrom !== '') return listing(well(state), continueFrom);
  const { settings, at } = now;
  const listed = { ...well(state), resourceVersion, listedAt: at, limit: settings.pageSize };
  if (state.mayWatch) return watching(listed, now);
  return waiting({ ...listed, standing: 'polled', doing: 'list' }, settings.pollMs, now);
}

/** A watch that ends at once over and over is no watch. */
const SHORTEST_WATCH_MS = 1000;

function afterEnd(state: WatchState, now: Circumstances): Transition {
  const { at, settings } = now;
  const age = at - (state.listedAt ?? 0);
  if (age >= settings.resyncMs) return listing(state);
  if (at - (state.watchingSince ?? 0) >= SHORTEST_WATCH_MS) return watching(state, now);
  return backingOff({ ...state, doing: 'watch' }, undefined, now);
}

const waiting = (state: WatchState, ms: number, { chance }: Circumstances): Transition => ({
  state: { ...state, watchingSince: undefined },
  step: { do: 'wait', ms: Math.round(ms * (1 + chance)) },
});

/** The exponent beyond which the longest wait is reached anyway. */
const MAX_DOUBLINGS = 20;

function backingOff(state: WatchState, atLeastMs: number | undefined, now: Circumstances): Transition {
  const { firstWaitMs, longestWaitMs } = now.settings;
  const grown = firstWaitMs * 2 ** Math.min(MAX_DOUBLINGS, state.failures);
  const ms = Math.max(Math.min(longestWaitMs, grown), atLeastMs ?? 0);
  return waiting({ ...state, failures: state.failures + 1 }, ms, now);
}

const afterTrouble = (state: WatchState): Standing => (state.listedAt === undefined ? 'failing' : 'stale');

function afterFailure(state: WatchState, failure: KubeFailure, now: Circumstances): Transition {
  const failed = { ...state, problem: failure, standing: afterTrouble(state) };
  const { deniedWaitMs, pollMs } = now.settings;
  switch (failure.code) {
    case 'forbidden':
      // Allowed to list, and not to watch: looking again and again is better than nothing.
      return state.doing === 'watch'
        ? waiting(
            { ...state, problem: failure, mayWatch: false, standing: 'polled', doing: 'list' },
            pollMs,
            now,
          )
        : waiting({ ...failed, standing: 'forbidden', mayWatch: true }, deniedWaitMs, now);
    case 'absent':
      return waiting({ ...failed, standing: 'absent', doing: 'list' }, deniedWaitMs, now);
    case 'expired':
      return afterExpiry(failed, state, now);
    case 'too-large':
      return afterTooLarge(failed, now);
    case 'busy':
      return backingOff(failed, failure.retryAfterMs, now);
    default:
      return backingOff(failed, undefined, now);
  }
}

/** The first time at once; a page that expires is asked for without pages the next time, as client-go does. */
function afterExpiry(failed: WatchState, before: WatchState, now: Circumstances): Transition {
  const again: WatchState = {
    ...failed,
    doing: 'list',
    resourceVersion: undefined,
    limit: before.doing === 'list' ? undefined : now.settings.pageSize,
  };
  if (before.failures > 0) return backingOff(again, undefined, now);
  return listing({ ...again, failures: 1 });
}

function afterTooLarge(failed: WatchState, now: Circumstances): Transition {
  const { limit = now.settings.pageSize, doing } = failed;
  if (doing === 'watch' || limit <= 1) return backingOff({ ...failed, doing: 'list' }, undefined, now);
  return listing({ ...failed, limit: Math.floor(limit / 2) });
}
