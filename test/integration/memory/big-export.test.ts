import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DATA_SETS, writeExport } from '../../bench/data.ts';
import { peakOf } from '../../bench/peak.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const MEGABYTE = 1024 ** 2;

/** `npm run bench:deep` measures a whole gigabyte, within 400 MB; a quarter of it is enough to notice growth. */
test.each(DATA_SETS.slice(0, 2))(
  'an export of 256 MB is read in at most 350 MB of memory: $title',
  async (dataSet) => {
    const path = join(tempFolder(), 'export.jsonl');
    const bytes = await writeExport(path, dataSet, { bytes: 256 * MEGABYTE });
    expect(bytes).toBeGreaterThan(255 * MEGABYTE);
    const { peakBytes } = await peakOf(['graph', path]);
    expect(peakBytes).toBeLessThanOrEqual(350 * MEGABYTE);
  },
);
