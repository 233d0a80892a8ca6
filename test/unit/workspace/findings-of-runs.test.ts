import { expect, test } from 'vitest';
import { describeEdge } from '#core/graph/edge.ts';
import {
  ATTACKED,
  BY_ANA,
  CART,
  DB,
  learntEdge,
  memoryLedger,
  minutesFrom,
  servedRecording,
  startedWorkspace,
  TRAINED_MINUTES,
  talks,
  titlesOf,
  WEB,
  WEB_TO_CART,
} from './running-workspace.ts';

const TO_DB = 'shop/web[Deployment] => data/db[StatefulSet] : TCP 5432';
const DAY_MINUTES = 24 * 60;

/** Another day of the same cluster, in which nothing left the pattern. */
const QUIET_DAY = talks(WEB, CART, minutesFrom(DAY_MINUTES, DAY_MINUTES + 40));
const QUIET = { flows: QUIET_DAY, trainedMinutes: DAY_MINUTES + 30 };

const decisionsOf = (workspace: Awaited<ReturnType<typeof servedRecording>>): readonly string[] =>
  [...(workspace.baseline()?.baseline.edges.values() ?? [])].map(
    ({ edge, decision, actor }) => `${describeEdge(edge)} ${decision} by ${actor}`,
  );

test('a second run of the demo shows an attack when it happens again, not before, and as open again', async () => {
  const ledger = await memoryLedger();
  const first = await servedRecording({ ledger, mode: 'demo' });
  const [attack] = first.findings();
  if (attack === undefined) throw new Error('the first run ends with an attack');
  await first.setFindingState(attack.id, 'resolved', BY_ANA);

  const second = startedWorkspace({ ledger, mode: 'demo' });
  second.play(TRAINED_MINUTES);
  await second.learn();
  expect(titlesOf(second.workspace)).toEqual([]);

  second.play();
  await second.workspace.refresh();
  expect(titlesOf(second.workspace)).toEqual([`open: New edge: ${TO_DB}`]);
});

test('a second run of the demo keeps what people decided about edges', async () => {
  const ledger = await memoryLedger();
  const first = await servedRecording({ ledger, mode: 'demo' });
  await first.decide(learntEdge(first, WEB_TO_CART), 'rejected', BY_ANA);
  const second = await servedRecording({ ledger, mode: 'demo' });
  expect(decisionsOf(second)).toEqual([`${WEB_TO_CART} rejected by ana`]);
});

test('a recording that is served again shows its findings as a person left them', async () => {
  const ledger = await memoryLedger();
  const first = await servedRecording({ ledger });
  const [finding] = first.findings();
  if (finding === undefined) throw new Error('the recording holds an attack');
  await first.setFindingState(finding.id, 'resolved', BY_ANA);
  const again = await servedRecording({ ledger });
  expect(titlesOf(again)).toEqual([`resolved: New edge: ${TO_DB}`]);
});

test('findings of one recording are not shown with another recording of the same cluster', async () => {
  const ledger = await memoryLedger();
  await servedRecording({ ledger });
  const other = await servedRecording({ ledger, ...QUIET });
  expect(titlesOf(other)).toEqual([]);
  expect(titlesOf(await servedRecording({ ledger }))).toEqual([`open: New edge: ${TO_DB}`]);
});

test('findings about the same edge at another time are not shown either', async () => {
  const ledger = await memoryLedger();
  await servedRecording({ ledger });
  const flows = [...QUIET_DAY, ...talks(WEB, DB, [DAY_MINUTES + 2])];
  expect(titlesOf(await servedRecording({ ledger, ...QUIET, flows }))).toEqual([]);
});

test('what a person muted in one recording is muted where the next one shows it too', async () => {
  const ledger = await memoryLedger();
  const first = await servedRecording({ ledger });
  const [finding] = first.findings();
  if (finding === undefined) throw new Error('the recording holds an attack');
  await first.setFindingState(finding.id, 'suppressed', BY_ANA);
  const flows = [...QUIET_DAY, ...talks(WEB, DB, [DAY_MINUTES + 34])];
  const other = await servedRecording({ ledger, ...QUIET, flows });
  expect(titlesOf(other)).toEqual([`suppressed: New edge: ${TO_DB}`]);
  expect(other.findings()[0]?.conversations).toBe(1);
});

test('recordings of one cluster inherit decisions, also past a recording that does not hold the edge', async () => {
  const ledger = await memoryLedger();
  const first = await servedRecording({ ledger });
  await first.decide(learntEdge(first, WEB_TO_CART), 'rejected', BY_ANA);
  const strangers = talks(CART, DB, minutesFrom(DAY_MINUTES, DAY_MINUTES + 40));
  const between = await servedRecording({ ledger, ...QUIET, flows: strangers });
  expect(decisionsOf(between).filter((line) => line.includes('ana'))).toEqual([]);
  const again = await servedRecording({ ledger });
  expect(decisionsOf(again)).toEqual([`${WEB_TO_CART} rejected by ana`]);
});

const LATER = { trainedMinutes: TRAINED_MINUTES + 8 };
const dbRow = (workspace: Awaited<ReturnType<typeof servedRecording>>) =>
  workspace.baseline()?.baseline.edges.get(learntEdge(workspace, TO_DB));

test('a longer training window holds the edge of a finding that nobody closed', async () => {
  const ledger = await memoryLedger();
  await servedRecording({ ledger });
  const later = await servedRecording({ ledger, ...LATER });
  expect(dbRow(later)).toMatchObject({ decision: 'held', reason: expect.stringContaining('open finding') });
  expect(titlesOf(later)).toEqual([`open: New edge: ${TO_DB}`]);
});

test('once the finding is closed, a longer training window takes its edge for what it is', async () => {
  const ledger = await memoryLedger();
  const first = await servedRecording({ ledger });
  const [finding] = first.findings();
  if (finding === undefined) throw new Error('the recording holds an attack');
  await first.setFindingState(finding.id, 'resolved', BY_ANA);
  const later = await servedRecording({ ledger, ...LATER });
  expect(dbRow(later)).toMatchObject({ decision: 'accepted' });
});

test('serving a recording again changes nothing about its baseline, whatever findings it has', async () => {
  const ledger = await memoryLedger();
  const denied = talks(WEB, CART, minutesFrom(TRAINED_MINUTES + 12, TRAINED_MINUTES + 20)).map((each) => ({
    ...each,
    verdict: 'dropped' as const,
    dropReason: 'POLICY_DENIED',
  }));
  const flows = [...ATTACKED, ...denied.filter(({ tcpFlags }) => tcpFlags?.ack === false)];
  const first = await servedRecording({ ledger, flows });
  expect(titlesOf(first).some((title) => title.startsWith('open: Denied attempt'))).toBe(true);
  const again = await servedRecording({ ledger, flows });
  expect(again.baseline()?.baseline).toMatchObject({ version: 1, id: first.baseline()?.baseline.id });
});
