import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { demoProposal, exportInto } from '../../support/demo-proposal.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const EXAMPLE = fileURLToPath(new URL('../../../policies-out', import.meta.url));

const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [relative(folder, path), readFileSync(path, 'utf8')]),
  );

test('the example in policies-out is what the demo proposes today (renew it with `npm run golden`)', async () => {
  const fresh = tempFolder();
  await exportInto(fresh, demoProposal());
  expect(contents(EXAMPLE)).toEqual(contents(fresh));
});
