import { describe, expect, test } from 'vitest';
import type { KubeFailure } from '../../../collector/inventory/kube-failure.ts';
import {
  nextStep,
  startOfWatch,
  WATCH_DEFAULTS,
  type WatchInput,
  type WatchState,
  type WatchStep,
} from '../../../collector/inventory/watch-machine.ts';

interface Played {
  readonly state: WatchState;
  readonly steps: readonly WatchStep[];
}

/** Plays inputs a second apart; chance is always half. */
function played(inputs: readonly WatchInput[], from = startOfWatch(), chance = 0.5): Played {
  let state = from;
  const steps: WatchStep[] = [];
  let at = 1_000_000;
  for (const input of inputs) {
    at += 1000;
    const next = nextStep(state, input, { at, chance, settings: WATCH_DEFAULTS });
    state = next.state;
    steps.push(next.step);
  }
  return { state, steps };
}

const page = (resourceVersion: string, continueFrom?: string): WatchInput => ({
  is: 'page',
  resourceVersion,
  continueFrom,
});
const failed = (code: Exclude<KubeFailure['code'], 'busy' | 'server-error'>): WatchInput => ({
  is: 'failed',
  failure: { code, detail: 'no' },
});

const START: WatchInput = { is: 'start' };
const OPENED: WatchInput = { is: 'opened' };

describe('listing and watching one resource', () => {
  test('pages through the list, then watches from its version', () => {
    const { steps, state } = played([START, page('7', 'more'), page('7')]);
    expect(steps).toEqual([
      { do: 'list', limit: 500, continueFrom: undefined },
      { do: 'list', limit: 500, continueFrom: 'more' },
      { do: 'watch', resourceVersion: '7', timeoutSeconds: 435 },
    ]);
    expect(state.standing).toBe('live');
  });

  test('goes on from the last event or bookmark when the server closes the watch', () => {
    const { steps } = played([
      START,
      page('7'),
      OPENED,
      { is: 'event', resourceVersion: '9' },
      { is: 'ended' },
    ]);
    expect(steps.at(-1)).toMatchObject({ do: 'watch', resourceVersion: '9' });
  });

  test('lists anew at once when its version is gone, and without a version', () => {
    const { steps, state } = played([START, page('7'), OPENED, failed('expired')]);
    expect(steps.at(-1)).toEqual({ do: 'list', limit: 500, continueFrom: undefined });
    expect(state).toMatchObject({ resourceVersion: undefined, standing: 'stale' });
  });

  test('waits before it lists anew when the new version is gone at once, too', () => {
    const { steps } = played([START, page('7'), failed('expired'), failed('expired')]);
    expect(steps.at(-1)?.do).toBe('wait');
  });

  test('asks for everything at once after a page has expired', () => {
    const { steps } = played([START, page('7', 'more'), failed('expired')]);
    expect(steps.at(-1)).toEqual({ do: 'list', limit: undefined, continueFrom: undefined });
  });

  test('asks for smaller pages when one is too large', () => {
    const { steps } = played([START, failed('too-large'), failed('too-large')]);
    expect(steps.slice(1)).toMatchObject([{ limit: 250 }, { limit: 125 }]);
  });

  test('waits twice as long after each failure, up to half a minute and chance, and starts over once it goes well', () => {
    const tries = Array.from({ length: 8 }, () => [failed('unreachable'), { is: 'woken' } as const]).flat();
    const { steps, state } = played([START, ...tries], startOfWatch(), 0);
    const waits = steps.flatMap((step) => (step.do === 'wait' ? [step.ms] : []));
    expect(waits).toEqual([800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
    expect(played([page('1'), failed('unreachable')], state, 0).steps.at(-1)).toEqual({
      do: 'wait',
      ms: 800,
    });
  });

  test('waits as long as a busy server asks for', () => {
    const busy: WatchInput = { is: 'failed', failure: { code: 'busy', detail: '', retryAfterMs: 20_000 } };
    expect(played([START, busy], startOfWatch(), 0).steps.at(-1)).toEqual({ do: 'wait', ms: 20_000 });
  });

  test('goes back to watching from where it was after a network failure', () => {
    const { steps, state } = played([START, page('7'), OPENED, failed('unreachable'), { is: 'woken' }]);
    expect(steps.at(-1)).toMatchObject({ do: 'watch', resourceVersion: '7' });
    expect(state.standing).toBe('stale');
    expect(played([OPENED], state).state.standing).toBe('live');
  });

  test('looks every few minutes whether a forbidden or absent resource is there now', () => {
    for (const [code, standing] of [
      ['forbidden', 'forbidden'],
      ['absent', 'absent'],
    ] as const) {
      const { steps, state } = played([START, failed(code)], startOfWatch(), 0);
      expect(steps.at(-1)).toEqual({ do: 'wait', ms: 300_000 });
      expect(state.standing).toBe(standing);
    }
  });

  test('lists again and again where watching alone is forbidden', () => {
    const { steps, state } = played([START, page('7'), failed('forbidden'), { is: 'woken' }, page('8')]);
    expect(state.standing).toBe('polled');
    expect(steps.slice(-3).map((step) => step.do)).toEqual(['wait', 'list', 'wait']);
  });

  test('lists everything anew an hour after the last list, so that what was missed heals', () => {
    const { state } = played([START, page('7'), OPENED]);
    const at = 1_000_000 + WATCH_DEFAULTS.resyncMs + 10_000;
    const { step } = nextStep(state, { is: 'ended' }, { at, chance: 0, settings: WATCH_DEFAULTS });
    expect(step).toMatchObject({ do: 'list' });
  });

  test('a watch that ends at once is a failure, not an invitation to ask a thousand times a second', () => {
    const { state } = played([START, page('7'), OPENED]);
    const at = (state.watchingSince ?? 0) + 10;
    const { step } = nextStep(state, { is: 'ended' }, { at, chance: 0, settings: WATCH_DEFAULTS });
    expect(step).toEqual({ do: 'wait', ms: 800 });
  });
});
