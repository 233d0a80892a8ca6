import { expect, test } from 'vitest';
import { toJson } from '#core/baseline/canonical-json.ts';
import { scopeKey } from '#core/baseline/scope-key.ts';
import { withEveryDecision } from '../../../server/app/ledger-history.ts';
import { decodeProposal } from '../../../server/app/stored-proposal.ts';
import { demoProposal } from '../../support/demo-proposal.ts';
import { BY_ANA, learntEdge, memoryLedger, servedRecording, WEB_TO_CART } from './running-workspace.ts';

test('after a restart every version of the baseline is listed, newest first, with who made it', async () => {
  const ledger = await memoryLedger();
  const first = await servedRecording({ ledger });
  const edge = learntEdge(first, WEB_TO_CART);
  await first.decide(edge, 'rejected', BY_ANA);
  await first.decide(edge, 'held', { actor: 'bob', reason: 'Later.' });
  const before = first.baselines();
  const again = await servedRecording({ ledger });
  expect(again.baselines().map(({ baseline, actor }) => `${baseline.version} ${actor}`)).toEqual([
    '3 bob',
    '2 ana',
    '1 bulkhead',
  ]);
  expect(again.baselines()).toEqual(before);
  expect(again.unreadableHistory()).toBe(0);
});

test('after a restart proposals keep who made them, when, and what became of them', async () => {
  const ledger = await memoryLedger();
  const first = await servedRecording({ ledger });
  await first.decide(learntEdge(first, WEB_TO_CART), 'rejected', BY_ANA);
  const before = first.proposals();
  expect(before.map(({ state, actor }) => `${state} by ${actor}`)).toEqual([
    'draft by ana',
    'superseded by bulkhead',
  ]);
  const again = await servedRecording({ ledger });
  expect(again.proposals()).toEqual(before);
});

test('a decision taken back makes the earlier proposal the current one again', async () => {
  const ledger = await memoryLedger();
  const first = await servedRecording({ ledger });
  const edge = learntEdge(first, WEB_TO_CART);
  const original = first.proposal();
  await first.decide(edge, 'rejected', BY_ANA);
  await first.decide(edge, 'accepted', BY_ANA);
  const summary = first.proposals().map(({ proposal, state, actor }) => [proposal.id, state, actor]);
  expect(summary).toHaveLength(2);
  expect(summary[0]).toEqual([original?.proposal.id, 'draft', 'bulkhead']);
  expect(summary[1]).toEqual([expect.any(String), 'superseded', 'ana']);
  const again = await servedRecording({ ledger });
  expect(again.proposals().map(({ proposal, state, actor }) => [proposal.id, state, actor])).toEqual(summary);
});

test('what an older layout wrote is left out of the lists, counted, and stays in the ledger', async () => {
  const ledger = await memoryLedger();
  const scope = scopeKey({ cluster: 'default', namespaces: [], workloads: [] });
  const change = { ...BY_ANA, at: 5 };
  await ledger.baselines.append({ id: 'old', scope, version: 7, content: { format: 'older' } }, change);
  await ledger.proposals.append({ id: 'old', scope, baselineId: 'old', content: { id: 'old' } }, change);
  const workspace = await servedRecording({ ledger });
  expect(workspace.unreadableHistory()).toBe(2);
  expect(workspace.baselines().map(({ baseline }) => baseline.version)).toEqual([8]);
  expect(workspace.proposals()).toHaveLength(1);
  const stored = await ledger.baselines.list(scope, 10);
  expect(stored.ok && stored.value.map(({ version }) => version)).toEqual([8, 7]);
});

test('a proposal of the ledger reads back as it was made', () => {
  const proposal = demoProposal();
  const read = decodeProposal(JSON.parse(JSON.stringify(toJson(proposal))));
  if (!read.ok) throw new Error(`${read.error.at}: expected ${read.error.expected}`);
  expect(toJson(read.value)).toEqual(toJson(proposal));
  expect(read.value.certificate.conversations.map(({ key }) => key)).toEqual(
    proposal.certificate.conversations.map(({ key }) => key),
  );
});

test('a proposal that is damaged is refused with the field that is to blame', () => {
  const proposal = toJson(demoProposal()) as Record<string, unknown>;
  expect(decodeProposal({ ...proposal, policies: [{}] })).toMatchObject({
    ok: false,
    error: { at: 'policies.0.workload' },
  });
  expect(decodeProposal({ ...proposal, certificate: {} })).toMatchObject({
    ok: false,
    error: { at: expect.stringMatching(/^certificate\./) },
  });
});

test('no version, no decisions', () => {
  expect(withEveryDecision([])).toBeUndefined();
});
