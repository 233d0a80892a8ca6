import { setImmediate as nextEvent } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Baseline } from '#core/baseline/baseline.ts';
import { propose } from '#core/policy/generate/propose.ts';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import { inSlices } from '../../../server/app/in-slices.ts';
import { Turns } from '../../../server/app/turns.ts';
import {
  BY_ANA,
  hash,
  learntEdge,
  memoryLedger,
  servedRecording,
  startedWorkspace,
  WEB_TO_CART,
} from './running-workspace.ts';

const STEPS = 10;

/** A clock that only work moves: 5 ms a step. */
function slowWork() {
  let nowMs = 0;
  const breaths: number[] = [];
  const begun: Baseline[] = [];
  let onBreath: (count: number) => void = () => undefined;
  return {
    breaths,
    begun,
    pace: {
      monotonicMs: () => nowMs,
      breathe: async () => {
        breaths.push(nowMs);
        onBreath(breaths.length);
        await nextEvent();
      },
    },
    *proposing(baseline: Baseline): Generator<unknown, Proposal> {
      begun.push(baseline);
      for (let step = 0; step < STEPS; step += 1) {
        nowMs += 5;
        yield step;
      }
      return propose(baseline, { toolVersion: 'test', profile: CILIUM_PROFILE, hash });
    },
    whenBreathing(then: (count: number) => void) {
      onBreath = then;
    },
  };
}

test('long work pauses every 20 ms and before it begins', async () => {
  const work = slowWork();
  function* steps(): Generator<number, string> {
    for (const step of work.proposing({} as Baseline)) yield Number(step);
    return 'done';
  }
  const limited = (function* () {
    const inner = steps();
    for (let count = 0; count < STEPS; count += 1) yield inner.next();
    return 'done';
  })();
  expect(await inSlices(limited, work.pace, () => false)).toBe('done');
  expect(work.breaths).toEqual([0, 20, 40]);
});

test('work that nobody wants any more ends at the next pause', async () => {
  const work = slowWork();
  let isUnwanted = false;
  work.whenBreathing((count) => {
    isUnwanted = count === 2;
  });
  expect(await inSlices(work.proposing({} as Baseline), work.pace, () => isUnwanted)).toBeUndefined();
  expect(work.breaths).toEqual([0, 20]);
});

test('while the first proposal is made the workspace answers, shows its baseline, and is not ready', async () => {
  const work = slowWork();
  const options = { pace: work.pace, proposing: work.proposing };
  const { workspace, play, learn } = startedWorkspace({ ledger: await memoryLedger(), options });
  const seen: string[] = [];
  work.whenBreathing(() => {
    seen.push(`${workspace.isReady()} ${workspace.baseline()?.baseline.version} ${workspace.proposal()}`);
  });
  play();
  await learn();
  expect(seen.length).toBeGreaterThan(2);
  expect(seen.at(-1)).toBe('false 1 undefined');
  expect(workspace.isReady()).toBe(true);
  expect(workspace.proposal()?.proposal.baseline).toBe(workspace.baseline()?.baseline.id);
});

test('a decision made while a proposal is under way takes its place; both are stored and only the last is proposed', async () => {
  const work = slowWork();
  const ledger = await memoryLedger();
  const workspace = await servedRecording({
    ledger,
    options: { pace: work.pace, proposing: work.proposing },
  });
  const edge = learntEdge(workspace, WEB_TO_CART);
  const begunBefore = work.begun.length;
  let second: Promise<unknown> | undefined;
  work.whenBreathing(() => {
    const isUnderWay = work.begun.length > begunBefore;
    if (isUnderWay) second ??= workspace.decide(edge, 'held', { actor: 'bob', reason: 'Wait.' });
  });
  const first = await workspace.decide(edge, 'rejected', BY_ANA);
  await second;
  expect(first.ok && first.value.baseline.version).toBe(2);
  expect(workspace.baselines().map(({ baseline, actor }) => `${baseline.version} ${actor}`)).toEqual([
    '3 bob',
    '2 ana',
    '1 bulkhead',
  ]);
  expect(workspace.proposal()).toMatchObject({ actor: 'bob', state: 'draft' });
  expect(workspace.proposal()?.proposal.baseline).toBe(workspace.baseline()?.baseline.id);
  expect(workspace.proposals()).toHaveLength(2);
});

test('two decisions at once both count', async () => {
  const workspace = await servedRecording({ ledger: await memoryLedger() });
  const edge = learntEdge(workspace, WEB_TO_CART);
  await Promise.all([
    workspace.decide(edge, 'rejected', BY_ANA),
    workspace.decide(edge, 'held', { actor: 'bob', reason: 'Wait.' }),
  ]);
  expect(workspace.baselines().map(({ baseline, actor }) => `${baseline.version} ${actor}`)).toEqual([
    '3 bob',
    '2 ana',
    '1 bulkhead',
  ]);
});

test('a workspace that is stopped drops the proposal under way', async () => {
  const work = slowWork();
  const options = { pace: work.pace, proposing: work.proposing };
  const { workspace, play, learn } = startedWorkspace({ ledger: await memoryLedger(), options });
  work.whenBreathing(() => {
    if (work.begun.length > 0) workspace.stop();
  });
  play();
  await learn();
  expect(work.begun).toHaveLength(1);
  expect(workspace.proposal()).toBeUndefined();
});

test('a turn that fails does not hold up the next', async () => {
  const turns = new Turns();
  const failing = turns.take(async () => {
    throw new Error('no');
  });
  const next = turns.take(async () => 'done');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('done');
});
