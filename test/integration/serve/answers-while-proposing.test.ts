import { setImmediate as nextEvent } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { Baseline } from '#core/baseline/baseline.ts';
import { propose } from '#core/policy/generate/propose.ts';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import type { Proposal } from '#core/policy/proposal.ts';
import { LOOPBACK_HOSTS } from '../../../server/adapters/http/guard/hosts.ts';
import { createHttpServer } from '../../../server/adapters/http/server.ts';
import { hash, memoryLedger, startedWorkspace } from '../../unit/workspace/running-workspace.ts';
import { RENDERERS } from '../http/running.ts';

/** A proposal that takes until somebody says that it is enough. */
function endlessWork() {
  let isEnough = false;
  return {
    *proposing(baseline: Baseline): Generator<unknown, Proposal> {
      while (!isEnough) yield;
      return propose(baseline, { toolVersion: 'test', profile: CILIUM_PROFILE, hash });
    },
    enough: () => {
      isEnough = true;
    },
  };
}

test('while a proposal takes its time the server answers: alive, not ready, with the baseline; then ready', async () => {
  const work = endlessWork();
  const { workspace, play, learn } = startedWorkspace({
    ledger: await memoryLedger(),
    options: {
      proposing: work.proposing,
      pace: { monotonicMs: () => performance.now(), breathe: () => nextEvent() },
    },
  });
  const { app } = await createHttpServer({
    workspace,
    webRoot: '/nowhere',
    allowedHosts: LOOPBACK_HOSTS,
    version: '1.2.3',
    renderers: RENDERERS,
    now: () => 0,
    schedule: () => () => undefined,
  });
  onTestFinished(() => app.close());
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const statusOf = async (path: string): Promise<number> => (await fetch(`${address}${path}`)).status;

  play();
  const learning = learn();
  expect(await statusOf('/healthz')).toBe(200);
  expect(await statusOf('/readyz')).toBe(503);
  expect(await statusOf('/api/v1/baselines/current')).toBe(200);
  expect(await statusOf('/api/v1/proposals/current')).toBe(404);
  work.enough();
  await learning;
  expect(await statusOf('/readyz')).toBe(200);
  expect(await statusOf('/api/v1/proposals/current')).toBe(200);
});
