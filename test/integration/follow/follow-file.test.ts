import { appendFileSync, renameSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { followFile } from '../../../collector/sources/files/follow-file.ts';
import { tempFolder } from '../../support/temp-folder.ts';

interface Following {
  readonly path: string;
  /** Lets the follower look until it has nothing more to do, and returns the ids of the records so far. */
  look(): Promise<readonly string[]>;
  readonly files: Set<string>;
  readonly log: string[];
  end(): Promise<readonly string[]>;
}

/** Follows a file of its own folder, a look at a time: no clock takes part. */
function following(content?: string): Following {
  const folder = tempFolder();
  const path = join(folder, 'events.log');
  if (content !== undefined) writeFileSync(path, content);
  const ids: string[] = [];
  const files = new Set<string>();
  const log: string[] = [];
  let isStopped = false;
  let wake: () => void = () => undefined;
  let onWait: () => void = () => undefined;
  const running = followFile({
    path,
    chunkBytes: 64,
    wait() {
      const waiting = new Promise<void>((resolve) => {
        wake = resolve;
      });
      onWait();
      return isStopped ? Promise.resolve() : waiting;
    },
    breathe: () => Promise.resolve(),
    isStopped: () => isStopped,
    records(file, records) {
      files.add(file.slice(folder.length + 1));
      for (const record of records) ids.push(record.kind === 'object' ? record.text : `${record.kind}`);
    },
    bytes: () => undefined,
    state: (state) => log.push(state.is === 'open' ? 'open' : state.failure.code),
    rotated: () => log.push('rotated'),
  });
  const look = async (): Promise<readonly string[]> => {
    const waits = new Promise<void>((resolve) => {
      onWait = resolve;
    });
    wake();
    await waits;
    return ids;
  };
  const end = async (): Promise<readonly string[]> => {
    isStopped = true;
    wake();
    await running;
    return ids;
  };
  onTestFinished(async () => void (await end()));
  return { path, look, files, log, end };
}

const line = (id: number | string): string => `{"id":"${id}"}\n`;
const record = (id: number | string): string => `{"id":"${id}"}`;
const records = (...idsOf: readonly (number | string)[]): readonly string[] => idsOf.map(record);

describe('a file that is followed', () => {
  test('is read from its beginning and goes on', async () => {
    const { path, look } = following(line(1) + line(2));
    await look();
    appendFileSync(path, line(3));
    expect(await look()).toEqual(records(1, 2, 3));
  });

  test('keeps half a last line until its rest is there', async () => {
    const { path, look } = following(`${line(1)}{"id":`);
    await look();
    expect(await look()).toEqual(records(1));
    appendFileSync(path, `"2"}\n${line(3)}`);
    expect(await look()).toEqual(records(1, 2, 3));
  });

  test('is waited for when it is not there yet', async () => {
    const { path, look, log } = following();
    await look();
    await look();
    writeFileSync(path, line(1));
    expect(await look()).toEqual(records(1));
    expect(log.at(-1)).toBe('open');
    expect(log[0]).toBe('not_found');
  });

  test('gives what is left when it is told to stop', async () => {
    const { path, look, end } = following(line(1));
    await look();
    appendFileSync(path, line(2));
    expect(await end()).toEqual(records(1, 2));
  });
});

describe('rotation', () => {
  test('by rename reads the old file to its end before the new one', async () => {
    const { path, look, log } = following(line(1));
    await look();
    appendFileSync(path, line(2));
    renameSync(path, path.replace('events.log', 'events-2026-03-02T08-00-00.000.log'));
    appendFileSync(path.replace('events.log', 'events-2026-03-02T08-00-00.000.log'), line(3));
    writeFileSync(path, line(4));
    expect(await look()).toEqual(records(1, 2, 3, 4));
    expect(log).toEqual(['open', 'rotated', 'open']);
  });

  test('waits between the rename and the new file, and still reads the old one', async () => {
    const { path, look } = following(line(1));
    await look();
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, line(2));
    expect(await look()).toEqual(records(1, 2));
    writeFileSync(path, line(3));
    expect(await look()).toEqual(records(1, 2, 3));
  });

  test('that happened more than once between two looks loses no file, packed or not', async () => {
    const { path, look, files } = following(line(1));
    const rotated = (stamp: string): string => path.replace('events.log', `events-${stamp}.log`);
    await look();
    renameSync(path, rotated('2026-03-02T08-00-00.000'));
    writeFileSync(`${rotated('2026-03-02T08-00-01.000')}.gz`, gzipSync(line(2)));
    writeFileSync(rotated('2026-03-02T08-00-02.000'), line(3));
    writeFileSync(path, line(4));
    expect(await look()).toEqual(records(1, 2, 3, 4));
    expect([...files]).toEqual([
      'events.log',
      'events-2026-03-02T08-00-01.000.log.gz',
      'events-2026-03-02T08-00-02.000.log',
    ]);
  });

  test('never reads again what was rotated before', async () => {
    const { path, look } = following(line(2));
    writeFileSync(path.replace('events.log', 'events-2026-03-02T07-00-00.000.log'), line('earlier'));
    await look();
    renameSync(path, path.replace('events.log', 'events-2026-03-02T08-00-00.000.log'));
    writeFileSync(path, line(3));
    expect(await look()).toEqual(records(2, 3));
  });

  test('by truncation begins anew', async () => {
    const { path, look } = following(line(1) + line(2));
    await look();
    truncateSync(path);
    writeFileSync(path, line(3));
    expect(await look()).toEqual(records(1, 2, 3));
  });

  test('by removal goes on with the file that comes next', async () => {
    const { path, look } = following(line(1));
    await look();
    unlinkSync(path);
    await look();
    writeFileSync(path, line(2));
    expect(await look()).toEqual(records(1, 2));
  });

  test('counts a half line at the end of the old file, and does not join it with the new one', async () => {
    const { path, look } = following(`${line(1)}{"id":"cut`);
    await look();
    renameSync(path, `${path}.1`);
    writeFileSync(path, line(2));
    expect(await look()).toEqual([record(1), 'unreadable', record(2)]);
  });
});
