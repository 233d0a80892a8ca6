import { readFile, writeFile } from 'node:fs/promises';
import type { Baseline } from '#core/baseline/baseline.ts';
import { decodeBaseline, encodeBaseline } from '#core/baseline/baseline-codec.ts';
import { printable, UsageError } from './terminal.ts';
import type { Toolbox } from './toolbox.ts';

const HEAD = '# A baseline of bulkhead: what was accepted as normal. Edit decisions, not counts.\n';

/** Writes a baseline as YAML, or to standard output for `-`. */
export async function writeBaseline(tools: Toolbox, path: string, baseline: Baseline): Promise<void> {
  const text = `${HEAD}${tools.printYaml(encodeBaseline(baseline))}`;
  if (path === '-') return tools.terminal.out(text);
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new UsageError(`${path} could not be written: ${(error as Error).message}`);
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new UsageError(
      isMissing ? `${path} does not exist.` : `${path} could not be read: ${(error as Error).message}`,
    );
  }
}

/** Reads a baseline that {@link writeBaseline} wrote. */
export async function readBaseline(tools: Toolbox, path: string): Promise<Baseline> {
  const text = await textOf(path);
  let value: unknown;
  try {
    value = tools.parseYaml(text);
  } catch (error) {
    throw new UsageError(
      `${path} is not valid YAML: ${printable((error as Error).message.split('\n')[0] ?? '')}`,
    );
  }
  const decoded = decodeBaseline(value);
  if (decoded.ok) return decoded.value;
  const { at, expected } = decoded.error;
  throw new UsageError(`${path} is no baseline of bulkhead: ${printable(at)} should be ${expected}.`);
}
