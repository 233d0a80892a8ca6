import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callFailure, statusFailure } from '../../../collector/sources/hubble/relay/call-failure.ts';
import {
  BACK_OFF,
  FIRST_SESSION,
  nextSession,
  type SessionEvent,
  type SessionState,
  type SessionStep,
  waitMs,
} from '../../../collector/sources/hubble/relay/session.ts';

const WORLD = { random: () => 0.5, backOff: BACK_OFF, masks: 3 };
const CUT: SessionEvent = { on: 'ended', failure: callFailure('cut'), lastedMs: 0 };
const REFUSED: SessionEvent = {
  on: 'ended',
  failure: statusFailure('INVALID_ARGUMENT', 'unknown field'),
  lastedMs: 3,
};

function play(events: readonly SessionEvent[], from: SessionState = FIRST_SESSION) {
  let state = from;
  const steps: SessionStep[] = [];
  for (const event of events) {
    const move = nextSession(state, event, WORLD);
    state = move.state;
    steps.push(...move.steps);
  }
  return { state, steps };
}

describe('a session', () => {
  test('follows once it is connected', () => {
    expect(play([{ on: 'connected' }]).steps).toEqual([{ do: 'follow', mask: 0 }]);
  });

  test('asks again with the next mask, at once and on the same connection, when the server refuses one', () => {
    const { steps, state } = play([{ on: 'connected' }, REFUSED, REFUSED]);
    expect(steps).toEqual([
      { do: 'follow', mask: 0 },
      { do: 'follow', mask: 1 },
      { do: 'follow', mask: 2 },
    ]);
    expect(state.failures).toBe(0);
  });

  test('waits when the server refuses even a request without a mask', () => {
    const { state } = play([{ on: 'connected' }, REFUSED, REFUSED, REFUSED]);
    expect(state).toMatchObject({ phase: 'waiting', masksRefused: 2 });
  });

  test('remembers a refused mask when it connects again', () => {
    const { steps } = play([{ on: 'connected' }, REFUSED, CUT, { on: 'due' }, { on: 'connected' }]);
    expect(steps.at(-1)).toEqual({ do: 'follow', mask: 1 });
  });

  test('lets go of everything, waits, and connects again after a cut', () => {
    const { steps, state } = play([
      { on: 'connected' },
      { on: 'began' },
      CUT,
      { on: 'due' },
      { on: 'connected' },
    ]);
    expect(steps.map((step) => step.do)).toEqual([
      'follow',
      'disconnect',
      'wait',
      'disconnect',
      'connect',
      'follow',
    ]);
    expect(state.reconnects).toBe(1);
  });

  test('tells its failure until the server answers again', () => {
    const waiting = play([{ on: 'connected' }, CUT]).state;
    expect(waiting.failure?.code).toBe('cut');
    const again = play([{ on: 'due' }, { on: 'connected' }], waiting).state;
    expect(again.failure?.code).toBe('cut');
    expect(play([{ on: 'began' }], again).state.failure).toBeUndefined();
  });

  test('begins to wait at the beginning after a stream that lasted', () => {
    const failing = play([
      CUT,
      { on: 'due' },
      CUT,
      { on: 'due' },
      CUT,
      { on: 'due' },
      { on: 'connected' },
    ]).state;
    expect(failing.failures).toBe(3);
    const lasted: SessionEvent = { ...CUT, lastedMs: BACK_OFF.stableMs };
    expect(play([lasted], failing).state.failures).toBe(1);
    expect(play([CUT], failing).state.failures).toBe(4);
  });

  test('connects again at once when the certificates were replaced, also while it waits', () => {
    for (const before of [[CUT], [{ on: 'connected' }]] as const) {
      const { state } = play(before);
      expect(play([{ on: 'files-changed' }], state).steps).toEqual([{ do: 'disconnect' }, { do: 'connect' }]);
    }
  });

  test('does nothing more once it was stopped, whatever comes', () => {
    const anyEvent = fc.constantFrom<SessionEvent>(
      { on: 'connected' },
      { on: 'began' },
      CUT,
      REFUSED,
      { on: 'due' },
      { on: 'files-changed' },
      { on: 'stop' },
    );
    fc.assert(
      fc.property(fc.array(anyEvent), fc.array(anyEvent), (before, after) => {
        const { state } = play([...before, { on: 'stop' }]);
        expect(play(after, state)).toEqual({ state, steps: [] });
      }),
    );
  });

  test('never waits twice and never leaves a connection behind, whatever comes', () => {
    const anyEvent = fc.constantFrom<SessionEvent>({ on: 'connected' }, CUT, REFUSED, { on: 'due' });
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40, size: 'max' }), (events) => {
        const steps = play(events).steps.map((step) => step.do);
        for (const [at, step] of steps.entries()) {
          if (step === 'wait' || step === 'connect') expect(steps[at - 1]).toBe('disconnect');
        }
      }),
    );
  });
});

describe('waiting', () => {
  test('doubles from half a second to half a minute, half of it by chance', () => {
    const least = [1, 2, 3, 4, 5, 6, 7, 8, 100].map((failures) => waitMs(failures, BACK_OFF, 0));
    expect(least).toEqual([250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
    expect(waitMs(100, BACK_OFF, 0.999_999)).toBe(30_000);
  });
});
