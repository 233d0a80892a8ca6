import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { describeEdge } from '#core/graph/edge.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import { collectExports, collectLive, demoLines, exportsToFollow } from '../../../collector/main.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { CLOCK } from '../relay/followed.ts';

/** The first lines of the demo's export. */
function lines(count: number): readonly string[] {
  const taken: string[] = [];
  for (const { line } of demoLines({ seed: 5 }).lines) {
    taken.push(`${line}\n`);
    if (taken.length === count) break;
  }
  return taken;
}

const edgesOf = (builder: GraphBuilder): readonly string[] =>
  [...builder.snapshot().edges.values()]
    .map((edge) => `${describeEdge(edge)} ${edge.conversations.total}`)
    .sort();

test('an export that grows and rotates while it is followed gives the same edges as the whole of it', async () => {
  const folder = tempFolder();
  const path = join(folder, 'events.log');
  const all = lines(4000);
  writeFileSync(path, all.slice(0, 1500).join(''));
  const { sets, problems } = await exportsToFollow([path]);
  expect(problems).toEqual([]);
  const followed = new GraphBuilder();
  const collector = collectLive({ targets: [], followed: sets, clock: CLOCK }, (window) =>
    followed.apply(window),
  );
  collector.start();
  onTestFinished(() => collector.stop());
  const seen = async (count: number): Promise<void> => {
    while (collector.statuses()[0]?.summary.files[0]?.records !== count) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  await seen(1500);
  appendFileSync(path, all.slice(1500, 2500).join(''));
  renameSync(path, join(folder, 'events-2026-03-02T09-00-00.000.log'));
  writeFileSync(path, all.slice(2500).join(''));
  await seen(4000);
  await collector.stop();
  expect(collector.statuses()[0]).toMatchObject({ kind: 'file', live: { reconnects: 1, duplicates: 0 } });

  const whole = new GraphBuilder();
  const file = join(folder, 'whole.jsonl');
  writeFileSync(file, all.join(''));
  await collectExports({ inputs: [file] }, (window) => whole.apply(window));
  expect(edgesOf(followed)).toEqual(edgesOf(whole));
});

test('a name that stands for nothing yet is waited for, and a folder without an export is a mistake', async () => {
  const folder = tempFolder();
  const { sets, problems } = await exportsToFollow([join(folder, 'later.log'), folder, '-']);
  expect(sets.map(({ path }) => path)).toEqual([join(folder, 'later.log')]);
  expect(problems).toHaveLength(2);
});
