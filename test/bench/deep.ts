import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareAtLeast } from '../property/policy-fast-differential.ts';
import { DATA_SETS, writeExport } from './data.ts';
import { machineLine } from './machine.ts';
import { peakOf } from './peak.ts';
import { soak, soakMinutes } from './soak.ts';
import { fixed, grouped, megabytes, renderTable } from './table.ts';

/**
 * `npm run bench:deep`: a gigabyte of each simulated cluster through `bulkhead graph`, with its peak memory, a million
 * cells of the fast policy engine against the literal one, and a soak of the live receiver. Memory may
 * grow with pods and edges, never with flows: ten thousand workloads may take more than the budget.
 */
const GIGABYTE = 1024 ** 3;
const BUDGET_BYTES = 400e6;

async function measure(folder: string): Promise<string[][]> {
  const rows: string[][] = [];
  for (const dataSet of DATA_SETS) {
    const path = join(folder, 'export.jsonl');
    const bytes = await writeExport(path, dataSet, { bytes: GIGABYTE });
    const { peakBytes, cpuMs } = await peakOf(['graph', path]);
    rmSync(path);
    const verdict = peakBytes <= BUDGET_BYTES ? 'within' : 'over';
    const rate = grouped(bytes / 1000 / cpuMs);
    rows.push([dataSet.title, megabytes(bytes), fixed(cpuMs / 1000, 1), rate, megabytes(peakBytes), verdict]);
  }
  return rows;
}

process.stdout.write(`${machineLine()}\n\n`);
const folder = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'));
try {
  const rows = await measure(folder);
  process.stdout.write(
    `bulkhead graph over a gigabyte; the budget is ${megabytes(BUDGET_BYTES)} resident\n` +
      renderTable(['', 'export', 'CPU-s', 'MB/CPU-s', 'peak memory', 'budget'], rows),
  );
  const compared = compareAtLeast(1_000_000);
  process.stdout.write(
    `\nfast engine against the literal one: ${grouped(compared)} random cells, all equal\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (!(await soak(soakMinutes()))) process.exitCode = 1;
