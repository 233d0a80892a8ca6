import { expect, test } from 'vitest';
import { MINUTE_MS } from '#core/flow/time.ts';
import { scopeOf } from '../../../server/app/scope-of.ts';
import { START } from '../../support/flows.ts';
import { ATTACKED, memoryLedger, servedRecording, startedWorkspace, titlesOf } from './running-workspace.ts';

test('a workspace that goes on has the baseline, the proposals and the findings of the run before', async () => {
  const ledger = await memoryLedger();
  const before = await servedRecording({ ledger, mode: 'live' });
  const { workspace } = startedWorkspace({ ledger, mode: 'live' });
  expect(await workspace.resume(before.scope())).toBe(true);
  expect(workspace.isReady()).toBe(true);
  expect(workspace.baseline()?.baseline.id).toBe(before.baseline()?.baseline.id);
  expect(workspace.proposal()?.proposal.id).toBe(before.proposal()?.proposal.id);
  expect(workspace.window()).toEqual(before.window());
  expect(titlesOf(workspace)).toEqual(titlesOf(before));
});

test('there is nothing to go on with in a new ledger, or for another cluster', async () => {
  const ledger = await memoryLedger();
  const { workspace } = startedWorkspace({ ledger, mode: 'live' });
  const other = { ...scopeOf(workspace.world(), {}), cluster: 'elsewhere' };
  expect(await workspace.resume(other)).toBe(false);
  await servedRecording({ ledger, mode: 'live' });
  expect(await workspace.resume(other)).toBe(false);
});

test('no edge is called silent for the time in which nobody watched', async () => {
  const ledger = await memoryLedger();
  const before = await servedRecording({ ledger, mode: 'live' });
  const WEEK = 7 * 24 * 60;
  const later = ATTACKED.slice(-4).map((each) => ({ ...each, at: START + WEEK * MINUTE_MS }));
  const { workspace, play } = startedWorkspace({ ledger, mode: 'live', flows: [...ATTACKED, ...later] });
  play();
  await workspace.resume(before.scope());
  await workspace.refresh();
  expect(titlesOf(workspace).filter((title) => title.includes('Gone silent'))).toEqual([]);

  const watching = startedWorkspace({ ledger, mode: 'live', flows: [...ATTACKED, ...later] });
  await watching.workspace.resume(before.scope());
  watching.play();
  await watching.workspace.refresh();
  expect(titlesOf(watching.workspace).filter((title) => title.includes('Gone silent'))).toHaveLength(1);
});

test('while its first window is open a workspace shows what it will learn, and how ready that would be', async () => {
  const ledger = await memoryLedger();
  const { workspace, play, learn } = startedWorkspace({ ledger, mode: 'live' });
  expect(workspace.readinessSoFar()).toBeUndefined();
  play();
  const plan = {
    scope: scopeOf(workspace.world(), {}),
    window: { from: START, until: START + 60 * MINUTE_MS },
  };
  workspace.expect(plan);
  expect(workspace.window()).toEqual(plan.window);
  expect(workspace.readinessSoFar()).toMatchObject({ edges: 2 });
  await learn();
  expect(workspace.readinessSoFar()).toBeUndefined();
});
