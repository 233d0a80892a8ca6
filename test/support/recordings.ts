import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Folder of recorded flows and policy suites; a user's machine does not have it, CI must. */
const root = process.env['BULKHEAD_TEST_DATA'];

/** True when the recordings are there; in CI their absence is an error, not a reason to skip. */
export const hasRecordings = root !== undefined && existsSync(root);
if (!hasRecordings && process.env['CI'] === 'true') {
  throw new Error('BULKHEAD_TEST_DATA must name the folder of recordings when CI=true');
}

/** Appended to a suite's name, so that a skip says why. */
export const skippedWithoutRecordings = hasRecordings
  ? ''
  : ' (skipped: BULKHEAD_TEST_DATA does not name a folder of recordings)';

/** Absolute path of a recording; throws when the recordings are not there. */
export function recording(...parts: readonly string[]): string {
  if (root === undefined) throw new Error('BULKHEAD_TEST_DATA is not set');
  return join(root, ...parts);
}
