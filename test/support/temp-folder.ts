import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

const makeFolder = (): string => mkdtempSync(join(tmpdir(), 'bulkhead-test-'));
const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true });

/** A new folder that is removed when the test ends. */
export function tempFolder(): string {
  const folder = makeFolder();
  onTestFinished(() => remove(folder));
  return folder;
}

/** A new folder that is removed when the suite ends; call it while the suite is collected. */
export function tempFolderForSuite(): string {
  const folder = makeFolder();
  afterAll(() => remove(folder));
  return folder;
}
