import type { CallFailure } from './call-failure.ts';

/** How long to wait before the next attempt: doubled from `firstMs` up to `mostMs`. */
export interface BackOff {
  readonly firstMs: number;
  readonly mostMs: number;
  /** A stream that lasted so long was a good one: waiting begins at the beginning. */
  readonly stableMs: number;
}

export const BACK_OFF: BackOff = { firstMs: 500, mostMs: 30_000, stableMs: 10_000 };

/** Where a source is with its server. */
export interface SessionState {
  readonly phase: 'connecting' | 'following' | 'waiting' | 'stopped';
  /** Attempts that failed in a row. */
  readonly failures: number;
  /** How many field masks the server refused. */
  readonly masksRefused: number;
  /** Connections made again after a first one. */
  readonly reconnects: number;
  readonly hasConnected: boolean;
  /** Why the last attempt failed; undefined once one went well. */
  readonly failure: CallFailure | undefined;
}

export type SessionEvent =
  /** The connection stands and the server was asked who it is. */
  | { readonly on: 'connected' }
  /** The server began to answer the stream. */
  | { readonly on: 'began' }
  /** The connection, or the stream over it, could not be made or is gone. */
  | { readonly on: 'ended'; readonly failure: CallFailure; readonly lastedMs: number }
  /** It is time for the next attempt. */
  | { readonly on: 'due' }
  /** Certificates on disk are others than before. */
  | { readonly on: 'files-changed' }
  | { readonly on: 'stop' };

export type SessionStep =
  | { readonly do: 'connect' }
  /** With the mask of this index. */
  | { readonly do: 'follow'; readonly mask: number }
  | { readonly do: 'wait'; readonly ms: number }
  /** Ends the call, the connection and any waiting. */
  | { readonly do: 'disconnect' };

export interface SessionMove {
  readonly state: SessionState;
  readonly steps: readonly SessionStep[];
}

/** A source that has not begun. */
export const FIRST_SESSION: SessionState = {
  phase: 'connecting',
  failures: 0,
  masksRefused: 0,
  reconnects: 0,
  hasConnected: false,
  failure: undefined,
};

/** What the machine is told of the world. */
export interface SessionWorld {
  /** At least 0, below 1. */
  readonly random: () => number;
  readonly backOff: BackOff;
  /** Field masks there are; the last stands for none. */
  readonly masks: number;
}

const stay = (state: SessionState): SessionMove => ({ state, steps: [] });

/**
 * Half of the doubled time is certain and half is chance, so that clients that were cut off together do not come back
 * together ("Exponential Backoff And Jitter", AWS Architecture Blog: equal jitter).
 */
export function waitMs(failures: number, { firstMs, mostMs }: BackOff, random: number): number {
  const full = Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(full / 2 + (full / 2) * random);
}

/** Only a mask can be wrong with what is asked: no filter is ever sent. */
const isMaskRefused = ({ status }: CallFailure, { masksRefused }: SessionState, masks: number): boolean =>
  status === 'INVALID_ARGUMENT' && masksRefused < masks - 1;

function ended(
  state: SessionState,
  { failure, lastedMs }: Extract<SessionEvent, { on: 'ended' }>,
  world: SessionWorld,
): SessionMove {
  if (state.phase === 'waiting') return stay(state);
  if (state.phase === 'following' && isMaskRefused(failure, state, world.masks)) {
    const masksRefused = state.masksRefused + 1;
    return { state: { ...state, masksRefused }, steps: [{ do: 'follow', mask: masksRefused }] };
  }
  const failures = lastedMs >= world.backOff.stableMs ? 1 : state.failures + 1;
  const ms = waitMs(failures, world.backOff, world.random());
  return {
    state: { ...state, phase: 'waiting', failures, failure },
    steps: [{ do: 'disconnect' }, { do: 'wait', ms }],
  };
}

function connectAgain(state: SessionState): SessionMove {
  return { state: { ...state, phase: 'connecting' }, steps: [{ do: 'disconnect' }, { do: 'connect' }] };
}

function connected(state: SessionState): SessionMove {
  if (state.phase !== 'connecting') return stay(state);
  const reconnects = state.reconnects + (state.hasConnected ? 1 : 0);
  return {
    state: { ...state, phase: 'following', reconnects, hasConnected: true },
    steps: [{ do: 'follow', mask: state.masksRefused }],
  };
}

/** The next state and what is to be done; nothing that happens after `stop` changes anything. */
export function nextSession(state: SessionState, event: SessionEvent, world: SessionWorld): SessionMove {
  if (state.phase === 'stopped') return stay(state);
  switch (event.on) {
    case 'connected':
      return connected(state);
    case 'began':
      return stay(state.phase === 'following' ? { ...state, failure: undefined } : state);
    case 'ended':
      return ended(state, event, world);
    case 'due':
      return state.phase === 'waiting' ? connectAgain(state) : stay(state);
    case 'files-changed':
      return connectAgain(state);
    case 'stop':
      return { state: { ...state, phase: 'stopped' }, steps: [{ do: 'disconnect' }] };
  }
}
