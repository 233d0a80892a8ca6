import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** What a command took, from its start to its end. */
export interface Peak {
  /** The most memory that was resident at once. */
  readonly peakBytes: number;
  readonly cpuMs: number;
}

const REPORT = join(import.meta.dirname, 'report-peak.ts');
const BIN = join(import.meta.dirname, '../../server/cli/bulkhead.ts');

/** Runs `bulkhead` with these arguments, its output thrown away. Throws when it does not end well. */
export async function peakOf(argv: readonly string[]): Promise<Peak> {
  const child = spawn(process.execPath, ['--import', REPORT, BIN, ...argv], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const [, , errors, report] = child.stdio as unknown as readonly [null, null, Readable, Readable];
  const [said, told, [code]] = await Promise.all([text(errors), text(report), once(child, 'close')]);
  if (code !== 0) throw new Error(`bulkhead ${argv.join(' ')} ended with ${code}: ${said}`);
  return JSON.parse(told) as Peak;
}
